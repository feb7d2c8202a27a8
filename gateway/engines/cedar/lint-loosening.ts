import { isLoosening, obligationsIn } from '@sallyport/core/policy/obligation.ts';
import { type ParsedPolicy, problemAt } from './parsed.ts';
import type { PolicyProblem } from './problem.ts';

/**
 * A policy that lowers what results carry, or stands behind them, answers for it: it says why, and for exactly which tools. A class
 * or a server is no name for that: what is in it follows from words that a server chose.
 */
export function lintLoosening(policy: ParsedPolicy): PolicyProblem[] {
  const found = obligationsIn(policy.annotations.get('obligation') ?? '').find(isLoosening);
  if (found === undefined || policy.effect === 'forbid') return [];
  const what = `the obligation \`${found.name}\``;
  return [
    ...((policy.annotations.get('reason') ?? '').trim() !== ''
      ? []
      : [problemAt(policy.place, `${what} needs a reason`, 'write `@reason("…")`: it stands in the record as why')]),
    ...(namesTools(policy)
      ? []
      : [problemAt(policy.place, `${what} needs its tools by name`, 'write `action == Action::"SERVER/TOOL"`')]),
  ];
}

function namesTools({ scope: { action } }: ParsedPolicy): boolean {
  if (action.kind === 'equals') return isTool(action.entity);
  return action.kind === 'in' && action.entities.every(isTool);
}

/** Classes of actions have no server before them. */
function isTool({ id }: { readonly id: string }): boolean {
  return id.includes('/');
}
