import { wordsOf } from '../../policy/classify/words.ts';
import type { Purpose } from '../../purpose/read-purpose.ts';
import { verbStemsOf } from '../../purpose/thesaurus.ts';
import type { Sink } from '../call/sinks.ts';
import type { Grounds } from '../memory/grounds.ts';
import { isVouched, type TaskMemory } from '../memory/memory.ts';
import type { ResultIndex } from '../result/result-index.ts';
import { saysHour } from '../said/said-hours.ts';
import { isUnit } from '../said/words.ts';
import { fold } from '../spelling/fold.ts';
import { wordMarks } from '../spelling/word-filter.ts';
import { hasWords, sentenceWordsMin, wordCountOf } from '../spelling/word-unit.ts';
import { isFlagSpokenOf, isFlagTheirs } from './flag.ts';

/**
 * What an agent chooses (one of the values that a schema lists, a flag, a number, a day or an hour), that its principal did not
 * say, and that a sentence of somebody's text says: whoever wrote the sentence may be who chose. A bare value in a list or a
 * table is no sentence. `isField`: it is all of some field as well, and so what a record says; of a word that tells nothing, since
 * the values of one list are fields everywhere.
 */
export function isChosenByText(
  sink: Sink,
  isField: boolean,
  { memory, purpose, tool }: Pick<Grounds, 'memory' | 'purpose' | 'tool'>,
): boolean {
  const { role, shape } = sink;
  if (!(role === 'plain' || role === 'choice') || shape === 'phrase') return false;
  if (memory.words.isEmpty || memory.count === 0 || (isField && shape !== 'word')) return false;
  if (sink.flag !== undefined && !isFlagTheirs(sink, tool, purpose) && isFlagSpokenOf(sink, memory)) return true;
  if (sink.flag === false) return false;
  return partsOf(sink).some(
    part => standsInSentence(part, sink.argument, memory) && !isSaid(part, sink, memory, purpose),
  );
}

/** Of a moment the day and the hour, each by itself. */
function partsOf({ folded, shape, value }: Sink): readonly string[] {
  const [, day, hour] = (shape === 'date' ? moment.exec(folded) : null) ?? [];
  if (day !== undefined && hour !== undefined) return [day, hour];
  // `public_link` is how tools write a public link.
  const apart = shape === 'word' ? fold(value.replace(/(?<=[a-z])(?=[A-Z])|[_-]+/g, ' ')) : folded;
  return apart === folded ? [folded] : [folded, apart];
}

const moment = /^(\d{4}-\d{1,2}-\d{1,2})[t ](\d{1,2}:\d{2})/;

function isSaid(part: string, { shape, value }: Sink, { words }: TaskMemory, purpose: Purpose): boolean {
  if (words.say(part)) return true;
  if (part.includes(':') && shape === 'date') return saysHour(part, words.folded);
  // The same day of another year than theirs is held against their year (`isOverruled`).
  if (shape === 'date') return words.leaveDayOpen() || words.otherYears(part).length > 0;
  if (shape === 'number') return isUnit(words.folded, numerals[Number(part)] ?? part);
  if (saysHowOften(part, words.folded)) return true;
  // `cancelled` of who said cancel.
  const isTheirs = (word: string): boolean =>
    verbStemsOf(word).some(
      stem => purpose.verbs.has(stem) || purpose.things.some(thing => verbStemsOf(thing).includes(stem)),
    );
  return wordsOf(value).every(isTheirs);
}

const numerals = 'no one two three four five six seven eight nine ten eleven twelve'.split(' ');

/** `daily` of who said `every day`. */
const howOften: Readonly<Record<string, string>> = {
  hourly: 'hour',
  daily: 'day',
  weekly: 'week',
  monthly: 'month',
  yearly: 'year',
};

function saysHowOften(folded: string, said: string): boolean {
  const unit = howOften[folded];
  return unit !== undefined && new RegExp(`\\b(?:every|each|per|(?:once|twice|times) an?) ${unit}\\b`).test(said);
}

/** A sentence that nobody vouches for has it. One letter or digit stands anywhere by chance: it counts where the text names the argument as well. */
export function standsInSentence(part: string, argument: string, memory: TaskMemory): boolean {
  const marks = wordMarks(part);
  const names = part.length === 1 ? namesOf(argument) : undefined;
  return memory
    .mayHold([marks])
    .some(result => !isVouched(result) && result.index.words.mayHold(marks) && sentenceHas(part, result.index, names));
}

/** `names`: of an argument, one of which the sentence has to have as well. */
export function sentenceHas(part: string, index: ResultIndex, names?: readonly string[]): boolean {
  const lines = index.sentences();
  if (!isUnit(lines, part) || (names !== undefined && !names.some(name => isUnit(lines, name)))) return false;
  for (const line of linesWith(part, lines))
    if (isSentence(line, part) && (names === undefined || names.some(name => isUnit(line, name)))) return true;
  return false;
}

/** All of them, each once: a search that gave up could be made to by whoever writes many. */
function* linesWith(part: string, lines: string): Generator<string> {
  for (let at = lines.indexOf(part); at >= 0; ) {
    const end = lines.indexOf('\n', at);
    const until = end < 0 ? lines.length : end;
    yield lines.slice(lines.lastIndexOf('\n', at) + 1, until);
    at = lines.indexOf(part, until);
  }
}

function namesOf(argument: string): readonly string[] {
  const name = argument.replace(/\[\d+\]/g, '').replace(/^.*\./, '');
  return [fold(name), ...wordsOf(name).flatMap(verbStemsOf)];
}

/** More than the value, and a word for what it is: `885 basement` is none. */
function isSentence(line: string, part: string): boolean {
  return isUnit(line, part) && hasWords(line, sentenceWordsMin + wordCountOf(part));
}
