import { readPaths } from '../../facts/path.ts';
import { covers, reachOf } from '../../model/endorsement.ts';
import type { Way } from '../../model/way.ts';
import type { Sink } from '../call/sinks.ts';
import { saysWhom } from '../call/whom.ts';
import type { Grounds } from '../memory/grounds.ts';
import type { TaskMemory } from '../memory/memory.ts';
import { isAboveSaid } from '../said/above-said.ts';
import { withoutCutPaths } from '../said/cut-path.ts';
import { isDictated } from '../said/dictated.ts';
import { isNumbered } from '../said/numbered.ts';
import { withoutOtherClauses } from '../said/other-clause.ts';
import { isUnit, isWhole, type Words } from '../said/words.ts';
import { decodings } from '../spelling/decode.ts';
import { fold, isGrouped, squeezed } from '../spelling/fold.ts';
import { bareAddress, shapeOf } from '../spelling/shape.ts';
import { isAbridged } from '../steering/abridged.ts';
import { isChosenByText } from '../steering/chosen-by-text.ts';
import { isHandedOn } from '../steering/handed-on.ts';
import { withoutShortened } from '../steering/left-out.ts';
import { hasFarYear, isOverruled } from '../steering/overruled.ts';
import { bestPlaceFor, isBetter, type Place } from './best-place.ts';
import { isBuiltAround } from './built-around.ts';

/**
 * The way of each value into the call: where it was found, and who stands behind it. One way for each sink, at the same place of the list;
 * what is found nowhere has the origin `unknown`, and a way names a value by its digest alone. Takes apart what the task has read since.
 * Throws nothing of its own.
 */
export function waysOf(sinks: readonly Sink[], grounds: Grounds): readonly Way[] {
  grounds.memory.settle();
  const ways = sinks.map(sink => wayOf(sink, sinks, grounds));
  const { words } = grounds.memory;
  const whole = withoutCutPaths(ways, sinks, grounds.tool, words.folded);
  const asked = withoutOtherClauses(whole, sinks, grounds.tool, words);
  if (!grounds.changes || grounds.purpose.delegates) return asked;
  return withoutShortened(asked, sinks, grounds.tool, grounds.memory);
}

/** A flag that is off counts where a text had it turned off. */
export function withSpokenOff(sinks: readonly Sink[], off: readonly Sink[], grounds: Grounds): readonly Sink[] {
  if (off.length === 0 || !grounds.changes || grounds.purpose.delegates) return sinks;
  grounds.memory.settle();
  return [...sinks, ...off.filter(flag => isChosenByText(flag, false, grounds))];
}

function wayOf(sink: Sink, sinks: readonly Sink[], grounds: Grounds): Way {
  // Who approved that a flag is on has not approved that it is off.
  const digest = valueDigest(sink.flag === false ? `not ${sink.folded}` : sink.folded, grounds.digest);
  const place = notAskedAbout(placeOf(sink, sinks, digest, grounds), grounds);
  if (grounds.changes && isPutInPlace(sink, sinks, place, grounds)) {
    const role = sink.role === 'plain' || sink.role === 'content' ? 'choice' : sink.role;
    return { argument: sink.argument, role, digest, origin: 'text', backing: 'text', found: place.found };
  }
  const { origin, backing, found } = place;
  const role = isNumberOfSomething(sink, place) ? 'object' : sink.role;
  return { argument: sink.argument, role, digest, origin, backing, found };
}

/** Of what the principal gave, or nearly gave, a text has another; what they left open, a text chose; or it had a line left out, or an order handed on. */
function isPutInPlace(sink: Sink, sinks: readonly Sink[], place: Place, grounds: Grounds): boolean {
  const { memory, search, tool, purpose, openedAt } = grounds;
  if (place.backing !== 'principal' && isHandedOn(sink, tool, memory, purpose)) return true;
  // Who has values copied from a source does not do what it says.
  if (sink.role === 'content')
    return purpose.handsOver !== 'work' && place.backing !== 'principal' && isAbridged(sink, { memory, search });
  if (purpose.delegates || place.backing === 'text') return false;
  // Who said the day has not said the hour.
  if (place.origin === 'prompt' && sink.shape === 'date')
    return hasFarYear(sink, memory, openedAt) || isChosenByText(sink, false, grounds);
  if (place.backing === 'principal') return false;
  return isOverruled(sink, sinks, memory) || isChosenByText(sink, place.origin === 'field', grounds);
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

function placeOf(sink: Sink, sinks: readonly Sink[], digest: string, grounds: Grounds): Place {
  const { memory, endorsements, reach } = grounds;
  const { words } = memory;
  if (isSaid(sink, words)) return { origin: 'prompt', backing: 'principal', found: [] };
  if (sink.shape === 'host' && isAboveSaid(sink, sinks, words))
    return { origin: 'prompt', backing: 'picked', found: [] };
  for (const { endorsed, reach: upTo } of endorsements)
    if (endorsed.kind === 'value' && endorsed.digest === digest && covers(upTo, reach))
      return { origin: 'approved', backing: 'principal', found: [] };
  // The name of a flag counts as a word, and is looked for as what it looks like.
  const shape = sink.shape === 'word' ? shapeOf(sink.folded) : sink.shape;
  let best = bestPlaceFor(sink, sink.folded, shape, grounds);
  if (sink.role !== 'content')
    for (const spelling of otherSpellingsOf(sink)) {
      const place = bestPlaceFor(sink, spelling, shapeOf(spelling), grounds);
      if (place.origin !== 'unknown' && (best.origin === 'unknown' || isBetter(place, best))) best = place;
    }
  if (best.origin === 'unknown' && isAgentsOwn(sink, digest, grounds)) return { ...best, backing: 'field' };
  // What is read back was not made better by being written down.
  if (best.origin === 'field' && best.backing !== 'principal' && grounds.kept?.has(digest) === true)
    return { ...best, backing: 'text' };
  const isInside = sink.shape === 'path' && (best.backing === 'field' || best.backing === 'nobody');
  return isInside && liesInNamed(sink.folded, memory) ? { ...best, backing: 'picked' } : best;
}

function isSaid(sink: Sink, words: Words): boolean {
  if (sink.role === 'command') return isDictated(sink.folded, words);
  return words.say(sink.folded, sink.role === 'object') || isNumbered(sink, words);
}

/** A name that was found nowhere, and that no text can have brought about: for nothing that is grave. */
function isAgentsOwn(sink: Sink, digest: string, { tool, reach, memory, own }: Grounds): boolean {
  if (sink.role !== 'object' || reachOf(tool.classes) === 'grave' || reach === 'grave' || saysWhom(sink.argument))
    return false;
  return own?.has(digest) === true || isBuiltAround(sink, memory);
}

/** A file of a folder that the principal's words name. */
function liesInNamed(path: string, { words }: TaskMemory): boolean {
  const { climbs, disguised } = readPaths([path]);
  if (climbs || disguised) return false;
  // What is longer than all of their words is not among them.
  let end = path.lastIndexOf('/', words.folded.length);
  for (let step = 0; end > 2 && step < stepsMax; step++, end = path.lastIndexOf('/', end - 1))
    if (isSaidFolder(path.slice(0, end), words)) return true;
  return false;
}

/** A folder is looked for in so many of a path; in none beyond them. */
const stepsMax = 64;

/** Who names a file has not named its folder. */
function isSaidFolder(folder: string, words: Words): boolean {
  return words.say(folder, true) && (isWhole(words.folded, folder) || !isUnit(words.folded, folder));
}

/** What the value says if it is encoded, and the name behind the sign that chats put in front of one. */
function otherSpellingsOf({ folded: plain, value }: Sink): readonly string[] {
  const spellings = signedName.test(plain) ? [plain.slice(1)] : [];
  for (const decoded of decodings(value)) {
    const folded = fold(decoded);
    if (folded.length > 2 && folded !== plain) spellings.push(folded);
  }
  return spellings;
}

const signedName = /^[@#][\p{L}\p{N}._-]{2,}$/u;
