export type Found<T> =
  | { readonly kind: 'found'; readonly id: T }
  | { readonly kind: 'none' }
  | { readonly kind: 'many' };

/** Short enough to type, long enough that `t_` alone never picks the only task there is. */
const prefixCharsMin = 4;

/** The one id that begins with `text`. An id that is written in full is always found. */
export function findByPrefix<T extends string>(ids: Iterable<T>, text: string): Found<T> {
  if (text.length < prefixCharsMin) return { kind: 'none' };
  let found: T | undefined;
  for (const id of ids) {
    if (id === text) return { kind: 'found', id };
    if (!id.startsWith(text)) continue;
    if (found !== undefined) return { kind: 'many' };
    found = id;
  }
  return found === undefined ? { kind: 'none' } : { kind: 'found', id: found };
}
