import type { Field, List } from './result-index.ts';

/** The lists of plain values among the fields of one result. */
export function listsIn(fields: ReadonlyMap<string, readonly Field[]>): readonly List[] {
  const lists = new Map<string, { readonly path: string; readonly values: Map<string, string[]> }>();
  for (const [key, places] of fields)
    for (const { path: at, record } of places) {
      const path = listIn(at);
      if (path === undefined) continue;
      const list = lists.get(`${record} ${path}`) ?? { path, values: new Map<string, string[]>() };
      lists.set(`${record} ${path}`, list);
      const spellings = list.values.get(at) ?? [];
      list.values.set(at, [...spellings, key]);
    }
  return [...lists.values()].map(({ path, values }) => ({ path, values: [...values.values()] }));
}

/** `members` of `members[2]`: the list that a value is one of. */
export function listIn(path: string): string | undefined {
  if (!path.endsWith(']')) return undefined;
  return path.slice(0, path.lastIndexOf('['));
}
