import type { Action } from '../model/action.ts';
import type { Instant } from '../model/ids.ts';
import type { Task } from '../model/task.ts';
import { crossesSegment } from './segment.ts';

/**
 * The task with those endorsements alone that hold for this action now. A yes for a value, a tool or a source holds where
 * it was given, and is of no use for a step into another segment; one for a time is over when that is.
 */
export function withEndorsementsFor(task: Task, action: Action, now: Instant): Task {
  if (task.endorsements.length === 0) return task;
  const endorsements = crossesSegment(task, action)
    ? []
    : task.endorsements.filter(({ until }) => until === undefined || now < until);
  return endorsements.length === task.endorsements.length ? task : { ...task, endorsements };
}
