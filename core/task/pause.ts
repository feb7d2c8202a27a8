import type { TaskRenewed, TaskResumed, TaskSuspended } from '../model/entry.ts';
import type { Instant } from '../model/ids.ts';
import type { State } from './state.ts';

/** The moves that end nothing: a task waits, goes on, or gets another token. Each is made by the fold and the gateway alike. */

export function suspendTask(state: State, { task: id, by, why }: TaskSuspended, at: Instant): void {
  const record = state.tasks.get(id);
  if (record?.task.state.kind !== 'open') return;
  state.tasks.set(id, { ...record, task: { ...record.task, suspended: { at, by, why } } });
}

/** Time that it was suspended counts towards its absolute limit, not towards its idle one. */
export function resumeTask(state: State, { task: id }: TaskResumed, at: Instant): void {
  const record = state.tasks.get(id);
  if (record?.task.state.kind !== 'open') return;
  state.tasks.set(id, { ...record, touchedAt: at, task: { ...record.task, suspended: undefined } });
}

/** Whoever still holds the token before it holds nothing. */
export function renewTask(state: State, { task: id, tokenHash }: TaskRenewed): void {
  const record = state.tasks.get(id);
  if (record?.task.state.kind !== 'open') return;
  if (record.tokenHash !== undefined) state.tokens.delete(record.tokenHash);
  state.tokens.set(tokenHash, id);
  state.tasks.set(id, { ...record, tokenHash, tokenRevoked: false });
}
