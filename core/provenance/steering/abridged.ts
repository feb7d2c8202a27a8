import type { Sink } from '../call/sinks.ts';
import type { Grounds, Search } from '../memory/grounds.ts';
import { isVouched } from '../memory/memory.ts';
import { isUnit, stop, type Words } from '../said/words.ts';
import { fold } from '../spelling/fold.ts';
import { type WordMarks, wordMarks } from '../spelling/word-filter.ts';
import { hasWords, sentenceWordsMin } from '../spelling/word-unit.ts';

/**
 * Lines of a text that was read are copied without one that stands between them, and what else that text says speaks of the one that
 * is missing (`clause 2 is not for others`), as the principal's words do not: whoever wrote it may be who had it left out. Of a text
 * of which less was copied than left out, a part was picked, and nothing is said.
 */
export function isAbridged({ role, value }: Sink, { memory, search }: Pick<Grounds, 'memory' | 'search'>): boolean {
  const { words } = memory;
  if (role !== 'content' || words.isEmpty || memory.count === 0 || !value.includes('\n')) return false;
  const lines = linesOf(value);
  if (lines.length < 2) return false;
  return memory.mayHold(lines.map(({ marks }) => marks)).some(result => {
    if (isVouched(result)) return false;
    const held = lines.filter(({ marks }) => result.index.words.mayHold(marks)).map(({ folded }) => folded);
    if (held.length < 2) return false;
    return result.index.texts.some(({ folded }) => {
      const copied = copiedFrom(folded, held, search);
      return search.charsLeft < 0 || isLeftOut(copied, words);
    });
  });
}

/** A shorter line stands in many texts. */
const lineCharsMin = 6;

interface Line {
  readonly folded: string;
  readonly marks: WordMarks;
}

function linesOf(value: string): readonly Line[] {
  return value
    .split('\n')
    .map(fold)
    .filter(({ length }) => length >= lineCharsMin)
    .map(folded => ({ folded, marks: wordMarks(folded) }));
}

/** A text, cut at the lines that were copied from it. */
interface Copied {
  readonly lines: readonly string[];
  readonly between: readonly string[];
  /** What stands before the first and behind the last of them. */
  readonly around: string;
}

function copiedFrom(text: string, lines: readonly string[], search: Search): Copied {
  const copied: string[] = [];
  const between: string[] = [];
  let before = '';
  let end = 0;
  for (const line of lines) {
    if (search.charsLeft < 0) break;
    const at = text.indexOf(line, end);
    search.charsLeft -= (at < 0 ? text.length : at) - end;
    if (at < 0) continue;
    if (copied.length === 0) before = text.slice(0, at);
    else between.push(text.slice(end, at));
    copied.push(line);
    end = at + line.length;
  }
  return { lines: copied, between, around: `${before}\n${text.slice(end)}` };
}

function isLeftOut({ lines, between, around }: Copied, words: Words): boolean {
  const copied = lines.join('\n');
  const missing = between.join('\n');
  if (missing.length > copied.length || !hasWords(around, sentenceWordsMin)) return false;
  const passages = between.filter(passage => hasWords(passage, sentenceWordsMin));
  if (passages.length === 0) return false;
  const [spokenOf, kept] = [wordsIn(around), wordsIn(copied)];
  const isTelling = (word: string): boolean => /\p{N}/u.test(word) || (word.length >= 4 && !stop.has(word));
  return passages.some(passage =>
    [...wordsIn(passage)].some(
      word => isTelling(word) && spokenOf.has(word) && !kept.has(word) && !isUnit(words.folded, word),
    ),
  );
}

function wordsIn(text: string): ReadonlySet<string> {
  return new Set(text.match(/[\p{L}\p{N}]+/gu));
}
