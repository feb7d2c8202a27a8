import { isPolicys } from '../model/acted.ts';
import { broughtMore, type Declassification, lessBrought } from '../model/declassification.ts';
import type { TaskDeclassified } from '../model/entry.ts';
import type { Instant } from '../model/ids.ts';
import type { LabelSource } from '../model/label.ts';
import type { Task } from '../model/task.ts';
import type { State } from './state.ts';

/** By people. Beyond, nothing more is lowered: the question comes again. */
export const declassificationsMax = 200;
/** By policies. Beyond, the oldest is forgotten: what it lowered is found again in what leaves. */
export const policyDeclassificationsMax = 100;

/** Ends with the task, and is never inherited. */
export function declassifyTask(state: State, entry: TaskDeclassified, at: Instant): void {
  const record = state.tasks.get(entry.task);
  if (record === undefined || record.task.state.kind === 'ended') return;
  const before = kept(record.task.declassified ?? [], entry);
  if (before === undefined) return;
  const { id, what, to, by, why } = entry;
  const { left: brought, lowers } = lessBrought(record.task.brought, record.task.labels, entry);
  const task = { ...record.task, brought, declassified: [...before, { entry: id, what, to, lowers, by, why, at }] };
  state.tasks.set(entry.task, { ...record, task });
}

/** Undefined where there is room for no more. */
function kept(all: readonly Declassification[], entry: TaskDeclassified): readonly Declassification[] | undefined {
  const ofPolicies = all.filter(isPolicys);
  if (!isPolicys(entry)) return all.length - ofPolicies.length < declassificationsMax ? all : undefined;
  const [oldest] = ofPolicies;
  return ofPolicies.length < policyDeclassificationsMax ? all : all.filter(one => one !== oldest);
}

/** What came with these sources counts. */
export function withBrought(task: Task, sources: readonly LabelSource[], apart = true): Task {
  const brought = broughtMore(task.brought, sources, apart);
  return brought === task.brought || brought.size === 0 ? task : { ...task, brought };
}
