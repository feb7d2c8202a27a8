import { covers, type Endorsed } from '../../model/endorsement.ts';
import type { Origin } from '../../model/label.ts';
import type { Tool } from '../../model/tool.ts';
import { type Backing, backingsBestFirst, type Found } from '../../model/way.ts';
import { repeatsArguments } from '../call/repeated-arguments.ts';
import type { Sink } from '../call/sinks.ts';
import type { Grounds } from '../memory/grounds.ts';
import type { Remembered } from '../memory/memory.ts';
import { textWith, type Wanted, wantedOf } from '../memory/wanted.ts';
import type { ReadSource } from '../result/read-source.ts';
import type { Field, Text } from '../result/result-index.ts';
import { bared } from '../spelling/fold.ts';
import type { Shape } from '../spelling/shape.ts';
import type { WordMarks } from '../spelling/word-filter.ts';
import { sentenceHas } from '../steering/chosen-by-text.ts';
import { isNamedBesideAct } from '../steering/named-beside-act.ts';
import { backingInText, isOnlyFetched, isTheirProgram, mayStandInText } from './let-stand-in-text.ts';
import { isOnly, isSaidToStand } from './only-of-kind.ts';
import { describedIn, isBesideNamed, isLeftOver, isPassedOver, isPicked } from './picked.ts';
import { hasRival } from './rival.ts';

const foundMax = 4;

/** Where a value was found, the best place first, and who stands behind it there. */
export interface Place {
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

/**
 * The best of all places in what the task has read, for a value in one of its spellings (`folded`) and what that looks like. What only
 * stands in a text is worse than what is nowhere, and still says more. `unknown` and `nobody` where it stands nowhere.
 * Throws nothing of its own.
 */
export function bestPlaceFor(sink: Sink, folded: string, shape: Shape, grounds: Grounds): Place {
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
      (hasText && result.source.pointed === 'no' && vouched(folded, result, grounds) === undefined)
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
  if (isLoose && isNamedBesideAct(folded, sink.argument, grounds.tool, grounds.memory))
    return { origin: best.origin, backing: 'text', found };
  return { origin: best.origin, backing: best.backing, found };
}

export function isBetter(one: Place, other: Place): boolean {
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
    return endorsed.entry === entry && byPolicy !== undefined && !repeatsArguments(folded, byPolicy.given);
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
    // Of several that share a name, one that nothing else of the words fits may be what a sentence had taken as well.
    if (sink.role === 'object' && sentenceHas(folded, result.index) && isLeftOver(field.record, result.index, words))
      return located('field', 'text', false, result, field.path);
    // Of two that fit nobody said which.
    const isMeant =
      sink.role !== 'destination' ||
      !(hasRival(field, folded, result.index) || isBesideNamed(field.record, result.index, words));
    return located('field', isMeant ? 'picked' : 'field', isMeant, result, field.path);
  }
  if (isFoundPage(sink, field, result, grounds.tool)) return located('field', 'picked', false, result, field.path);
  const isPointedAt = result.source.pointed !== 'no' && !field.free && (!field.loose || isOnly(folded, result.index));
  const isBeside = isPassedOver(field.record, result.index, words);
  const described = describedIn(field.record, result.index, words);
  // What the words lead past was taken for what it says itself, or for what a sentence beside it says (`the valid one is P-29`). Of two
  // things that they speak of, one by name and one in plain words, the second is meant as well.
  if (described === 'others' || (isBeside && described === 'none'))
    if (result.index.records[field.record]?.speaks === true || sentenceHas(folded, result.index))
      return located('field', 'text', false, result, field.path);
  // The words pick out another record of the same list: not what was found here, but that it was taken, is nobody's.
  if (isBeside || (described === 'others' && sink.role === 'object' && grounds.tool.classes.includes('destructive')))
    return located('field', 'nobody', false, result, field.path);
  return located('field', isPointedAt ? 'picked' : 'field', false, result, field.path);
}

/**
 * A page that a search for something of the principal's returned, to be read: its address stands there whole, and holds nothing
 * beside where the page lies.
 */
function isFoundPage({ role, shape, folded }: Sink, field: Field, { source }: Remembered, tool: Tool): boolean {
  if (role !== 'destination' || shape !== 'url' || source.addedWords === undefined || !isOnlyFetched(tool))
    return false;
  if (field.free || field.loose || !/^https?:\/\//.test(folded) || /[?#@;=]/.test(folded)) return false;
  // A search that repeats what it was asked for would have that carried on.
  return !source.addedWords.some(word => bared(folded).includes(word));
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
  const backing = mayStandInText(sink, text, folded, result, grounds) ? backingInText(sink, grounds) : 'text';
  // Whom the principal told the agent to follow may say so in an imperative.
  const firm = backing === 'picked' && grounds.purpose.delegates && mayBeTold(sink, folded, grounds);
  return located('text', backing, firm, result, text.path);
}

/** Not where something goes, unless they said that it stands there. */
function mayBeTold({ role }: Sink, folded: string, { memory }: Grounds): boolean {
  return role !== 'destination' || isSaidToStand(folded, memory.words.folded);
}
