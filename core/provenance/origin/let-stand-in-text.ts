import { readPaths } from '../../facts/path.ts';
import { reachOf } from '../../model/endorsement.ts';
import type { Tool } from '../../model/tool.ts';
import type { Backing } from '../../model/way.ts';
import { wordsOf } from '../../policy/classify/words.ts';
import { doingOf } from '../../purpose/asked.ts';
import type { Purpose } from '../../purpose/read-purpose.ts';
import { isSameThing } from '../../purpose/thesaurus.ts';
import type { Sink } from '../call/sinks.ts';
import { saysWhom } from '../call/whom.ts';
import type { Grounds } from '../memory/grounds.ts';
import type { Remembered } from '../memory/memory.ts';
import type { ResultIndex, Text } from '../result/result-index.ts';
import { isUnitAt, type Words } from '../said/words.ts';
import { foldedAddressesIn } from '../spelling/shape.ts';
import { builtOf, isNamedKind, isOnly, isOnlyBuiltAlike, isSaidToStand } from './only-of-kind.ts';
import { isBesideOwnId, isRemark } from './remark.ts';

/**
 * What the principal's words let stand in a text: the value they ask for, in a source they lead to, where nothing had to be
 * chosen. A source that they told the agent to follow may say what is done to what; where something goes it may only say
 * where it says one thing.
 */
export function mayStandInText(sink: Sink, text: Text, folded: string, result: Remembered, grounds: Grounds): boolean {
  const { memory, tool, purpose } = grounds;
  const { delegates } = purpose;
  if (result.source.pointed === 'no') return false;
  // Whom it concerns, and where money goes, is said by what they named, not by a remark that somebody left in it.
  if (isRemark(text, result, memory.words) && (isPaid(tool) || (saysWhom(sink.argument) && !delegates)))
    if (sink.role === 'object' ? saysWhom(sink.argument) : sink.role === 'destination')
      return isSaidToStand(folded, memory.words.folded) && isOnly(folded, result.index);
  switch (sink.role) {
    case 'object':
      if (delegates) return !isBesideNamed(folded, memory.words);
      // What goes along with a message is no name of anything in it.
      if (sink.shape === 'path' && isSent(tool)) return false;
      if (isRemark(text, result, memory.words) && isBesideOwnId(folded, text, result.index, memory.words)) return false;
      if (isOnlyBuiltAlike(folded, result.index)) return result.source.pointed === 'exact' || !isGrave(tool);
      return result.source.pointed === 'exact' && isFileToEdit(sink, tool);
    // Building and testing as a source says is still that and no more (`context.shell.routine`).
    case 'command':
      return delegates;
    case 'choice':
      if (tool.classes.includes('money') || tool.classes.includes('admin')) return false;
      // Who says what is to be changed of a thing has not had the rest of it changed.
      if (purpose.handsOver !== 'values' && (delegates || !isOnlyChanged(tool))) return true;
      return isSpokenOf(sink.argument, purpose);
    case 'destination':
      // A page that is only read is told that somebody came, and nothing more.
      if (isOnlyFetched(tool)) return true;
      if ((delegates || isNamedKind(folded, memory.words.folded)) && isOnly(folded, result.index)) return true;
      return saysEveryone(memory.words.folded, result.source.keys) && isListOfAddresses(result.index);
    default:
      return false;
  }
}

/** Everybody whom a list names: this one, by what it was read with, and none that they spoke of beside it. */
function saysEveryone(said: string, keys: readonly string[] = []): boolean {
  for (const { 0: match, index } of keys.length === 0 ? [] : said.matchAll(everyone)) {
    const listed = said.slice(index + match.length);
    for (const key of keys) {
      const at = listed.indexOf(key);
      if (at > 0 && isUnitAt(listed, key, at) && fewWords.test(listed.slice(0, at))) return true;
    }
  }
  return false;
}

const everyone =
  /\b(?:everyone|everybody|all (?:of )?(?:the )?(?:people|those|persons|addresses|members)|(?:each|every) (?:person|address|member|one))(?: (?:who|that) (?:is|are))?(?: (?:listed|named|written))? (?:on|in|from)\b/g;

/** `the list in`: what follows an `and` is something else. */
const fewWords = /^\s+(?:(?!(?:and|or|then|as|with)\b)[\p{L}\p{N}'’-]+\s+){0,3}["'“‘`]?$/u;

/** Addresses with names beside them, and no more words than those. */
function isListOfAddresses({ texts }: ResultIndex): boolean {
  return texts.every(({ folded }) => {
    const addresses = foldedAddressesIn(folded);
    const words =
      addresses.reduce((left, address) => left.replace(address, ' '), folded).match(/[\p{L}\p{N}]+/gu) ?? [];
    return words.length <= addresses.length * nameWordsMax;
  });
}

const nameWordsMax = 3;

function isPaid({ classes }: Tool): boolean {
  return classes.includes('money');
}

function isOnlyChanged(tool: Tool): boolean {
  const { acts } = doingOf(tool);
  return acts.has('change') && !acts.has('make');
}

/** All of a file that they named, of which they said that what stands in it be run. */
export function isTheirProgram(folded: string, { index, source }: Remembered, words: Words): boolean {
  if (source.pointed !== 'exact' || index.texts.length !== 1 || index.texts[0]?.folded !== folded) return false;
  return /\b(?:run|execute|apply)\b[^.!?]{0,40}\b(?:statements?|query|script|sql|command|migration|snippet)\b[^.!?]{0,20}\b(?:in|from|of)\b/.test(
    words.folded,
  );
}

/** The one identifier of a text that they pointed at is there, and whoever wrote the text put it there: no more than a field. */
export function backingInText(sink: Sink, { purpose }: Grounds): Backing {
  return sink.role === 'command' || (sink.role === 'object' && !purpose.delegates) ? 'field' : 'picked';
}

/** `fields.phone` of who speaks of a new number. */
function isSpokenOf(argument: string, { things }: Purpose): boolean {
  const words = wordsOf(argument.replace(/\[\d+\]/g, '').replace(/^.*\./, ''));
  return words.some(word => things.some(thing => isSameThing(word, thing)));
}

/** A search with the principal's words returns files of the project, and what would be done to one can be undone. */
function isFileToEdit({ shape, value, argument }: Sink, { classes }: Tool): boolean {
  // `ann.lee` looks like a file, and `node/12` is a machine.
  if (saysWhom(argument) || /(?:^|[_.])ids?(?:\[|$)|Ids?(?:\[|$)/.test(argument)) return false;
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

function isSent({ classes }: Tool): boolean {
  return classes.includes('message') || (classes.includes('egress') && classes.includes('write'));
}

/** It reads, here or elsewhere, and does nothing more. */
export function isOnlyFetched({ classes }: Tool): boolean {
  return classes.every(name => name === 'read' || name === 'egress');
}
