import { loweredBy, raisedAgain } from '../model/declassification.ts';
import type { TaskDeclassified } from '../model/entry.ts';
import type { Instant, TaskId } from '../model/ids.ts';
import type { LabelSource } from '../model/label.ts';
import { labelsIn } from '../model/label.ts';
import type { State } from './state.ts';

export const declassificationsMax = 200;

/** Ends with the task, and is never inherited. Beyond the limit nothing more is lowered: the question comes again. */
export function declassifyTask(state: State, entry: TaskDeclassified, at: Instant): void {
  const record = state.tasks.get(entry.task);
  if (record === undefined || record.task.state.kind === 'ended') return;
  const { declassified = [], labels } = record.task;
  if (declassified.length >= declassificationsMax) return;
  const { id, what, to, by, why } = entry;
  const lowers = what.kind === 'task' ? loweredBy(labels, to) : [];
  const task = { ...record.task, declassified: [...declassified, { entry: id, what, to, lowers, by, why, at }] };
  state.tasks.set(entry.task, { ...record, task });
}

/** Whatever is read counts, however often its like was lowered. */
export function countAgain(state: State, id: TaskId, sources: readonly LabelSource[]): void {
  const record = state.tasks.get(id);
  const { declassified } = record?.task ?? {};
  if (record === undefined || declassified === undefined) return;
  const left = raisedAgain(declassified, labelsIn(sources));
  if (left !== declassified) state.tasks.set(id, { ...record, task: { ...record.task, declassified: left } });
}
