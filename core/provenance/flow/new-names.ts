import type { Way } from '../../model/way.ts';

/** Of things and places. */
export function isName({ role }: Way): boolean {
  return role === 'object' || role === 'destination';
}

/**
 * The names in a call that stood nowhere before it, and that no earlier action of the task has used: nothing but the action itself can
 * bring about what they name, so whatever names it later builds on it.
 */
export function newNamesIn(ways: readonly Way[], used: ReadonlySet<string>): readonly string[] {
  let coined: Set<string> | undefined;
  for (const way of ways)
    if (isName(way) && way.origin === 'unknown' && !used.has(way.digest))
      coined = (coined ?? new Set()).add(way.digest);
  return coined === undefined ? [] : [...coined];
}
