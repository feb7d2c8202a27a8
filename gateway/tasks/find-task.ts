import type { Task } from '@sallyport/core/model/task.ts';
import { findByPrefix } from '@sallyport/core/task/find.ts';
import type { State } from '@sallyport/core/task/state.ts';
import type { ApiError, Done } from '../api/control.ts';

/** The task that somebody named by its id, or by a beginning of it that only one has; else `not-found` or `ambiguous`. */
export function findTask(state: State, id: string): Done<Task> {
  const found = findByPrefix(state.tasks.keys(), id);
  const task = found.kind === 'found' ? state.tasks.get(found.id)?.task : undefined;
  if (task !== undefined) return { ok: true, value: task };
  return { ok: false, error: found.kind === 'many' ? ambiguous : notFound };
}

/** The same of a task that has not ended; of one that has, `conflict`. */
export function findOpenTask(state: State, id: string): Done<Task> {
  const found = findTask(state, id);
  return found.ok && found.value.state.kind === 'ended' ? { ok: false, error: endedBefore } : found;
}

const notFound: ApiError = {
  code: 'not-found',
  field: 'id',
  message: 'there is no such task here; tasks that ended long ago are only in the journal',
  fix: 'see: sallyport tasks',
};
const ambiguous: ApiError = {
  code: 'ambiguous',
  field: 'id',
  message: 'more than one task begins like this',
  fix: 'give more of it',
};
const endedBefore: ApiError = {
  code: 'conflict',
  field: 'id',
  message: 'this task has ended already',
  fix: 'what it did: sallyport task ID; those that are open: sallyport tasks',
};
