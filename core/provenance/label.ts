import type { Label } from '../model/label.ts';
import { type Sensitivity, sensitivityRank } from '../model/sensitivity.ts';
import type { Tool } from '../model/tool.ts';

/** What content is marked with for which nobody vouches. */
export const worstLabels: readonly Label[] = ['untrusted'];

/** What a tool's results, errors and progress are marked with: untrusted, unless the catalogue vouches. */
export function labelsOf(tool: Tool): readonly Label[] {
  return tool.trustedResult ? [] : worstLabels;
}

export interface Ranks {
  /** 0 first party, 1 organisation, 2 external. */
  readonly integrity: number;
  /** As `sensitivityRank`: of what somebody labelled. */
  readonly sensitivity: number;
  /** False once the task holds anything whose sensitivity nobody stated. */
  readonly sensitivityKnown: boolean;
}

/** Integrity and sensitivity of a task: the join of all its labels. */
export function ranksOf(labels: ReadonlySet<Label>): Ranks {
  const stated = [...labels].filter((label): label is Sensitivity => label !== 'untrusted' && label !== 'org');
  return {
    integrity: labels.has('untrusted') ? 2 : labels.has('org') ? 1 : 0,
    sensitivity: Math.max(0, ...stated.map(sensitivityRank)),
    sensitivityKnown: labels.size === 0 || stated.length > 0,
  };
}
