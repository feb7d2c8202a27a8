import type { Rec, ResultIndex } from '../result/result-index.ts';
import { eachPlainWord } from '../said/plain-words.ts';
import type { Words } from '../said/words.ts';

/** What the principal's words pick out of one result; kept until they say more. */
interface Picks {
  readonly version: number;
  readonly records: Map<number, Match>;
  /** Lists of which they pick out at least one record, and how well. */
  readonly lists: ReadonlyMap<number, Match>;
  /** Records in which somebody stands of whom they have all of the name; found when it is first asked for. */
  named?: ReadonlySet<number>;
  /** Of lists that were asked about, the words that describe some of their records and not others. */
  readonly described: Map<number, Telling>;
}

/** Plain words that the principal said, and that some records of a list have and others lack. */
interface Telling {
  readonly all: ReadonlySet<string>;
  /** Those that no record has which their words pick out: they are not said of that one. */
  readonly ofOthers: ReadonlySet<string>;
}

/** By all of a name, by a word of one, or not at all. */
type Match = 'whole' | 'part' | 'no';

const known = new WeakMap<ResultIndex, Picks>();

function picksOf(index: ResultIndex, words: Words): Picks {
  const found = known.get(index);
  if (found !== undefined && found.version === words.version) return found;
  const records = new Map<number, Match>();
  const lists = new Map<number, Match>();
  for (const [at, { list }] of index.records.entries()) {
    if (list < 0 || lists.get(list) === 'whole') continue;
    const match = matchOf(at, index, words, records);
    if (match !== 'no') lists.set(list, match);
  }
  const made: Picks = { version: words.version, records, lists, described: new Map() };
  known.set(index, made);
  return made;
}

/**
 * A record that holds a value the principal's words point at, or is a part of one. Where a record of the same list has all of a
 * name, one that has only a word of it is another.
 */
export function isPicked(record: number, index: ResultIndex, words: Words): boolean {
  const { records, lists } = picksOf(index, words);
  for (let at = record; at > 0; at = index.records[at]?.within ?? 0) {
    const match = ownMatch(at, index, words, records);
    const list = index.records[at]?.list ?? -1;
    if (match === 'whole' || (match === 'part' && lists.get(list) !== 'whole')) return true;
  }
  return false;
}

/** Two that are named stand in one record (`client`, `opposingCounsel`), and the principal's words have all of the other one's name. */
export function isBesideNamed(record: number, index: ResultIndex, words: Words): boolean {
  const own = index.records[record];
  if (own?.named === undefined || own.list >= 0 || own.within <= 0) return false;
  const picks = picksOf(index, words);
  if (ownMatch(record, index, words, picks.records) !== 'no') return false;
  picks.named ??= aroundNamed(index, words);
  return picks.named.has(own.within);
}

function aroundNamed({ records }: ResultIndex, words: Words): ReadonlySet<number> {
  const found = new Set<number>();
  for (const { within, list, named } of records)
    if (named !== undefined && list < 0 && within > 0 && !found.has(within) && words.say(named)) found.add(within);
  return found;
}

function matchOf(record: number, index: ResultIndex, words: Words, memo: Map<number, Match>): Match {
  let best: Match = 'no';
  for (let at = record; at > 0; at = index.records[at]?.within ?? 0) {
    const match = ownMatch(at, index, words, memo);
    if (match === 'whole') return 'whole';
    if (match === 'part') best = 'part';
  }
  return best;
}

function ownMatch(at: number, index: ResultIndex, words: Words, memo: Map<number, Match>): Match {
  const found = memo.get(at);
  if (found !== undefined) return found;
  const matches = (index.records[at]?.values ?? []).map(value => words.pointAt(value));
  const match = matches.includes('whole') ? 'whole' : matches.includes('part') ? 'part' : 'no';
  memo.set(at, match);
  return match;
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

/**
 * Plain words of theirs that are no names (`the wicker chair`) describe this record of its list, or others and not this one:
 * of the words that they said, it has none that some records of the list have and others lack. What a record has in common with
 * one that is picked out describes neither.
 */
export function describedIn(record: number, index: ResultIndex, words: Words): 'this' | 'others' | 'none' {
  const own = index.records[record];
  if (own === undefined || own.list < 0) return 'none';
  const { described } = picksOf(index, words);
  const telling = described.get(own.list) ?? tellingIn(own.list, index, words);
  described.set(own.list, telling);
  const has = [...saidIn(own, words.plain())];
  if (has.some(word => telling.ofOthers.has(word))) return 'this';
  return telling.all.size > 0 && !has.some(word => telling.all.has(word)) ? 'others' : 'none';
}

/**
 * Another record of its list has all that the principal's words point at in this one, and more of their plain words: who wants
 * `the red builds of 1.4` means none that is green.
 */
export function isLeftOver(record: number, index: ResultIndex, words: Words): boolean {
  const own = index.records[record];
  if (own === undefined || own.list < 0) return false;
  const pointing = own.values.filter(value => words.pointAt(value) !== undefined);
  const plain = words.plain();
  const has = saidIn(own, plain);
  return index.records.some(
    other =>
      other !== own &&
      other.list === own.list &&
      pointing.every(value => other.values.includes(value)) &&
      isMoreThan(saidIn(other, plain), has),
  );
}

function isMoreThan(more: ReadonlySet<string>, few: ReadonlySet<string>): boolean {
  return more.size > few.size && [...few].every(word => more.has(word));
}

function tellingIn(list: number, index: ResultIndex, words: Words): Telling {
  const plain = words.plain();
  const inSome = new Map<string, number>();
  const ofPicked = new Set<string>();
  let count = 0;
  for (let at = 0; at < index.records.length; at++) {
    const record = index.records[at] as Rec;
    if (record.list !== list) continue;
    count++;
    const has = saidIn(record, plain);
    if (has.size === 0) continue;
    for (const word of has) inSome.set(word, (inSome.get(word) ?? 0) + 1);
    if (isPicked(at, index, words)) for (const word of has) ofPicked.add(word);
  }
  const all = new Set<string>();
  for (const [word, having] of inSome) if (having < count) all.add(word);
  return { all, ofOthers: new Set([...all].filter(word => !ofPicked.has(word))) };
}

/** Of these words those that a record has. */
function saidIn({ values }: Rec, plain: ReadonlySet<string>): ReadonlySet<string> {
  let has: Set<string> | undefined;
  for (const value of values)
    eachPlainWord(value, word => {
      if (!plain.has(word)) return;
      has ??= new Set();
      has.add(word);
    });
  return has ?? nothingSaid;
}

const nothingSaid: ReadonlySet<string> = new Set();
