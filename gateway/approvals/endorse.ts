import type { Acted, PersonProof } from '@sallyport/core/model/acted.ts';
import type { Endorsed, Endorsement, Reach } from '@sallyport/core/model/endorsement.ts';
import type { TaskEndorsed } from '@sallyport/core/model/entry.ts';
import type { ApprovalId, Instant, TaskId } from '@sallyport/core/model/ids.ts';
import { endorsementsMax, endorseTask, hasRoom } from '@sallyport/core/task/endorse.ts';
import type { ApprovalPorts } from './approvals.ts';

export interface EndorseOrder extends Acted {
  readonly task: TaskId;
  readonly endorsed: Endorsed;
  readonly reach: Reach;
  /** In the person's own words; it stands in the journal. */
  readonly why: string;
  /** Absent: for as long as the task. */
  readonly until?: Instant;
  /** The question that this answers, if it answers one. */
  readonly approval?: ApprovalId;
  readonly proof: PersonProof;
}

export type EndorseAnswer =
  | { readonly ok: true; readonly endorsement: Endorsement | undefined }
  | { readonly ok: false; readonly conflict: string };

/**
 * An operator stands behind a value, a tool or a source for the rest of one task or a time of it. Like every yes it loosens, so it is
 * in force only once it is durable. It is a fact for the decisions that follow and permits nothing by itself.
 */
export function createEndorse(ports: Pick<ApprovalPorts, 'state' | 'journal' | 'newId' | 'now'>) {
  return async (order: EndorseOrder): Promise<EndorseAnswer> => {
    const task = ports.state.tasks.get(order.task)?.task;
    if (task === undefined || task.state.kind === 'ended') return { ok: false, conflict: 'its task has ended' };
    if (!hasRoom(task.endorsements))
      return { ok: false, conflict: `a task has at most ${endorsementsMax} endorsements` };
    const draft: TaskEndorsed = {
      kind: 'task.endorsed',
      id: ports.newId('e'),
      ...order,
    };
    const { at, durable } = ports.journal.place(draft);
    await durable;
    endorseTask(ports.state, draft, at);
    const all = ports.state.tasks.get(order.task)?.task.endorsements ?? [];
    return { ok: true, endorsement: all.find(({ entry }) => entry === draft.id) };
  };
}
