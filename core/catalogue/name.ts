import { visible } from './text.ts';

/** MCP tool names (SEP-986), byte-exact: ASCII only, so that no two names differ by something that cannot be seen. */
const itemNamePattern = /^[A-Za-z0-9_./-]{1,128}$/;

/** Why `name` cannot be registered, or undefined. */
export function nameFault(name: string): string | undefined {
  if (itemNamePattern.test(name)) return undefined;
  const shown = `"${visible(name, 80, 'escape')}"`;
  if (name.length === 0) return 'the name is empty';
  if (name.length > 128) return `the name ${shown} is longer than 128 characters`;
  return `the name ${shown} holds characters other than A-Z a-z 0-9 _ . / -`;
}

/**
 * Two names with one skeleton are taken for one another by a reader: letter case, 0 and O, 1 and l and I, rn and m.
 * Across servers that is all; on one server `-`, `_`, `.` and `/` are one as well.
 */
export function skeleton(name: string): string {
  return name.toLowerCase().replace(/0/g, 'o').replace(/[1i]/g, 'l').replace(/rn/g, 'm').replace(/vv/g, 'w');
}

export function ownSkeleton(name: string): string {
  return skeleton(name).replace(/[-_./]+/g, '-');
}

/** For each name, the other names that `skeletonOf` makes equal to it. */
export function twinsOf(names: readonly string[], skeletonOf: (name: string) => string): ReadonlyMap<string, string[]> {
  const groups = Map.groupBy(new Set(names), skeletonOf);
  const twins = new Map<string, string[]>();
  for (const group of groups.values())
    for (const name of group.length > 1 ? group : [])
      twins.set(
        name,
        group.filter(other => other !== name),
      );
  return twins;
}
