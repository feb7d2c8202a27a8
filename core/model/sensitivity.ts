/** Who may read something: from everybody to nearly nobody. */
export type Sensitivity = 'public' | 'internal' | 'confidential' | 'secret';

export const sensitivitiesLowestFirst: readonly Sensitivity[] = ['public', 'internal', 'confidential', 'secret'];

/** 0 for `public` to 3 for `secret`: what policy compares. */
export function sensitivityRank(sensitivity: Sensitivity): number {
  return sensitivitiesLowestFirst.indexOf(sensitivity);
}
