import { knowing } from '../model/knowing.ts';
import { wordsOf } from '../policy/classify/words.ts';
import type { Purpose } from '../purpose/read-purpose.ts';
import { verbStemsOf } from '../purpose/thesaurus.ts';
import { fold } from './fold.ts';
import { isVouched, type TaskMemory } from './memory.ts';
import type { Sink } from './role.ts';
import { type WordMarks, wordMarks } from './word-filter.ts';
import { hasWords, sentenceWordsMin } from './word-unit.ts';

/**
 * People speak of a flag in other forms of its words: `customers are to be locked` of `lock`, `lifting the fire watch` of
 * `fireWatch: false`. A text that nobody vouches for has each word of the name near each other, in some form, and not alone.
 */
export function isFlagSpokenOf({ value }: Sink, memory: TaskMemory): boolean {
  const { stems, forms } = nameOf(value);
  const marks = forms.map(wordMarks);
  let left = placesMax;
  for (const result of memory.mayHold(marks)) {
    if (isVouched(result)) continue;
    for (const [at, form] of forms.entries()) {
      if (!result.index.words.mayHold(marks[at] as WordMarks)) continue;
      for (const around of placesOf(form, result.index.sentences())) {
        if (!hasWords(around, sentenceWordsMin + stems.length)) continue;
        if (--left === 0 || hasAll(around, stems)) return true;
      }
    }
  }
  return false;
}

/** Places that are looked at for one flag: of more, any may speak of it. */
const placesMax = 256;
const aroundCharsMax = 120;

/** Each place of a text that has this form, with what stands around it. */
function* placesOf(form: string, lines: string): Generator<string> {
  for (let at = lines.indexOf(form); at >= 0; at = lines.indexOf(form, at + form.length)) {
    const before = lines.slice(Math.max(0, at - aroundCharsMax), at);
    const [after = ''] = lines.slice(at, at + form.length + aroundCharsMax).split('\n', 1);
    yield before.slice(before.lastIndexOf('\n') + 1) + after;
  }
}

/** The principal's words have a word of the flag's name: whoever says `no download` has decided about `allow_download`. */
export function isFlagTheirs({ value }: Sink, { verbs, things }: Purpose): boolean {
  return nameOf(value).stems.some(word =>
    word.some(stem => verbs.has(stem) || things.some(thing => verbStemsOf(thing).includes(stem))),
  );
}

function hasAll(line: string, stems: Name['stems']): boolean {
  const said = new Set(wordsOf(line).flatMap(verbStemsOf));
  return stems.every(word => word.some(stem => said.has(stem)));
}

interface Name {
  /** Of each word that says something, what it may be a form of. */
  readonly stems: readonly (readonly string[])[];
  /** Forms of the longest of them, as people write it: what a text is looked through for. */
  readonly forms: readonly string[];
}

/** Names of arguments come again with every call. */
const nameOf = knowing((name): Name => {
  const spelled = fold(name.replace(/(?<=[a-z])(?=[A-Z])|[_-]+/g, ' '))
    .split(' ')
    .filter(word => word.length > 2 && !switching.has(word));
  const longest = spelled.toSorted((a, b) => b.length - a.length)[0];
  return {
    stems: spelled.map(word => wordsOf(word).flatMap(verbStemsOf)),
    forms: longest === undefined ? [] : formsOf(longest),
  };
});

/** What says of any flag that it is one. */
const switching = new Set('has should allow allowed enable enabled active use with the and'.split(' '));

function formsOf(word: string): readonly string[] {
  const base = word.replace(/(?:e|ed|en|ing|s)$/, '');
  const endings = ['', 'e', 's', 'es', 'ed', 'd', 'ing', 'en', 'n', 't'];
  return [...new Set([word, ...(base.length < 3 ? [] : endings.map(ending => base + ending))])];
}
