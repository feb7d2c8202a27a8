import type { Reason } from '../model/decision.ts';
import { backingsBestFirst, type Role, type Way } from '../model/way.ts';
import type { PolicyEngine, PolicyRequest } from '../policy/engine.ts';
import { withWays } from './facts.ts';

/** Each costs one evaluation, for calls that do not go on. */
export const waysTriedMax = 8;

/** What of a decision hangs on the values of the call. */
export interface Deciding {
  /** Worst first. */
  readonly ways: readonly Way[];
  /** Those of the rules that would have said nothing with all values the principal's. */
  readonly rules: readonly string[];
}

/**
 * Of the values of a call those that stand in its way: with the origin of one of them alone, and everything else the principal's, one of
 * `reasons` would have decided as it did; where no single one is enough, all of them together. None where it would have decided so
 * whatever the values were. Pure; never throws.
 */
export function decidingValues(
  request: PolicyRequest,
  reasons: readonly Reason[],
  engine: Pick<PolicyEngine, 'evaluate'>,
): Deciding {
  const tried = worstFirst(request.flow.ways.filter(isDoubtful)).slice(0, waysTriedMax);
  if (tried.length === 0) return nothing;
  const stopping = (ways: readonly Way[]): ReadonlySet<string> =>
    rulesOf({ ...request, flow: withWays(request.flow, ways) }, engine);
  try {
    const [now, whatever] = [rulesOf(request, engine), stopping([])];
    const rules = reasons.map(({ rule }) => rule).filter(rule => now.has(rule) && !whatever.has(rule));
    if (rules.length === 0) return nothing;
    const alone = tried.filter(way => {
      const stopped = stopping([way]);
      return rules.some(rule => stopped.has(rule));
    });
    return { ways: alone.length > 0 ? alone : tried, rules };
  } catch {
    return nothing;
  }
}

const nothing: Deciding = { ways: [], rules: [] };

export function isDoubtful({ backing }: Way): boolean {
  return backing !== 'principal';
}

function rulesOf(request: PolicyRequest, engine: Pick<PolicyEngine, 'evaluate'>): ReadonlySet<string> {
  const { allowed, determining } = engine.evaluate(request, false);
  if (allowed) return new Set();
  return new Set(determining.length === 0 ? ['default-deny'] : determining);
}

const rolesGravestFirst: readonly Role[] = ['destination', 'command', 'amount', 'object', 'choice', 'content', 'plain'];

export function worstFirst(ways: readonly Way[]): readonly Way[] {
  return ways.toSorted(
    (a, b) =>
      backingsBestFirst.indexOf(b.backing) - backingsBestFirst.indexOf(a.backing) ||
      rolesGravestFirst.indexOf(a.role) - rolesGravestFirst.indexOf(b.role),
  );
}
