import type { Evaluation } from '@sallyport/core/policy/engine.ts';
import { failsBy } from './certain.ts';
import { looksAtApproval, mentionsOf } from './mentions.ts';
import type { LoadedPolicy } from './policy.ts';

/**
 * What a yes leaves as it is, of policies that were asked without one and gave no error. Nothing but `context.approved` differs
 * between the two questions, so each policy of which this is known need not be asked a second time.
 */
export interface WithYes {
  /** The ids of forbids that do not look at the approval: those that held hold, and no other does. */
  readonly unmoved: ReadonlySet<string>;
  /** Permits, of which the first answer may have said nothing, and forbids that look at the approval in another way than `isLifted`. */
  readonly open: ReadonlySet<LoadedPolicy>;
  /** Something of `open` looks at the approval. */
  readonly opensMore: boolean;
}

export function withYesOf(policies: readonly LoadedPolicy[]): WithYes {
  const forbids = policies.filter(({ info }) => info.effect === 'forbid');
  const unmoved = forbids.filter(policy => !looks(policy.conditions));
  const open = policies.filter(policy => !unmoved.includes(policy) && !isLifted(policy));
  return {
    unmoved: new Set(unmoved.map(({ info }) => info.id)),
    open: new Set(open),
    opensMore: open.some(policy => looks(policy.conditions)),
  };
}

/**
 * What is left to ask where the same was asked without a yes and gave `without`: fewer policies, or the answer itself, where a forbid
 * stands that no yes moves.
 */
export function leftWithYes(
  policies: readonly LoadedPolicy[],
  { unmoved, open, opensMore }: WithYes,
  without: Evaluation,
): { readonly ask: readonly LoadedPolicy[] } | { readonly answer: Evaluation } {
  if (without.errors.length > 0) return { ask: policies };
  const standing = without.determining.filter(id => unmoved.has(id));
  if (standing.length === 0) return { ask: policies.filter(policy => open.has(policy)) };
  if (opensMore) return { ask: policies };
  return { answer: { allowed: false, determining: Object.freeze(standing), errors: [] } };
}

function looks(conditions: LoadedPolicy['conditions']): boolean {
  return looksAtApproval(mentionsOf(conditions));
}

/**
 * A forbid that holds for nobody who has a yes: `forbid … when { … } unless { context.approved }`. What stands before the first
 * condition that looks at the approval is as it was, and did not err.
 */
function isLifted({ info, conditions }: LoadedPolicy): boolean {
  if (info.effect !== 'forbid') return false;
  const moved = conditions.find(condition => looks([condition]));
  const approved = (variable: string, path: readonly string[]): (() => true) | undefined =>
    variable === 'context' && path.length === 1 && path[0] === 'approved' ? () => true : undefined;
  return moved !== undefined && (failsBy([moved], approved)?.(undefined) ?? false);
}
