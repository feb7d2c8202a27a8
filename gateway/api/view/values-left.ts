import type { Way } from '@sallyport/core/model/way.ts';
import type { FactsView } from './decision.ts';
import type { ValueView } from './value.ts';

/** What the agent wrote itself, and what decides nothing, is no news. */
export function isTelling({ role, backing }: Pick<Way, 'role' | 'backing'>): boolean {
  return backing !== 'principal' && role !== 'plain' && !(role === 'content' && backing !== 'text');
}

/** How many values of which there is doubt are not among those that are shown: many would else hide one. */
export function valuesLeft({
  values,
  facts,
}: {
  readonly values: readonly ValueView[];
  readonly facts?: FactsView | undefined;
}): number {
  const ways = (facts?.flow.ways ?? []) as readonly Way[];
  return Math.max(0, ways.filter(isTelling).length - values.length);
}
