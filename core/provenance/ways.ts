import type { Endorsement } from '../model/endorsement.ts';
import { covers, type Reach } from '../model/endorsement.ts';
import type { Origin } from '../model/label.ts';
import { type Backing, backingsBestFirst, type Found, type Role, type Way } from '../model/way.ts';
import { decodings } from './decode.ts';
import { fold, isGrouped, squeezed } from './fold.ts';
import { type Field, keysOf, type ResultIndex, type Text } from './index.ts';
import { askedWith, type Keyed, type ReadSource, type Remembered, type TaskMemory } from './memory.ts';
import type { Sink } from './role.ts';
import { addressesIn, bareAddress, isAddress, shapeOf } from './shape.ts';
import { isUnit, isWhole, type Words } from './words.ts';

/** What a value may rest on besides the task's memory. */
export interface Grounds {
  readonly memory: TaskMemory;
  readonly endorsements: readonly Endorsement[];
  /** How grave the action is that the value is for. */
  readonly reach: Reach;
  readonly digest: (text: string) => string;
  /** The principal told the agent to do what a source says. */
  readonly delegates: boolean;
}

const foundMax = 4;

/** The way of each value into the call: where it was found, and who stands behind it. */
export function waysOf(sinks: readonly Sink[], grounds: Grounds): Way[] {
  const results = grounds.memory.results((source, before) => keyedBy(source, before, grounds));
  return sinks.map(sink => wayOf(sink, results, grounds));
}

function keyedBy(source: ReadSource, before: readonly Remembered[], grounds: Grounds): Keyed {
  const asked = askedWith(source);
  if (asked.length === 0) return 'no';
  const backings = asked.map(sink => wayOf(sink, before, grounds).backing);
  if (backings.every(backing => backing === 'principal')) return 'exact';
  return backings.every(backing => backing === 'principal' || backing === 'picked') ? 'led' : 'no';
}

interface Place {
  readonly origin: Origin;
  readonly backing: Backing;
  readonly found: readonly Found[];
}

const nowhere: Place = { origin: 'unknown', backing: 'nobody', found: [] };

function wayOf(sink: Sink, results: readonly Remembered[], grounds: Grounds): Way {
  const digest = valueDigest(sink.folded, grounds.digest);
  const place = placeOf(sink, digest, results, grounds);
  return { argument: sink.argument, role: sink.role, digest, ...place };
}

/** What an endorsement of a value names. */
export function valueDigest(folded: string, digest: (text: string) => string): string {
  return digest(`sallyport value v1\n${isGrouped(folded) ? squeezed(folded) : bareAddress(folded)}`);
}

function placeOf(sink: Sink, digest: string, results: readonly Remembered[], grounds: Grounds): Place {
  const { memory, endorsements, reach } = grounds;
  if (memory.words.say(sink.folded)) return { origin: 'prompt', backing: 'principal', found: [] };
  const isEndorsed = endorsements.some(
    ({ endorsed, reach: upTo }) => endorsed.kind === 'value' && endorsed.digest === digest && covers(upTo, reach),
  );
  if (isEndorsed) return { origin: 'approved', backing: 'principal', found: [] };
  let best = nowhere;
  for (const spelling of spellingsOf(sink)) {
    const place = foundIn(sink, spelling, results, grounds);
    if (place.origin === 'unknown') continue;
    if (best.origin === 'unknown' || isBetter(place, best)) best = place;
  }
  return best;
}

/** The value as it stands, and what it says if it is encoded. */
function* spellingsOf(sink: Sink): Generator<string> {
  yield sink.folded;
  if (sink.role === 'content') return;
  for (const decoded of decodings(sink.value)) {
    const folded = fold(decoded);
    if (folded.length > 2 && folded !== sink.folded) yield folded;
  }
}

/** The best of all places; what only stands in a text is worse than what is nowhere, and still says more. */
function foundIn(sink: Sink, folded: string, results: readonly Remembered[], grounds: Grounds): Place {
  const found: (Place & { readonly at: Found })[] = [];
  for (let index = results.length - 1; index >= 0; index--) {
    const result = results[index] as Remembered;
    for (const key of keysOf(folded))
      for (const field of result.index.fields.get(key) ?? [])
        found.push(fieldPlace(field, sink, folded, result, grounds));
    const text = textWith(result.index, folded);
    if (text !== undefined) found.push(textPlace(text, sink, result, grounds));
  }
  const [first, ...rest] = found;
  if (first === undefined) return nowhere;
  const best = rest.reduce((a, b) => (isBetter(b, a) ? b : a), first);
  const others = found.filter(place => place !== best).map(({ at }) => at);
  return { origin: best.origin, backing: best.backing, found: [best.at, ...others].slice(0, foundMax) };
}

function isBetter(one: Place, other: Place): boolean {
  return backingsBestFirst.indexOf(one.backing) < backingsBestFirst.indexOf(other.backing);
}

type Located = Place & { readonly at: Found };

function located(origin: Origin, backing: Backing, { source }: Remembered, path: string): Located {
  const { entry, tool, digest } = source;
  return { origin, backing, found: [], at: { entry, server: tool.server, tool: tool.name, digest, path } };
}

/** Somebody stands behind all of a result: the catalogue, or a person for this task. */
function vouched(result: Remembered, { endorsements, reach }: Grounds): Origin | undefined {
  const { tool, digest } = result.source;
  if (tool.trustedResult) return 'trusted';
  const is = endorsements.some(
    ({ endorsed, reach: upTo }) =>
      endorsed.kind === 'source' &&
      endorsed.digest === digest &&
      endorsed.server === tool.server &&
      endorsed.tool === tool.name &&
      covers(upTo, reach),
  );
  return is ? 'approved' : undefined;
}

function fieldPlace(field: Field, sink: Sink, folded: string, result: Remembered, grounds: Grounds): Located {
  const by = vouched(result, grounds);
  if (by !== undefined) return located(by, 'principal', result, field.path);
  if (field.free && sink.role === 'destination') return located('text', 'text', result, field.path);
  if (isPicked(field.record, result.index, grounds.memory.words)) return located('field', 'picked', result, field.path);
  if (result.keyed !== 'no' && !field.free && (!field.loose || isOnly(folded, result.index)))
    return located('field', 'picked', result, field.path);
  return located('field', 'field', result, field.path);
}

/** A record that holds a value the principal's words point at, or is a part of one. */
function isPicked(record: number, { records }: ResultIndex, words: Words): boolean {
  for (let at = record; at > 0; at = records[at]?.within ?? 0)
    if (records[at]?.values.some(value => words.pointAt(value)) === true) return true;
  return false;
}

function textPlace(text: Text, sink: Sink, result: Remembered, grounds: Grounds): Located {
  const by = vouched(result, grounds);
  if (by !== undefined) return located(by, 'principal', result, text.path);
  const isSlot =
    result.keyed === 'exact' &&
    (sink.role === 'destination' ? isOnly(sink.folded, result.index) : sink.role === 'object' && grounds.delegates);
  return located('text', isSlot ? 'picked' : 'text', result, text.path);
}

/** The source holds this one address of its kind and no other, so that nothing had to be chosen. */
function isOnly(folded: string, index: ResultIndex): boolean {
  const shape = shapeOf(folded);
  if (!isAddress(shape)) return false;
  const family = familyOf(shape);
  const bare = new Set<string>();
  for (const { folded: text } of index.texts)
    for (const address of addressesIn(text, 64)) {
      const inner = fold(address);
      if (familyOf(shapeOf(inner)) === family) bare.add(isGrouped(inner) ? squeezed(inner) : bareAddress(inner));
    }
  for (const key of index.fields.keys())
    if (familyOf(shapeOf(key)) === family) bare.add(isGrouped(key) ? squeezed(key) : bareAddress(key));
  return bare.size <= 1;
}

function familyOf(shape: string): string {
  return shape === 'url' ? 'host' : shape;
}

function textWith({ texts }: ResultIndex, folded: string): Text | undefined {
  if (folded.length < 2) return undefined;
  const shape = shapeOf(folded);
  if (!isAddress(shape)) return texts.find(({ folded: text }) => isUnit(text, folded));
  const bare = bareAddress(folded);
  const plain = isGrouped(folded) ? squeezed(folded) : undefined;
  return texts.find(
    ({ folded: text }) =>
      isWhole(text, bare) || isUnit(text, folded) || (plain !== undefined && squeezed(text).includes(plain)),
  );
}

/** Of all values with this role the worst backing; the best there is where no value has the role. */
export function worstBacking(ways: readonly Way[], roles: readonly Role[]): Backing {
  let worst = 0;
  for (const way of ways) if (roles.includes(way.role)) worst = Math.max(worst, backingsBestFirst.indexOf(way.backing));
  return backingsBestFirst[worst] ?? 'nobody';
}
