import { raisedAgain } from '../model/declassification.ts';
import { type LabelSource, labelsIn } from '../model/label.ts';
import type { Task } from '../model/task.ts';

/** The task as one action of it is decided: with the labels of what the action carries, which are not the task's own. */
export function carrying(task: Task, carried: readonly LabelSource[]): Task {
  const fresh = carried.filter(
    ({ label }, index) => !task.labels.has(label) && carried.findIndex(source => source.label === label) === index,
  );
  const { declassified } = task;
  const counting = declassified && raisedAgain(declassified, labelsIn(carried));
  if (fresh.length === 0) return counting === declassified ? task : { ...task, declassified: counting ?? [] };
  const labels = new Set([...task.labels, ...fresh.map(({ label }) => label)]);
  const raised = { ...task, labels, sources: [...task.sources, ...fresh] };
  return counting === undefined ? raised : { ...raised, declassified: counting };
}
