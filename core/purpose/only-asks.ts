import { actsOf } from './thesaurus.ts';

/**
 * Whether the principal only wants to know something: each sentence is a question, or begins with a word that only reads,
 * and none asks for another act on its way. `questions` if there is nothing but questions. English alone: what is not
 * understood is no question, and then nothing follows from it.
 */
export function onlyAsks(text: string): 'questions' | 'reading' | undefined {
  const sentences = text
    .split(/(?<=[.!?;])\s+|\n+/)
    .map(sentence => ({ words: wordsOf(sentence), isQuestion: sentence.trimEnd().endsWith('?') }))
    .filter(({ words }) => words.length > 0);
  if (sentences.length === 0 || !sentences.every(({ words }) => asksOnly(words))) return undefined;
  const isAll = sentences.every(({ words, isQuestion }) => isQuestion && questionWords.has(words[0] ?? ''));
  return isAll ? 'questions' : 'reading';
}

/** The same of a text in one of the other languages that are read: nothing but questions that begin with a question word. */
export function onlyQuestions(text: string): boolean {
  // `am 6. Juni` ends no sentence.
  const sentences = text.split(/(?<=(?<!\d)[.!?;])\s+|\n+/).filter(sentence => /\p{L}/u.test(sentence));
  return sentences.length > 0 && sentences.every(sentence => foreignQuestion.test(sentence.trim()));
}

/** German, French, Spanish, Italian, Portuguese, Dutch. `Können Sie …?` asks for something to be done. */
const foreignQuestion =
  /^[¿¡]?(?:(?:und|et|y|e|en|bitte)\s+)?(?:in\s+|a\s+|de\s+|an\s+|für\s+|pour\s+|para\s+|per\s+|voor\s+)?(?:wie|wo|was|wer|wen|wem|wann|warum|wieso|welche[rnsm]?|wohin|woher|wofür|où|quand|qui|quoi|quels?|quelles?|combien|pourquoi|comment|dónde|donde|qué|que|quién|quiénes|cuándo|cuánt[oa]s?|cuál|cuáles|cómo|dove|quando|chi|qual[ei]?|quant[ie]|quanto|quanta|perché|come|onde|quem|quais|quantos|quantas|waar|wat|wanneer|welke?|hoeveel|waarom|hoe)(?![\p{L}\p{N}])(?:[^.!?]|(?<=\d)\.)*\?$/iu;

function wordsOf(sentence: string): string[] {
  const words = sentence.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*|,/gu) ?? [];
  const first = words.findIndex((word, at) => !courtesy.has(word) && !isForYou(words, at));
  return first < 0 ? [] : words.slice(first);
}

function isForYou(words: readonly string[], at: number): boolean {
  const next = words[at + 1];
  return word(words[at], 'can could would will') ? next === 'you' : words[at] === 'you' && at > 0;
}

function asksOnly(words: readonly string[]): boolean {
  const [first = '', second = ''] = words;
  // `Summarise the complaint in a memo` wants a memo.
  if (/^(?:summari[sz]e|list|describe|explain|collect|compile)$/.test(first) && intoText.test(words.join(' ')))
    return false;
  const begins =
    isForMe(words, 0) || onlyReads(first) || (questionWords.has(first) && !notAsking.has(`${first} ${second}`));
  return begins && words.every((_, at) => at === 0 || !isOtherAct(words, at));
}

const intoText =
  /\b(?:in|into|to|as) (?:an?|my|our) (?:[\p{L}-]+ ){0,2}(?:memo|note|file|document|doc|report|sheet|ticket|message|e-?mail|mail|comment|draft|entry|post)\b/u;

/** A verb where one can stand that does more than read, or an unknown word that does something with `it`. */
function isOtherAct(words: readonly string[], at: number): boolean {
  if (!word(words[at - 1], 'and then to also please you or but ,') || isForMe(words, at)) return false;
  const said = words[at] ?? '';
  if (actsOf(said) !== undefined) return !onlyReads(said);
  return word(words[at + 1], 'it them that this those these everything so accordingly');
}

function isForMe(words: readonly string[], at: number): boolean {
  return word(words[at], 'give tell show') && word(words[at + 1], 'me us');
}

function onlyReads(said: string): boolean {
  const found = actsOf(said);
  return found?.has('read') === true && found.size === 1;
}

function word(said: string | undefined, list: string): boolean {
  return said !== undefined && list.split(' ').includes(said);
}

const courtesy = new Set('please hi hello hey and then also so now ok okay thanks ,'.split(' '));
const questionWords = new Set(
  "what what's whats where where's who who's whose whom which when when's why how how's is are was were does do did has have had any anything".split(
    ' ',
  ),
);
const notAsking = new Set([
  'what about',
  'how about',
  'do it',
  'do that',
  'do this',
  'do so',
  'do what',
  'do the',
  'do all',
  'do everything',
  'have it',
  'have them',
  'have the',
]);
