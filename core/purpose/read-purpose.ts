import { knowing } from '../model/knowing.ts';
import { inEnglish, isForeign, saidInEnglish, unmarked } from '../policy/classify/languages.ts';
import { type HandsOver, handsOver } from './delegating.ts';
import { idiomsIn } from './idioms.ts';
import { onlyAsks, onlyQuestions } from './only-asks.ts';
import { type Act, actsOf, doubtfulActs, verbStemsOf } from './thesaurus.ts';

/** What a text asks for, whoever wrote it. */
export interface Asks {
  readonly acts: ReadonlySet<Act>;
  /** The verbs themselves, in their base forms. */
  readonly verbs: ReadonlySet<string>;
  /** Every word that is not one of the language's own. */
  readonly things: readonly string[];
}

/** What the principal's words ask for: the acts, and everything that is named in them. Deterministic; no model. */
export interface Purpose extends Asks {
  /** They tell the agent to do what some source says. */
  readonly delegates: boolean;
  /** How far; undefined where they do not. */
  readonly handsOver: HandsOver | undefined;
  /** They want to know something, and want nothing done: a question, or words that only ask to read. */
  readonly onlyAsks: boolean;
}

export const noPurpose: Purpose = {
  acts: new Set(),
  verbs: new Set(),
  things: [],
  delegates: false,
  handsOver: undefined,
  onlyAsks: false,
};

const purposeCharsMax = 16_384;
const noActs: ReadonlySet<Act> = new Set();

/** Of a text that is folded: it has no wide gaps. */
export function readAsks(text: string): Asks {
  return text.trim() === '' ? noPurpose : readWords(text.slice(0, purposeCharsMax)).asks;
}

/** One blank, or one line break, for each gap: patterns that look back over one take no longer for a wide one. */
function withoutGaps(text: string): string {
  return text.replace(/\s+/g, gap => (gap.includes('\n') ? '\n' : ' '));
}

/** Many tasks are opened with the same words. */
export const readPurpose = knowing(purposeIn, { most: 128, charsMost: 4_096 });

function purposeIn(text: string): Purpose {
  if (text.trim() === '') return noPurpose;
  const cut = withoutGaps(text.slice(0, purposeCharsMax));
  const { asks, foreign, isIdiomatic } = readWords(cut);
  const only = foreign ? (onlyQuestions(cut) ? 'questions' : undefined) : onlyAsks(cut);
  const asked = isIdiomatic ? undefined : only;
  // `What does the mail say?` hands nothing over.
  const over = asked === 'questions' ? undefined : handsOver(cut, foreign, asked === 'reading');
  const delegates = over !== undefined;
  return { ...asks, delegates, handsOver: over, onlyAsks: asked !== undefined && !delegates };
}

function readWords(text: string): { readonly asks: Asks; readonly foreign: boolean; readonly isIdiomatic: boolean } {
  const words = text.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*|[.,;:!?()\n]/gu) ?? [];
  const foreign = isForeign(words);
  const acts = new Set<Act>();
  const verbs = new Set<string>();
  for (const [at, said] of words.entries()) {
    // Where a verb stands in a sentence is known of English alone.
    const word = foreign ? (saidInEnglish(said) ?? '') : said;
    const found = word === 'take' || word === 'taking' ? taken(words, at) : actsOf(word);
    if (found === undefined || !(foreign || asks(words, at))) continue;
    for (const act of found) acts.add(act);
    for (const stem of verbStemsOf(word)) verbs.add(stem);
  }
  if (!foreign && words.some((_, at) => permits(words, at))) acts.add('admit');
  const idioms = foreign ? noActs : idiomsIn(text);
  for (const act of idioms) acts.add(act);
  const named = words.filter(word => /[\p{L}]/u.test(word) && word.length > 1 && !small.has(word));
  const things = [...new Set(foreign ? named.flatMap(word => [word, inEnglish(word) ?? unmarked(word)]) : named)];
  return { asks: { acts, verbs, things }, foreign, isIdiomatic: idioms.size > 0 };
}

/** `Ann may be let in`, `they are allowed to see it`; not `may I`, and not the month. */
function permits(words: readonly string[], at: number): boolean {
  const [left = '', word = '', right = ''] = words.slice(Math.max(0, at - 1), at + 2);
  if (at === 0 || !/^\p{L}{2,}$/u.test(right)) return false;
  if (word === 'allowed') return right === 'to' && (left === 'is' || left === 'are');
  if (word !== 'may' || !/^\p{L}/u.test(left) || notPermitting.has(left)) return false;
  return right === 'be' || actsOf(right) !== undefined || inPlaces.has(right);
}

const notPermitting = new Set(
  'i it there this that which what in of on until till by since from last next mid early late'.split(' '),
);
const inPlaces = new Set('enter come use have stay pick drive visit bring'.split(' '));

/** `take it off` removes; `take a snapshot` makes one; `take the money` is paid. */
function taken(words: readonly string[], at: number): ReadonlySet<Act> {
  const next = words.slice(at + 1, at + 8);
  if (next.some(word => ['off', 'out', 'away', 'down', 'offline'].includes(word)))
    return new Set<Act>(['remove', 'change']);
  return new Set<Act>(next.some(word => cash.has(word)) ? ['pay'] : ['make', 'buy']);
}

const cash = new Set(
  'payment payments money dollar dollars euro euros pound pounds fee fees copay deposit rent cash'.split(' '),
);

const small = new Set(
  'a an the to of in on at and or for with from by is are be it its i me my we our you your he she they them his her their this that please can could would will not as if so do does did has have had'.split(
    ' ',
  ),
);

const before = new Set(
  `to and then please also you should must can could will would shall or but just now kindly not me let don't us
   either first finally next after before help go and/or . , ; : ! ? ( )`
    .split(/\s+/)
    .concat('\n'),
);
const nounsBefore = new Set(
  'a an the this that these those my your his her its our their new last next latest each every any some all no which what of in from with about by per unread recent many most more'.split(
    ' ',
  ),
);
const pastSubjects = new Set('i we they he she who that which was were is are been had has have being'.split(' '));

/** A word in a place where it asks for something: not as a noun, and not as a story about what happened. */
function asks(words: readonly string[], at: number): boolean {
  const word = words[at] ?? '';
  const left = words[at - 1];
  const right = words[at + 1] ?? '';
  if (
    /(?:ed|sent|paid|written|told|bought|withdrawn|sold|chosen)$/.test(word) &&
    !/(?:need|feed|speed|embed)$/.test(word)
  )
    return passive(words, at);
  if (left === undefined || before.has(left)) return !isNounHere(word, right) && !isNumbered(words, at);
  if (left === 'i' || left === 'we') return word === 'need' || word === 'want';
  if (nounsBefore.has(left)) return false;
  if (doubtfulActs.has(word)) return /^(?:\p{L}+ly)$/u.test(left);
  return !(left === 'who' || left === 'which');
}

/** `needs to be moved`, `get it cancelled`; not `was moved`, `I received`. */
function passive(words: readonly string[], at: number): boolean {
  const left = words.slice(Math.max(0, at - 3), at);
  // `it has to be moved`
  if (left.at(-1) === 'be' && left.at(-2) === 'to') return true;
  if (left.some(word => word === 'be' || word === 'get' || word === 'getting' || word === 'have'))
    return !left.some(
      word =>
        pastSubjects.has(word) && word !== 'is' && word !== 'are' && word !== 'have' && word !== 'i' && word !== 'we',
    );
  return false;
}

/** `message 1, Ann Lee`: the head of something, and no request. */
function isNumbered(words: readonly string[], at: number): boolean {
  const [word = '', number = '', end = '.'] = words.slice(at, at + 3);
  return heads.has(word) && /^\d+$/.test(number) && /^[.,;:()\n]$/.test(end);
}

const heads = new Set(
  'message mail email note page post comment order ticket issue item record file text answer reply point step'.split(
    ' ',
  ),
);

/** `emails from Ann`, `orders of last week`: at the start of a sentence and still a noun. */
function isNounHere(word: string, right: string): boolean {
  return (
    doubtfulActs.has(word) && ['from', 'of', 'was', 'were', 'is', 'are', 'that', 'which', '.', '?'].includes(right)
  );
}
