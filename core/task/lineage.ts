import type { TaskId } from '../model/ids.ts';
import type { Task } from '../model/task.ts';
import type { State } from './state.ts';

/** Delegations that may follow one another, whatever a limit says. */
export const lineageMax = 16;

/** The task and those above it, from which its authority came: itself first. */
export function lineage(state: State, id: TaskId): Task[] {
  const tasks: Task[] = [];
  for (let next: TaskId | undefined = id; next !== undefined && tasks.length <= lineageMax; ) {
    const task: Task | undefined = state.tasks.get(next)?.task;
    if (task === undefined) break;
    tasks.push(task);
    next = task.parent;
  }
  return tasks;
}

/** The task and all below it, the deepest first: the order in which they end. */
export function descent(state: State, id: TaskId): TaskId[] {
  const children = state.tasks.get(id)?.children ?? [];
  return [...children.flatMap(child => descent(state, child)), id];
}
