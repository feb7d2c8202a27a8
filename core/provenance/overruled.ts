import { stemsOf, wordsOf } from '../policy/classify/words.ts';
import { isVouched, type TaskMemory } from './memory.ts';
import { plainNumber } from './number.ts';
import type { Sink } from './role.ts';
import { wordMarks } from './word-filter.ts';
import { isUnit, type Words } from './words.ts';

/**
 * The principal gave this very thing another value (`hall 5`, `to 1,500 kW`, `at C3-01`), the call has none of theirs, and the
 * one that it has stands in a text that nobody vouches for: whoever wrote the text may have talked the agent out of it.
 * Small numbers stand everywhere by chance, so they count only where the words name the argument.
 */
export function isOverruled(sink: Sink, sinks: readonly Sink[], memory: TaskMemory): boolean {
  const { words } = memory;
  const { role, folded } = sink;
  if (words.isEmpty || !(role === 'plain' || role === 'choice' || role === 'object') || folded.length > charsMax)
    return false;
  if (!standsInText(folded, memory)) return false;
  const given = [...givenByName(sink, words), ...givenAlike(folded, words)];
  return given.length > 0 && !given.some(one => sinks.some(other => isSame(other.folded, one)));
}

const charsMax = 80;

/** `courtroom 5`, `berth no. B4`: what the words say right behind the name of the argument. */
function givenByName({ argument }: Sink, words: Words): readonly string[] {
  const last = wordsOf(argument.replace(/\[\d+\]/g, '').replace(/^.*\./, '')).at(-1) ?? '';
  if (last.length < 4) return [];
  const names = stemsOf(last).filter(stem => stem.length >= 4);
  return names.flatMap(name =>
    [
      ...words.folded.matchAll(
        new RegExp(`(?<!\\p{L})${name}s? (?:no\\.? |nr\\.? |number |#)?([\\p{L}\\p{N}-]*\\d[\\p{L}\\p{N}-]*)`, 'gu'),
      ),
    ].map(([, value = '']) => value),
  );
}

/** Names and larger numbers of the words that are built as the value is. */
function givenAlike(folded: string, words: Words): readonly string[] {
  if (!/\d/.test(folded) || /\s/.test(folded)) return [];
  const built = builtOf(folded);
  if (built === undefined) return [];
  return words.names().filter(name => builtOf(name) === built);
}

/** Undefined for what tells nothing: a date, a small number, an id of one series. */
function builtOf(folded: string): string | undefined {
  if (/^\d{4}-\d{2}-\d{2}|:/.test(folded)) return undefined;
  const number = plainNumber(folded);
  if (number !== undefined) return /^\d{3,}(?:\.\d+)?$/.test(number) ? '9' : undefined;
  const groups = folded.match(/\d+/g) ?? [];
  return groups.length < 2 ? undefined : folded.replace(/\d+/g, '9').replace(/\p{L}+/gu, 'a');
}

function isSame(one: string, other: string): boolean {
  return one === other || (plainNumber(one) ?? one) === (plainNumber(other) ?? other) || isUnit(one, other);
}

function standsInText(folded: string, memory: TaskMemory): boolean {
  const marks = wordMarks(folded);
  return memory
    .mayHold([marks])
    .some(result => !isVouched(result) && result.index.texts.some(({ folded: text }) => isUnit(text, folded)));
}
