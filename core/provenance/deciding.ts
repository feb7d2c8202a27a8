import type { Reason } from '../model/decision.ts';
import { backingsBestFirst, type Role, type Way } from '../model/way.ts';
import type { PolicyEngine, PolicyRequest } from '../policy/engine.ts';
import { nameIn, withDoubtOnly } from './facts.ts';

/** Sorts of values; each costs one evaluation, and where no single one is enough two, for calls that do not go on. */
export const sortsTriedMax = 8;

/** What of a decision hangs on the values of the call. */
export interface Deciding {
  /** Worst first. */
  readonly ways: readonly Way[];
  /** All that were looked at: of others, and where this is empty, nobody knows. */
  readonly tried: readonly Way[];
  /** Those of the rules that would have said nothing with all values the principal's. */
  readonly rules: readonly string[];
}

/**
 * Of the values of a call those that stand in its way: with the origin of one of them alone, and everything else the principal's, one of
 * `reasons` would have decided as it did; where no single one is enough, those that are together, and none of which can be left out. None
 * where it would have decided so whatever the values were. Pure; never throws.
 */
export function decidingValues(
  request: PolicyRequest,
  reasons: readonly Reason[],
  engine: Pick<PolicyEngine, 'evaluate'>,
): Deciding {
  const doubtful = worstFirst(request.flow.ways.filter(isDoubtful));
  if (doubtful.length === 0) return unknown;
  const sorts = [...Map.groupBy(doubtful, sortOf).values()].slice(0, sortsTriedMax);
  const tried = sorts.flat();
  try {
    const asked = stoppedAs(request, reasons, engine);
    if (asked === undefined) return unknown;
    const stopping = (ways: readonly Way[]): ReadonlySet<string> =>
      rulesOf({ ...asked.request, flow: withDoubtOnly(request.flow, ways) }, engine);
    const whatever = stopping([]);
    const rules = asked.rules.filter(rule => !whatever.has(rule));
    if (rules.length === 0) return { ways: [], tried, rules };
    const stops = (ways: readonly Way[]): boolean => {
      const stopped = stopping(ways);
      return rules.some(rule => stopped.has(rule));
    };
    const alone = sorts.filter(stops);
    const ways = alone.length > 0 ? alone.flat() : together(sorts, stops);
    return ways.length === 0 ? unknown : { ways, tried, rules };
  } catch {
    return unknown;
  }
}

const unknown: Deciding = { ways: [], tried: [], rules: [] };

/** Values of one sort give policy the very same facts. */
function sortOf({ argument, role, backing, origin }: Way): string {
  return `${role} ${backing} ${origin} ${nameIn(argument)}`;
}

/** Empty where all of them are not enough: what stopped it lies in values that were not looked at. */
function together(sorts: readonly (readonly Way[])[], stops: (ways: readonly Way[]) => boolean): readonly Way[] {
  let kept = sorts;
  if (!stops(kept.flat())) return [];
  for (const sort of sorts.toReversed()) {
    const without = kept.filter(other => other !== sort);
    if (stops(without.flat())) kept = without;
  }
  return kept.flat();
}

/** As whom it was stopped so: as the agent itself, or as one that it acts for. */
function stoppedAs(
  request: PolicyRequest,
  reasons: readonly Reason[],
  engine: Pick<PolicyEngine, 'evaluate'>,
): { readonly request: PolicyRequest; readonly rules: readonly string[] } | undefined {
  for (const agent of [request.agent, ...(request.actors ?? [])]) {
    const asked = { ...request, agent };
    const now = rulesOf(asked, engine);
    const rules = reasons.map(({ rule }) => rule).filter(rule => now.has(rule));
    if (rules.length > 0) return { request: asked, rules };
  }
  return undefined;
}

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
