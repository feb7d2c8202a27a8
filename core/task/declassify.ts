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
  state.tasks.set(entry.task, { ...record, task: declassified(record.task, entry, at) });
}

export function declassified(task: Task, entry: TaskDeclassified, at: Instant): Task {
  const before = kept(task.declassified ?? [], entry);
  if (before === undefined) return task;
  const { id, what, to, by, why } = entry;
  const { left: brought, lowers } = lessBrought(task.brought, task.labels, entry);
  return { ...task, brought, declassified: [...before, { entry: id, what, to, lowers, by, why, at }] };
}

/** Undefined where there is room for no more. */
function kept(all: readonly Declassification[], entry: TaskDeclassified): readonly Declassification[] | undefined {
  const ofPolicies = all.filter(isPolicys);
  if (!isPolicys(entry)) return hasRoom(all) ? all : undefined;
  const [oldest] = ofPolicies;
  return ofPolicies.length < policyDeclassificationsMax ? all : all.filter(one => one !== oldest);
}

/** For one more by a person. */
export function hasRoom(all: readonly Declassification[]): boolean {
  return all.filter(one => !isPolicys(one)).length < declassificationsMax;
}

/** What came with these sources counts. */
export function withBrought(task: Task, sources: readonly LabelSource[], apart = true): Task {
  const brought = broughtMore(task.brought, sources, apart);
  return brought === task.brought || brought.size === 0 ? task : { ...task, brought };
}
