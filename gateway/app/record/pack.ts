import { Counts } from '@sallyport/core/behaviour/usual.ts';

/** Marks, in JSON, what JSON has no word for. No object of ours has a member of this name. */
const mark = '%';

/**
 * A value made of plain objects, lists, maps, sets and counts, for `JSON.stringify` to write with marks. What is written is made as it
 * is written, one object at a time: the state of many tasks is not there a second time. Writing throws for anything else: what
 * could not come back as it was is not kept.
 */
export function pack(value: unknown): unknown {
  if (value === undefined) return { [mark]: 'undefined' };
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return value;
  return { toJSON: () => withMarks(value) };
}

/** One level of it. */
function withMarks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pack);
  if (value instanceof Map) return { [mark]: 'map', of: Array.from(value, pair => pair.map(pack)) };
  if (value instanceof Set) return { [mark]: 'set', of: Array.from(value, pack) };
  if (value instanceof Counts) return { [mark]: 'counts', max: value.max, of: [...value.entries()] };
  if (
    typeof value !== 'object' ||
    Object.getPrototypeOf(value) !== Object.prototype ||
    Object.hasOwn(value as object, mark)
  )
    throw new TypeError('a value of this kind cannot be packed');
  return Object.fromEntries(Object.entries(value as object).map(([name, member]) => [name, pack(member)]));
}

/** What `pack` was given. For texts whose signature was checked: nothing is validated. */
export function unpack(packed: unknown): unknown {
  if (typeof packed !== 'object' || packed === null) return packed;
  if (Array.isArray(packed)) return packed.map(unpack);
  if (!Object.hasOwn(packed, mark))
    return Object.fromEntries(Object.entries(packed).map(([name, member]) => [name, unpack(member)]));
  const { [mark]: kind, of = [], max = 0 } = packed as { [mark]: string; of?: unknown[]; max?: number };
  switch (kind) {
    case 'undefined':
      return undefined;
    case 'map':
      return new Map(of.map(pair => unpack(pair) as [unknown, unknown]));
    case 'set':
      return new Set(of.map(unpack));
    case 'counts':
      return new Counts(max, of as [string, number][]);
    default:
      throw new TypeError('this was not packed here');
  }
}
