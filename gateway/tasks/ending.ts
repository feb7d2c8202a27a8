import type { PlacingJournal } from '@sallyport/core/mediate/ports.ts';
import { type Acted, byGateway } from '@sallyport/core/model/acted.ts';
import type { TaskEnded } from '@sallyport/core/model/entry.ts';
import type { TaskId } from '@sallyport/core/model/ids.ts';
import { descent } from '@sallyport/core/task/lineage.ts';
import { type AtWork, isIdle, isOver } from '@sallyport/core/task/standing.ts';
import { endedAbove, endTask, forgetEnded } from '@sallyport/core/task/task.ts';
import type { AmbientPorts } from './ambient.ts';
import type { InOrder } from './in-order.ts';
import type { Reservations } from './reservations.ts';

export interface EndingPorts extends Pick<AmbientPorts, 'state' | 'newId' | 'now'> {
  readonly journal: Pick<PlacingJournal, 'place'>;
  /** These tasks have ended: what hangs on them outside this room ends too. Called before it is durable. */
  readonly onEnded?: (tasks: readonly TaskId[]) => void;
}

export interface Ending {
  /** In force at once, durable once it resolves. */
  readonly end: (task: TaskId, by: Acted, why: string) => Promise<void>;
  /** Ends the tasks whose time is over, and those that idled too long. */
  readonly endOverdue: () => Promise<void>;
}

/** How tasks end: each with all that is below it. */
export function createEnding(
  { state, now, newId, journal, onEnded }: EndingPorts,
  { atOnce }: Pick<InOrder, 'atOnce'>,
  { recheck }: Pick<Reservations, 'recheck'>,
  atWork: AtWork,
): Ending {
  async function end(task: TaskId, by: Acted, why: string): Promise<void> {
    const open = descent(state, task).filter(id => state.tasks.get(id)?.task.state.kind === 'open');
    const drafts = open.map((id): TaskEnded => {
      const draft = { kind: 'task.ended' as const, id: newId('e'), task: id, ...by };
      return { ...draft, why: id === task ? why : endedAbove };
    });
    // Before, so that whoever ends them can be shown how they stand.
    forgetEnded(state, atWork);
    const placed = drafts.map(draft => ({ draft, ...journal.place(draft) }));
    // Again after what is just being opened below them: it ends with them.
    for (const { draft, at } of placed) atOnce(() => endTask(state, draft, at));
    recheck();
    onEnded?.(open);
    await Promise.all(placed.map(({ durable }) => durable));
  }

  /** A call that is under way is work, however long it takes; an ambient task is ended by the call that follows it. */
  async function endOverdue(): Promise<void> {
    const ended = [...state.tasks.values()].flatMap(record => {
      const { task } = record;
      if (task.kind === 'ambient' || task.state.kind !== 'open') return [];
      if (isOver(task, now())) return [end(task.id, byGateway, 'its time was over')];
      return isIdle(record, now(), atWork) ? [end(task.id, byGateway, 'nothing was done in it for too long')] : [];
    });
    await Promise.all(ended);
  }

  return { end, endOverdue };
}
