import type { ResultIndex } from './index.ts';
import type { Words } from './words.ts';

/** What the principal's words pick out of one result; kept until they say more. */
interface Picks {
  readonly version: number;
  readonly records: Map<number, boolean>;
  /** Lists of which they pick out at least one record. */
  readonly lists: ReadonlySet<number>;
}

const known = new WeakMap<ResultIndex, Picks>();

function picksOf(index: ResultIndex, words: Words): Picks {
  const found = known.get(index);
  if (found !== undefined && found.version === words.version) return found;
  const records = new Map<number, boolean>();
  const lists = new Set<number>();
  for (const [at, { list }] of index.records.entries())
    if (list >= 0 && isNamed(at, index, words, records)) lists.add(list);
  const made = { version: words.version, records, lists };
  known.set(index, made);
  return made;
}

/** A record that holds a value the principal's words point at, or is a part of one. */
export function isPicked(record: number, index: ResultIndex, words: Words): boolean {
  return isNamed(record, index, words, picksOf(index, words).records);
}

function isNamed(record: number, index: ResultIndex, words: Words, memo: Map<number, boolean>): boolean {
  for (let at = record; at > 0; at = index.records[at]?.within ?? 0) {
    const named = memo.get(at) ?? index.records[at]?.values.some(value => words.pointAt(value)) === true;
    memo.set(at, named);
    if (named) return true;
  }
  return false;
}

/** It stands in a list of which the principal's words pick out another record. */
export function isPassedOver(record: number, index: ResultIndex, words: Words): boolean {
  const { lists } = picksOf(index, words);
  if (lists.size === 0) return false;
  for (let at = record; at > 0; at = index.records[at]?.within ?? 0) {
    const list = index.records[at]?.list ?? -1;
    if (list >= 0) return lists.has(list);
  }
  return false;
}
