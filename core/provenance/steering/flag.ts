import { knowing } from '../../model/knowing.ts';
import type { Tool } from '../../model/tool.ts';
import { wordsOf } from '../../policy/classify/words.ts';
import type { Purpose } from '../../purpose/read-purpose.ts';
import { verbStemsOf } from '../../purpose/thesaurus.ts';
import type { Sink } from '../call/sinks.ts';
import { isVouched, type TaskMemory } from '../memory/memory.ts';
import { fold } from '../spelling/fold.ts';
import { type WordMarks, wordMarks } from '../spelling/word-filter.ts';
import { hasWords, isWordUnit, sentenceWordsMin } from '../spelling/word-unit.ts';

/**
 * People speak of a flag in other forms of its words: `customers are to be locked` of `lock`, `lifting the fire watch` of
 * `fireWatch: false`. A text that nobody vouches for has each word of the name near each other, in some form, and not alone.
 */
export function isFlagSpokenOf({ value }: Sink, memory: TaskMemory): boolean {
  const { words, longest } = nameOf(value);
  if (longest === undefined) return false;
  let left = placesMax;
  for (const result of memory.mayHold(longest.marks)) {
    const isThere = (mark: WordMarks): boolean => result.index.words.mayHold(mark);
    if (isVouched(result) || !words.every(({ marks }) => marks.some(isThere))) continue;
    for (const [at, form] of longest.forms.entries()) {
      if (!isThere(longest.marks[at] as WordMarks)) continue;
      for (const around of placesOf(form, result.index.sentences())) {
        if (!words.every(({ forms }) => forms.some(other => around.includes(other)))) continue;
        if (!hasWords(around, sentenceWordsMin + words.length)) continue;
        if (--left === 0 || hasAll(around, words)) return true;
      }
    }
  }
  return false;
}

/** Places that are looked at for one flag: of more, any may speak of it. */
const placesMax = 256;
const aroundCharsMax = 120;

/** Each place of a text where this form is a word, with what stands around it. */
function* placesOf(form: string, lines: string): Generator<string> {
  for (let at = lines.indexOf(form); at >= 0; at = lines.indexOf(form, at + form.length)) {
    const end = at + form.length;
    if (isWordUnit(lines.charCodeAt(at - 1)) || isWordUnit(lines.charCodeAt(end))) continue;
    const before = lines.slice(Math.max(0, at - aroundCharsMax), at);
    const [after = ''] = lines.slice(at, end + aroundCharsMax).split('\n', 1);
    yield before.slice(before.lastIndexOf('\n') + 1) + after;
  }
}

/**
 * The principal's words have a word of the flag's name: whoever says `no download` has decided about `allow_download`. A word that
 * the tool's name has as well says what is worked on: who wants something of an account has not decided about `account_locked`.
 */
export function isFlagTheirs({ value }: Sink, tool: Tool, { verbs, things }: Purpose): boolean {
  const { words } = nameOf(value);
  const ofTool = new Set(wordsOf(tool.name).flatMap(verbStemsOf));
  const telling = words.filter(({ stems }) => !stems.some(stem => ofTool.has(stem)));
  const isSaid = (stem: string): boolean => verbs.has(stem) || things.some(thing => verbStemsOf(thing).includes(stem));
  return (telling.length > 0 ? telling : words).some(({ stems }) => stems.some(isSaid));
}

function hasAll(line: string, words: readonly NameWord[]): boolean {
  const said = new Set(wordsOf(line).flatMap(verbStemsOf));
  return words.every(({ stems }) => stems.some(stem => said.has(stem)));
}

interface NameWord {
  /** What it may be a form of. */
  readonly stems: readonly string[];
  /** As people write it: what a text is looked through for. */
  readonly forms: readonly string[];
  readonly marks: readonly WordMarks[];
}

interface Name {
  /** Those that say something. */
  readonly words: readonly NameWord[];
  readonly longest: NameWord | undefined;
}

/** Names of arguments come again with every call. */
const nameOf = knowing((name): Name => {
  const spelled = fold(name.replace(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_.:/-]+/g, ' '))
    .split(' ')
    .filter(word => word.length > 2);
  const telling = spelled.filter(word => !switching.has(word));
  const words = (telling.length > 0 ? telling : spelled).slice(0, wordsMax).map(nameWord);
  return { words, longest: words.toSorted((a, b) => lengthOf(b) - lengthOf(a))[0] };
});

/** Of a name that has more, the first. */
const wordsMax = 8;

/** What says of any flag that it is one, or which way round it is. */
const switching = new Set(
  `has should allow allowed enable enabled active use with the and require requires required need needs
   not skip disable disabled ignore bypass without`.split(/\s+/),
);

function nameWord(word: string): NameWord {
  const forms = formsOf(word);
  return { stems: wordsOf(word).flatMap(verbStemsOf), forms, marks: forms.map(wordMarks) };
}

function lengthOf({ forms: [word = ''] }: NameWord): number {
  return word.length;
}

/** The word itself comes first. */
function formsOf(word: string): readonly string[] {
  const base = word.replace(/(?:e|ed|en|ing|s)$/, '');
  if (base.length < 3) return [word];
  const endings = ['', 'e', 's', 'es', 'ed', 'd', 'ing', 'en', 'n', 't'].map(ending => base + ending);
  // `stop` and `stopping`, `copy` and `copies`.
  const doubled = ['ed', 'ing'].map(ending => base + base.at(-1) + ending);
  const ofY = base.endsWith('y') ? ['ies', 'ied'].map(ending => base.slice(0, -1) + ending) : [];
  return [...new Set([word, ...endings, ...doubled, ...ofY])];
}
