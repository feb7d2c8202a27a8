import type { Way } from '../model/way.ts';

/** Of things and places. */
export function isName({ role }: Way): boolean {
  return role === 'object' || role === 'destination';
}

/**
 * The names in a call that stood nowhere before it, and that no earlier action of the task has used: nothing but the action itself can
 * bring about what they name, so whatever names it later builds on it.
 */
export function coinedIn(ways: readonly Way[], used: ReadonlySet<string>): readonly string[] {
  const coined = ways.filter(way => isName(way) && way.origin === 'unknown' && !used.has(way.digest));
  return [...new Set(coined.map(({ digest }) => digest))];
}
