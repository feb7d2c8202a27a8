import type { LabelSource } from '../model/label.ts';
import type { Task } from '../model/task.ts';
import { withBrought } from '../task/declassify.ts';

/** The task as one action of it is decided: with the labels of what the action carries, which are not the task's own. */
export function carrying(task: Task, carried: readonly LabelSource[]): Task {
  if (carried.length === 0) return task;
  const fresh = carried.filter(
    ({ label }, index) => !task.labels.has(label) && carried.findIndex(source => source.label === label) === index,
  );
  const counting = withBrought(task, carried);
  if (fresh.length === 0) return counting;
  const labels = new Set([...task.labels, ...fresh.map(({ label }) => label)]);
  return { ...counting, labels, sources: [...task.sources, ...fresh] };
}
