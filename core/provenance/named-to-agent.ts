import type { Way } from '../model/way.ts';
import { isDoubtful, worstFirst } from './deciding.ts';

/**
 * Of the values that a decision hung on, those that its agent is told of, as it knows them: worst first. One that stands only in what it has
 * not seen is named with all others of its role that the agent knows from nowhere, in the order in which they were sent. An agent that sends
 * many guesses at once would else read which of them is right.
 */
export function namedToAgent(deciding: readonly Way[], all: readonly Way[]): readonly Way[] {
  const named = new Set(deciding);
  const blind = new Set(deciding.filter(isBlind).map(({ role }) => role));
  const chosen = all.filter(way => named.has(way) || (isDoubtful(way) && isBlind(way) && blind.has(way.role)));
  return worstFirst(chosen.map(way => (isBlind(way) ? { ...way, backing: 'nobody', found: [] } : way)));
}

/** Nothing that the agent has seen holds it. */
function isBlind({ found }: Way): boolean {
  return found.every(({ unseen }) => unseen === true);
}
