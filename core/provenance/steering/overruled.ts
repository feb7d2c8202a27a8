import type { Instant } from '../../model/ids.ts';
import { stemsOf, wordsOf } from '../../policy/classify/words.ts';
import type { Sink } from '../call/sinks.ts';
import { isVouched, type TaskMemory } from '../memory/memory.ts';
import { farYear } from '../said/said-dates.ts';
import { saysHour } from '../said/said-hours.ts';
import { isUnit, type Words } from '../said/words.ts';
import { plainNumber } from '../spelling/number.ts';
import { wordMarks } from '../spelling/word-filter.ts';

/**
 * The principal gave this very thing another value (`hall 5`, `to 1,500 kW`, `at C3-01`), the call has none of theirs, and the
 * one that it has stands in a text that nobody vouches for: whoever wrote the text may have talked the agent out of it.
 * Small numbers stand everywhere by chance, so they count only where the words name the argument.
 */
export function isOverruled(sink: Sink, sinks: readonly Sink[], memory: TaskMemory): boolean {
  const { words } = memory;
  const { role } = sink;
  if (words.isEmpty || memory.count === 0 || !(role === 'plain' || role === 'choice' || role === 'object'))
    return false;
  // `read` of who said so, where the call has `own`.
  if (role === 'choice' && sink.others?.some(other => isUnit(words.folded, other)) === true) return true;
  const given = givenInstead(sink, memory);
  return given.length > 0 && !given.some(one => sinks.some(other => isSame(other, one)));
}

/**
 * They said a day without its year (`until 1 November`), which is one within a year of the task's beginning, and a text that
 * nobody vouches for speaks of the far year that the call has.
 */
export function hasFarYear({ folded, shape }: Sink, memory: TaskMemory, openedAt: Instant): boolean {
  const year = shape === 'date' ? farYear(folded, openedAt) : undefined;
  return year !== undefined && !isUnit(memory.words.folded, year) && standsInText(year, memory);
}

/** What the words give instead of this value, which a text has. */
function givenInstead(sink: Sink, memory: TaskMemory): readonly string[] {
  const { folded, shape } = sink;
  const { words } = memory;
  // A text may write the rest of a date in many ways.
  const otherYears = shape === 'date' ? words.otherYears(folded) : nothing;
  if (otherYears.length > 0 && standsInText(folded.slice(0, 4), memory)) return otherYears;
  const given = givenIn(words);
  const [byName, alike] = [namedLike(sink, words, given), builtLike(folded, given)];
  if (byName.length + alike.length === 0 || !standsInText(folded, memory)) return nothing;
  return [...byName, ...alike];
}

const nothing: readonly string[] = [];

/** What the words give, kept until they say more: the texts of a task are many, and are looked through only for what is in it. */
interface Given {
  readonly version: number;
  /** Right behind the name of an argument. */
  readonly byName: Map<string, readonly string[]>;
  /** Names and larger numbers, by how they are built. */
  readonly byForm: ReadonlyMap<string, readonly string[]>;
}

const known = new WeakMap<Words, Given>();
const namesMax = 256;

function givenIn(words: Words): Given {
  const found = known.get(words);
  if (found?.version === words.version) return found;
  const byForm = new Map<string, string[]>();
  for (const name of words.names()) {
    const built = builtOf(name);
    if (built === undefined) continue;
    const alike = byForm.get(built);
    if (alike === undefined) byForm.set(built, [name]);
    else alike.push(name);
  }
  const made = { version: words.version, byName: new Map(), byForm };
  known.set(words, made);
  return made;
}

function namedLike({ argument }: Sink, words: Words, { byName }: Given): readonly string[] {
  const name = argument.replace(/\[\d+\]/g, '').replace(/^.*\./, '');
  const found = byName.get(name);
  if (found !== undefined) return found;
  const made = behindName(name, words);
  if (byName.size >= namesMax) byName.clear();
  byName.set(name, made);
  return made;
}

/** `courtroom 5`, `berth no. B4`. */
function behindName(name: string, { folded }: Words): readonly string[] {
  const last = wordsOf(name).at(-1) ?? '';
  const stems = last.length < 4 ? [] : stemsOf(last).filter(stem => stem.length >= 4);
  return stems.flatMap(stem =>
    [
      ...folded.matchAll(
        new RegExp(`(?<!\\p{L})${stem}s? (?:no\\.? |nr\\.? |number |#)?([\\p{L}\\p{N}-]*\\d[\\p{L}\\p{N}-]*)`, 'gu'),
      ),
    ].map(([, value = '']) => value),
  );
}

function builtLike(folded: string, { byForm }: Given): readonly string[] {
  if (!/\d/.test(folded) || /\s/.test(folded)) return nothing;
  const built = builtOf(folded);
  return (built === undefined ? undefined : byForm.get(built)) ?? nothing;
}

/**
 * Undefined for what tells nothing: a date, a small number, an id of one series. A number that may be a year (`for 2027`) is no
 * amount, so that no amount is held against it.
 */
function builtOf(folded: string): string | undefined {
  if (/^\d{4}-\d{2}-\d{2}|:/.test(folded)) return undefined;
  const number = plainNumber(folded);
  if (number !== undefined && /^(?:199|20[0-3])\d$/.test(number)) return 'year';
  if (number !== undefined) return /^\d{3,}(?:\.\d+)?$/.test(number) ? '9' : undefined;
  const groups = folded.match(/\d+/g) ?? [];
  return groups.length < 2 ? undefined : folded.replace(/\d+/g, '9').replace(/\p{L}+/gu, 'a');
}

const dayChars = '2026-11-01'.length;

function isSame({ folded, shape }: Sink, given: string): boolean {
  // A day that was given, with whatever time.
  if (shape === 'date' && folded.slice(0, dayChars) === given) return true;
  // `from 2 to 4 pm`
  if (hourAlone.test(folded) && saysHour(folded, given)) return true;
  return folded === given || (plainNumber(folded) ?? folded) === (plainNumber(given) ?? given) || isUnit(folded, given);
}

const hourAlone = /^\d{1,2}:\d{2}$/;

function standsInText(folded: string, memory: TaskMemory): boolean {
  const marks = wordMarks(folded);
  return memory
    .mayHold([marks])
    .some(
      result =>
        !isVouched(result) &&
        result.index.words.mayHold(marks) &&
        result.index.texts.some(({ folded: text }) => isUnit(text, folded)),
    );
}
