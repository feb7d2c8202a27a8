import type { Label } from '../model/label.ts';
import { type Sensitivity, sensitivityRank } from '../model/sensitivity.ts';
import type { Task } from '../model/task.ts';
import { highestOf } from '../provenance/labels/label.ts';

/**
 * A task's ceiling is a bound, like its limits: it holds in every mode, and what lies above it does not reach the agent.
 * What nobody labelled lies nowhere; it is for policy to say what becomes of it.
 */
export function aboveCeiling(labels: readonly Label[], { ceiling }: Pick<Task, 'ceiling'>): Sensitivity | undefined {
  const highest = highestOf(labels);
  return highest !== undefined && sensitivityRank(highest) > sensitivityRank(ceiling) ? highest : undefined;
}

/** Facts alone: it is said to the agent. */
export function keptBack(sensitivity: Sensitivity, { ceiling }: Pick<Task, 'ceiling'>): string {
  return `it is labelled ${sensitivity}, and this task may read up to ${ceiling}`;
}
