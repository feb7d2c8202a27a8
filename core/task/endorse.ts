import { isPolicys } from '../model/acted.ts';
import type { Endorsement } from '../model/endorsement.ts';
import type { TaskEndorsed } from '../model/entry.ts';
import type { Instant } from '../model/ids.ts';
import type { Task } from '../model/task.ts';
import type { State } from './state.ts';

/** By people. Beyond, nothing more is endorsed: the question comes again. */
export const endorsementsMax = 200;
/** By policies. Beyond, the oldest is forgotten: what it vouched for counts as it would without. */
export const policyEndorsementsMax = 100;

/** Ends with its time or the task, and is never inherited. */
export function endorseTask(state: State, entry: TaskEndorsed, at: Instant): void {
  const record = state.tasks.get(entry.task);
  if (record === undefined || record.task.state.kind === 'ended') return;
  state.tasks.set(entry.task, { ...record, task: endorsed(record.task, entry, at) });
}

export function endorsed(task: Task, entry: TaskEndorsed, at: Instant): Task {
  const before = kept(task.endorsements, entry);
  if (before === undefined) return task;
  const { id, endorsed, reach, by, why, until, approval } = entry;
  const endorsement = {
    ...{ entry: id, endorsed, reach, by, why, at },
    ...(until === undefined ? {} : { until }),
    ...(approval === undefined ? {} : { approval }),
  };
  return { ...task, endorsements: [...before, endorsement] };
}

/** Undefined where there is room for no more. */
function kept(all: readonly Endorsement[], entry: TaskEndorsed): readonly Endorsement[] | undefined {
  const ofPolicies = all.filter(isPolicys);
  if (!isPolicys(entry)) return hasRoom(all) ? all : undefined;
  const [oldest] = ofPolicies;
  return ofPolicies.length < policyEndorsementsMax ? all : all.filter(one => one !== oldest);
}

/** For one more by a person. */
export function hasRoom(all: readonly Endorsement[]): boolean {
  return all.filter(one => !isPolicys(one)).length < endorsementsMax;
}
