import type { Tool } from '../../model/tool.ts';
import { stemsOf, wordsOf } from '../../policy/classify/words.ts';
import { doingOf } from '../../purpose/asked.ts';
import { readAsks } from '../../purpose/read-purpose.ts';
import type { Act } from '../../purpose/thesaurus.ts';
import { isVouched, type TaskMemory } from '../memory/memory.ts';
import { isUnit, isUnitAt } from '../said/words.ts';
import { fold } from '../spelling/fold.ts';
import { wordMarks } from '../spelling/word-filter.ts';
import { hasWords, wordCountOf } from '../spelling/word-unit.ts';

const sentenceCharsMax = 240;
/** Sentences that are looked at for one value, the newest results first: of more, any may speak of it. */
const sentencesMax = 256;

/**
 * A text that somebody else wrote speaks of this value and, in the same sentence, of the very kind of act that the call
 * would do: whoever wrote it may be the one who wants it done. Easy to avoid for who knows of it, so nothing rests on its
 * absence: it only takes from a value what the principal's words have not given it by themselves.
 */
export function isNamedBesideAct(folded: string, argument: string, tool: Tool, memory: TaskMemory): boolean {
  if (folded.length < 2) return false;
  const { acts } = doingOf(tool);
  const name = fold(tool.name);
  const marks = wordMarks(folded);
  const wordsMin = wordCountOf(folded) + 1;
  let left = sentencesMax;
  for (const result of memory.mayHold([marks])) {
    const { index } = result;
    if (isVouched(result) || !index.words.mayHold(marks)) continue;
    for (const { folded: text } of index.texts)
      for (const sentence of sentencesWith(text, folded)) {
        // The value alone says nothing of what is done.
        if (!hasWords(sentence, wordsMin)) continue;
        if (speaksOf(sentence, folded, argument, acts) || (name.length >= 6 && isUnit(sentence, name))) return true;
        if (--left === 0) return true;
      }
  }
  return false;
}

function* sentencesWith(text: string, part: string): Generator<string> {
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) {
    if (!isUnitAt(text, part, at)) continue;
    const before = text.slice(Math.max(0, at - sentenceCharsMax), at);
    const after = text.slice(at + part.length, at + part.length + sentenceCharsMax);
    const begin = Math.max(...['. ', '! ', '? '].map(end => before.lastIndexOf(end)));
    const end = /[.!?](?:\s|$)/.exec(after)?.index ?? after.length;
    yield before.slice(begin + 1) + part + after.slice(0, end);
  }
}

function speaksOf(sentence: string, value: string, argument: string, acts: ReadonlySet<Act>): boolean {
  for (const act of readAsks(withoutItsKind(sentence, value, argument)).acts) if (acts.has(act)) return true;
  return false;
}

/** In `order W-7` the word says what `orderNo` is the number of, and wants nothing ordered. */
function withoutItsKind(sentence: string, value: string, argument: string): string {
  const at = sentence.indexOf(value);
  const before = sentence.slice(0, at);
  const kind = /(?<!\p{L})(\p{L}+)[ #:]*$/u.exec(before);
  const kinds = wordsOf(argument.replace(/\[\d+\]/g, '').replace(/^.*\./, '')).flatMap(stemsOf);
  const isKind = kind !== null && stemsOf(kind[1] ?? '').some(stem => kinds.includes(stem));
  return `${isKind ? before.slice(0, kind.index) : before} x ${sentence.slice(at + value.length)}`;
}
