import { readPaths } from '../facts/path.ts';
import { covers, type Endorsed, type Endorsement, type Reach, reachOf } from '../model/endorsement.ts';
import type { Instant } from '../model/ids.ts';
import type { Origin } from '../model/label.ts';
import type { Tool } from '../model/tool.ts';
import { type Backing, backingsBestFirst, type Found, type Way } from '../model/way.ts';
import { wordsOf } from '../policy/classify/words.ts';
import type { Purpose } from '../purpose/read-purpose.ts';
import { isSameThing } from '../purpose/thesaurus.ts';
import { isBuiltAround } from './built-around.ts';
import { isChosenByText } from './chosen.ts';
import { decodings } from './decode.ts';
import { isDictated } from './dictated.ts';
import { isEchoed } from './echo.ts';
import { bared, fold, isGrouped, squeezed } from './fold.ts';
import { isGiven } from './given.ts';
import { withoutShortened } from './left-out.ts';
import type { Remembered, TaskMemory } from './memory.ts';
import { withoutOtherClauses } from './other-clause.ts';
import { hasFarYear, isOverruled } from './overruled.ts';
import { describedIn, isPassedOver, isPicked } from './picked.ts';
import type { ReadSource } from './read-source.ts';
import type { Field, Text } from './result-index.ts';
import { hasRival } from './rival.ts';
import type { Sink } from './role.ts';
import { bareAddress, type Shape, shapeOf } from './shape.ts';
import { builtOf, isNamedKind, isOnly, isOnlyBuiltAlike, isSaidToStand } from './slot.ts';
import { textWith, type Wanted, wantedOf } from './wanted.ts';
import { saysWhom } from './whom.ts';
import type { WordMarks } from './word-filter.ts';
import type { Words } from './words.ts';

/** What a value may rest on besides the task's memory. */
export interface Grounds {
  readonly memory: TaskMemory;
  readonly tool: Tool;
  readonly endorsements: readonly Endorsement[];
  /** How grave the action is that the value is for. */
  readonly reach: Reach;
  /** It does more than read. */
  readonly changes: boolean;
  /** When the task was opened: a date without a year is one near it. */
  readonly openedAt: Instant;
  readonly digest: (text: string) => string;
  /** What the principal asks for, and whether they hand over to a source. */
  readonly purpose: Purpose;
  /** Digests of names that the agent used while nothing of others was read. */
  readonly own?: ReadonlySet<string>;
  /** Digests of values that stood in a text alone when the agent would have written them somewhere. */
  readonly kept?: ReadonlySet<string>;
}

const foundMax = 4;

/** The way of each value into the call: where it was found, and who stands behind it. */
export function waysOf(sinks: readonly Sink[], grounds: Grounds): readonly Way[] {
  grounds.memory.settle();
  const ways = sinks.map(sink => wayOf(sink, sinks, grounds));
  const asked = withoutOtherClauses(ways, sinks, grounds.tool, grounds.memory.words);
  if (!grounds.changes || grounds.purpose.delegates) return asked;
  return withoutShortened(asked, sinks, grounds.tool, grounds.memory);
}

interface Place {
  readonly origin: Origin;
  readonly backing: Backing;
  readonly found: readonly Found[];
}

/** `firm`: the principal's words alone lead there, whatever somebody else's text says. */
interface Located extends Place {
  readonly at: Found;
  readonly firm: boolean;
}

const nowhere: Place = { origin: 'unknown', backing: 'nobody', found: [] };

function wayOf(sink: Sink, sinks: readonly Sink[], grounds: Grounds): Way {
  const digest = valueDigest(sink.folded, grounds.digest);
  const place = notAskedAbout(placeOf(sink, digest, grounds), grounds);
  if (grounds.changes && isPutInPlace(sink, sinks, place, grounds)) {
    const role = sink.role === 'plain' ? 'choice' : sink.role;
    return { argument: sink.argument, role, digest, origin: 'text', backing: 'text', found: place.found };
  }
  const { origin, backing, found } = place;
  const role = isNumberOfSomething(sink, place) ? 'object' : sink.role;
  return { argument: sink.argument, role, digest, origin, backing, found };
}

/** Of what the principal gave, or nearly gave, a text has another; or what they left open, a text chose. */
function isPutInPlace(
  sink: Sink,
  sinks: readonly Sink[],
  place: Place,
  { memory, purpose, openedAt }: Grounds,
): boolean {
  if (purpose.delegates || place.backing === 'text') return false;
  // Who said the day has not said the hour.
  if (place.origin === 'prompt' && sink.shape === 'date')
    return hasFarYear(sink, memory, openedAt) || isChosenByText(sink, false, memory, purpose);
  if (place.backing === 'principal') return false;
  return isOverruled(sink, sinks, memory) || isChosenByText(sink, place.origin === 'field', memory, purpose);
}

/** Whoever only wants to know something of a thing did not give it to be changed. */
function notAskedAbout(place: Place, { purpose, changes }: Grounds): Place {
  if (!purpose.onlyAsks || !changes || place.origin === 'approved' || place.origin === 'trusted') return place;
  return place.backing === 'principal' || place.backing === 'picked' ? { ...place, backing: 'field' } : place;
}

/** Digits in a text that look like a telephone's, and stand in a record as the number of something else. */
function isNumberOfSomething({ argument, shape, role }: Sink, { origin, backing, found: [at] }: Place): boolean {
  if (role !== 'destination' || shape !== 'number' || !argument.endsWith('(link)') || origin !== 'field') return false;
  return backing !== 'text' && at !== undefined && !telephones.test(at.path);
}

const telephones = /phone|tel|fax|mobile|cell|sms|whats|contact|call|(?:^|\.)numbers?(?:\[\d+\])?$|^$/i;

/** What an endorsement of a value names. */
export function valueDigest(folded: string, digest: (text: string) => string): string {
  return digest(`sallyport value v1\n${isGrouped(folded) ? squeezed(folded) : bareAddress(folded)}`);
}

function placeOf(sink: Sink, digest: string, grounds: Grounds): Place {
  const { memory, endorsements, reach } = grounds;
  const { words } = memory;
  if (sink.role === 'command' ? isDictated(sink.folded, words) : words.say(sink.folded, sink.role === 'object'))
    return { origin: 'prompt', backing: 'principal', found: [] };
  for (const { endorsed, reach: upTo } of endorsements)
    if (endorsed.kind === 'value' && endorsed.digest === digest && covers(upTo, reach))
      return { origin: 'approved', backing: 'principal', found: [] };
  // The name of a flag counts as a word, and is looked for as what it looks like.
  const shape = sink.shape === 'word' ? shapeOf(sink.folded) : sink.shape;
  let best = foundIn(sink, sink.folded, shape, grounds);
  if (sink.role !== 'content')
    for (const spelling of otherSpellingsOf(sink)) {
      const place = foundIn(sink, spelling, shapeOf(spelling), grounds);
      if (place.origin !== 'unknown' && (best.origin === 'unknown' || isBetter(place, best))) best = place;
    }
  if (best.origin === 'unknown' && isAgentsOwn(sink, digest, grounds)) return { ...best, backing: 'field' };
  // What is read back was not made better by being written down.
  if (best.origin === 'field' && best.backing !== 'principal' && grounds.kept?.has(digest) === true)
    return { ...best, backing: 'text' };
  const isInside = sink.shape === 'path' && (best.backing === 'field' || best.backing === 'nobody');
  return isInside && liesInNamed(sink.folded, memory) ? { ...best, backing: 'picked' } : best;
}

/** A name that was found nowhere, and that no text can have brought about: for nothing that is grave. */
function isAgentsOwn(sink: Sink, digest: string, { tool, reach, memory, own }: Grounds): boolean {
  if (sink.role !== 'object' || isGrave(tool) || reach === 'grave' || saysWhom(sink.argument)) return false;
  return own?.has(digest) === true || isBuiltAround(sink, memory);
}

/** A file of a folder that the principal's words name. */
function liesInNamed(path: string, { words }: TaskMemory): boolean {
  const { climbs, disguised } = readPaths([path]);
  if (climbs || disguised) return false;
  for (let end = path.lastIndexOf('/'); end > 2; end = path.lastIndexOf('/', end - 1))
    if (words.say(path.slice(0, end), true)) return true;
  return false;
}

/** What the value says if it is encoded. */
function otherSpellingsOf({ folded: plain, value }: Sink): readonly string[] {
  const spellings: string[] = [];
  for (const decoded of decodings(value)) {
    const folded = fold(decoded);
    if (folded.length > 2 && folded !== plain) spellings.push(folded);
  }
  return spellings;
}

/** The best of all places; what only stands in a text is worse than what is nowhere, and still says more. */
function foundIn(sink: Sink, folded: string, shape: Shape, grounds: Grounds): Place {
  const wanted = wantedOf(folded, shape);
  const results = grounds.memory.mayHold(wanted.anyOf);
  const all = results.length === 0 ? nothingFound : locatedIn(results, wanted, sink, grounds);
  if (all.length > 0) return bestOf(all, sink, folded, grounds);
  if (sink.role !== 'content') return nowhere;
  const passages = passagePlaces(folded, grounds);
  return passages.length === 0 ? nowhere : bestOf(passages, sink, folded, grounds);
}

const nothingFound: readonly Located[] = [];
const noFields: readonly Field[] = [];
/** What a record is counted by is no amount: 5 euros, and the fifth of a list. */
const identifies = /(?:^|[._])id_?$|Id$/;

function locatedIn(results: readonly Remembered[], wanted: Wanted, sink: Sink, grounds: Grounds): readonly Located[] {
  const { folded, keys, keyMarks } = wanted;
  const all: Located[] = [];
  // One text that nobody stands behind is as bad as many.
  let hasText = false;
  for (const result of results) {
    for (let at = 0; at < keys.length; at++) {
      if (!result.index.words.mayHold(keyMarks[at] as WordMarks)) continue;
      for (const field of result.index.fields.get(keys[at] as string) ?? noFields)
        if (sink.role !== 'amount' || !identifies.test(field.path))
          all.push(fieldPlace(field, sink, folded, result, grounds));
    }
    if (
      sink.role === 'plain' ||
      (hasText && result.source.keyed === 'no' && vouched(folded, result, grounds) === undefined)
    )
      continue;
    const text = textWith(result.index, wanted);
    if (text === undefined) continue;
    hasText = true;
    all.push(textPlace(text, sink, folded, result, grounds));
  }
  return all;
}

/** Of at least one. */
function bestOf(all: readonly Located[], sink: Sink, folded: string, grounds: Grounds): Place {
  const best = all.reduce((a, b) => (isBetter(b, a) || (b.firm && !a.firm && b.backing === a.backing) ? b : a));
  const found = [best.at, ...all.filter(place => place !== best).map(({ at }) => at)].slice(0, foundMax);
  const isLoose = !best.firm && best.backing !== 'principal' && best.backing !== 'text';
  if (isLoose && isEchoed(folded, sink.argument, grounds.tool, grounds.memory))
    return { origin: best.origin, backing: 'text', found };
  return { origin: best.origin, backing: best.backing, found };
}

function isBetter(one: Place, other: Place): boolean {
  return backingsBestFirst.indexOf(one.backing) < backingsBestFirst.indexOf(other.backing);
}

function located(origin: Origin, backing: Backing, firm: boolean, { source }: Remembered, path: string): Located {
  const { entry, tool, digest, hidden, handed } = source;
  const at = { entry, server: tool.server, tool: tool.name, digest, path };
  const isUnseen = hidden !== undefined || handed === true;
  return { origin, backing, firm, found: [], at: isUnseen ? { ...at, unseen: true } : at };
}

/** Somebody stands behind a value of a result: the catalogue, or a person for all of it in this task, up to what is grave. */
function vouched(folded: string, result: Remembered, { endorsements, reach }: Grounds): Origin | undefined {
  if (result.vouched(folded)) return 'trusted';
  if (reach === 'grave') return undefined;
  const is = endorsements.some(
    ({ endorsed, reach: upTo }) => isOf(endorsed, folded, result.source) && covers(upTo, reach),
  );
  return is ? 'approved' : undefined;
}

function isOf(endorsed: Endorsed, folded: string, { entry, tool, digest, endorsed: byPolicy }: ReadSource): boolean {
  if (endorsed.kind === 'outcome')
    return endorsed.entry === entry && byPolicy !== undefined && !isGiven(folded, byPolicy.given);
  return (
    endorsed.kind === 'source' &&
    endorsed.digest === digest &&
    endorsed.server === tool.server &&
    endorsed.tool === tool.name
  );
}

function fieldPlace(field: Field, sink: Sink, folded: string, result: Remembered, grounds: Grounds): Located {
  const { words } = grounds.memory;
  const by = vouched(folded, result, grounds);
  if (by !== undefined) return located(by, 'principal', true, result, field.path);
  if (sink.role === 'destination' && (field.free || field.disguised))
    return located('text', 'text', false, result, field.path);
  if (isPicked(field.record, result.index, words)) {
    // Of two that fit nobody said which.
    const isMeant = sink.role !== 'destination' || !hasRival(field, folded, result.index);
    return located('field', isMeant ? 'picked' : 'field', isMeant, result, field.path);
  }
  if (isFoundPage(sink, field, result, grounds.tool)) return located('field', 'picked', false, result, field.path);
  const isLed = result.source.keyed !== 'no' && !field.free && (!field.loose || isOnly(folded, result.index));
  const isBeside = isPassedOver(field.record, result.index, words);
  // What the words lead past, and speaks itself, may be what it says that had it taken. Of two things that they speak of, one by name
  // and one in plain words, the second is meant as well.
  if (result.index.records[field.record]?.speaks === true) {
    const described = describedIn(field.record, result.index, words);
    if (described === 'others' || (isBeside && described === 'none'))
      return located('field', 'text', false, result, field.path);
  }
  // The words pick out another record of the same list: not what was found here, but that it was taken, is nobody's.
  if (isBeside) return located('field', 'nobody', false, result, field.path);
  return located('field', isLed ? 'picked' : 'field', false, result, field.path);
}

/**
 * A page that a search for something of the principal's returned, to be read: its address stands there whole, and holds nothing
 * beside where the page lies.
 */
function isFoundPage({ role, shape, folded }: Sink, field: Field, { source }: Remembered, tool: Tool): boolean {
  if (role !== 'destination' || shape !== 'url' || source.near === undefined || !isOnlyFetched(tool)) return false;
  if (field.free || field.loose || !/^https?:\/\//.test(folded) || /[?#@;=]/.test(folded)) return false;
  // A search that repeats what it was asked for would have that carried on.
  return !source.near.some(word => bared(folded).includes(word));
}

/** Where a longer text takes a passage from: what it says beside that is the agent's own. */
function passagePlaces(folded: string, grounds: Grounds): readonly Located[] {
  return grounds.memory.sharesPassage(folded).map(result => {
    const by = vouched(folded, result, grounds);
    return by === undefined ? located('text', 'text', false, result, '') : located(by, 'principal', true, result, '');
  });
}

function textPlace(text: Text, sink: Sink, folded: string, result: Remembered, grounds: Grounds): Located {
  const by = vouched(folded, result, grounds);
  if (by !== undefined) return located(by, 'principal', true, result, text.path);
  if (sink.role === 'command' && isTheirProgram(folded, result, grounds.memory.words))
    return located('text', 'picked', true, result, text.path);
  const backing = isSlot(sink, folded, result, grounds) ? slotBacking(sink, grounds) : 'text';
  // Whom the principal told the agent to follow may say so in an imperative.
  const firm = backing === 'picked' && grounds.purpose.delegates && mayBeTold(sink, folded, grounds);
  return located('text', backing, firm, result, text.path);
}

/** Not where something goes, unless they said that it stands there. */
function mayBeTold({ role }: Sink, folded: string, { memory }: Grounds): boolean {
  return role !== 'destination' || isSaidToStand(folded, memory.words.folded);
}

/**
 * What the principal's words let stand in a text: the value they ask for, in a source they lead to, where nothing had to be
 * chosen. A source that they told the agent to follow may say what is done to what; where something goes it may only say
 * where it says one thing.
 */
function isSlot(sink: Sink, folded: string, result: Remembered, { memory, tool, purpose }: Grounds): boolean {
  const { delegates } = purpose;
  if (result.source.keyed === 'no') return false;
  switch (sink.role) {
    case 'object':
      if (delegates) return !isBesideNamed(folded, memory.words);
      if (isOnlyBuiltAlike(folded, result.index)) return result.source.keyed === 'exact' || !isGrave(tool);
      return result.source.keyed === 'exact' && isFileToEdit(sink, tool);
    // Building and testing as a source says is still that and no more (`context.shell.routine`).
    case 'command':
      return delegates;
    case 'choice':
      if (tool.classes.includes('money') || tool.classes.includes('admin')) return false;
      return purpose.handsOver !== 'values' || isSpokenOf(sink.argument, purpose);
    case 'destination':
      // A page that is only read is told that somebody came, and nothing more.
      if (isOnlyFetched(tool)) return true;
      return (delegates || isNamedKind(folded, memory.words.folded)) && isOnly(folded, result.index);
    default:
      return false;
  }
}

/** All of a file that they named, of which they said that what stands in it be run. */
function isTheirProgram(folded: string, { index, source }: Remembered, words: Words): boolean {
  if (source.keyed !== 'exact' || index.texts.length !== 1 || index.texts[0]?.folded !== folded) return false;
  return /\b(?:run|execute|apply)\b[^.!?]{0,40}\b(?:statements?|query|script|sql|command|migration|snippet)\b[^.!?]{0,20}\b(?:in|from|of)\b/.test(
    words.folded,
  );
}

/** The one identifier of a text that they pointed at is there, and whoever wrote the text put it there: no more than a field. */
function slotBacking(sink: Sink, { purpose }: Grounds): Backing {
  return sink.role === 'command' || (sink.role === 'object' && !purpose.delegates) ? 'field' : 'picked';
}

/** `fields.phone` of who speaks of a new number. */
function isSpokenOf(argument: string, { things }: Purpose): boolean {
  const words = wordsOf(argument.replace(/\[\d+\]/g, '').replace(/^.*\./, ''));
  return words.some(word => things.some(thing => isSameThing(word, thing)));
}

/** A search with the principal's words returns files of the project, and what would be done to one can be undone. */
function isFileToEdit({ shape, value }: Sink, { classes }: Tool): boolean {
  const { climbs, outside, credentials, startup } = readPaths([value]);
  return shape === 'path' && !climbs && !outside && !credentials && !startup && classes.every(one => one === 'write');
}

/** The principal named another of this series: the source that they follow speaks of more than that one. */
function isBesideNamed(folded: string, words: Words): boolean {
  if (!/\d/.test(folded) || /\s/.test(folded) || /^[\d.,]+$/.test(folded)) return false;
  const built = builtOf(folded);
  return !words.say(folded) && words.names().some(name => builtOf(name) === built);
}

function isGrave({ classes }: Tool): boolean {
  return reachOf(classes) === 'grave';
}

function isOnlyFetched({ classes }: Tool): boolean {
  return classes.every(name => name === 'read' || name === 'egress');
}
