import type { Digest } from '@sallyport/core/model/action.ts';
import type { Declassified } from '@sallyport/core/model/declassification.ts';
import type { TaskDeclassified } from '@sallyport/core/model/entry.ts';
import type { EntryId } from '@sallyport/core/model/ids.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { guardedDigest } from '@sallyport/core/provenance/leaving/guarded.ts';
import { declassificationsMax, declassifyTask, hasRoom } from '@sallyport/core/task/declassify.ts';
import { actedBy, type Caller } from '../api/caller.ts';
import type { ApiError, DeclassifyOrder, Done } from '../api/control.ts';
import type { TaskPorts, TaskRoom } from './tasks.ts';

/**
 * A person lowers what a task has read, for the rest of it. It loosens, so it needs a reason and is in force only once it is
 * durable. The journal holds the digest of a value, never the value.
 */
export async function declassify(
  task: Task,
  order: DeclassifyOrder,
  by: Caller,
  { onceDurable }: Pick<TaskRoom, 'onceDurable'>,
  { state, newId, digest }: Pick<TaskPorts, 'state' | 'newId'> & { readonly digest: Digest },
): Promise<Done<undefined>> {
  if (order.why === '') return wrong('malformed', 'why', 'is required: it stands in the record');
  if (!hasRoom(task.declassified ?? []))
    return wrong('conflict', 'id', `a task has at most ${declassificationsMax} declassifications`);
  const what = whatOf(order, digest);
  if (what === undefined)
    return wrong(
      'malformed',
      'value',
      'must have 6 to 24 letters and digits; of more, declassify the entry that brought it',
    );
  const draft: TaskDeclassified = {
    ...{ kind: 'task.declassified', id: newId('e'), task: task.id, what, to: order.to, why: order.why },
    ...actedBy(by),
  };
  await onceDurable(draft, at => declassifyTask(state, draft, at));
  return { ok: true, value: undefined };
}

function whatOf({ value, entry }: DeclassifyOrder, digest: Digest): Declassified | undefined {
  if (entry !== undefined) return { kind: 'entry', entry: entry as EntryId };
  if (value === undefined) return { kind: 'task' };
  const found = guardedDigest(value, digest);
  return found === undefined ? undefined : { kind: 'value', digest: found };
}

function wrong(code: ApiError['code'], field: string, message: string): { ok: false; error: ApiError } {
  return { ok: false, error: { code, field, message } };
}
