import type { EntryId, Instant } from './ids.ts';
import { type Sensitivity, sensitivitiesLowestFirst } from './sensitivity.ts';

/**
 * A mark on data. Labels only grow along a task, so that a set of them is a join.
 *
 * Integrity, who could have written it: nothing is first party, `org` somebody of the organisation, `untrusted` anybody,
 * which is also what nobody vouches for. Sensitivity, who may read it: `public`, `internal`, `confidential`, `secret`;
 * `unlabelled` where nobody said.
 */
export type Label = 'untrusted' | 'org' | 'unlabelled' | Sensitivity;

export const labels: readonly Label[] = ['untrusted', 'org', 'unlabelled', ...sensitivitiesLowestFirst];

/** Where a task got a label: the entry whose result carried it. */
export interface LabelSource {
  readonly label: Label;
  readonly entry: EntryId;
  readonly server: string;
  readonly tool: string;
  readonly at: Instant;
}

export function labelsIn(sources: readonly LabelSource[]): Label[] {
  return sources.map(({ label }) => label);
}

/** What one entry brought: all its labels together, for people. */
export interface Brought extends Omit<LabelSource, 'label'> {
  readonly labels: readonly Label[];
}

/** By the entry that brought them, in the order in which they came. */
export function byEntry(sources: readonly LabelSource[]): Brought[] {
  return [...Map.groupBy(sources, ({ entry }) => entry).values()].flatMap(group => {
    const [first] = group;
    if (first === undefined) return [];
    const { label: _, ...source } = first;
    return [{ ...source, labels: group.map(({ label }) => label) }];
  });
}

/** Where an argument's value came from. `unknown` whenever nothing better can be shown. */
export type Origin = 'prompt' | 'plan' | 'approved' | 'trusted' | 'field' | 'text' | 'unknown';

/** From the best to the worst; a value of several parts has the worst of its parts. */
export const originsBestFirst: readonly Origin[] = [
  'prompt',
  'plan',
  'approved',
  'trusted',
  'field',
  'text',
  'unknown',
];

export function worstOrigin(origins: Iterable<Origin>): Origin | undefined {
  let worst = -1;
  for (const origin of origins) worst = Math.max(worst, originsBestFirst.indexOf(origin));
  return originsBestFirst[worst];
}
