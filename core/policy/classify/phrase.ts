import { askingNouns, doubtfulVerbs, plainVerbs, returning, type Verb } from './verbs.ts';
import { stemIn, stemsOf, wordSet, wordsOf } from './words.ts';

/** A name or a sentence, cut into what is done and what it is done to. */
export interface Phrase {
  readonly verbs: readonly Verb[];
  /** Every other word, singular where it can be. */
  readonly objects: readonly string[];
  /** The verb is a verb wherever it stands, or stands where only a verb can. */
  readonly certain?: boolean;
  /** A description that names what is returned rather than what is done: its first word. */
  readonly thing?: string;
}

const joiners = wordSet('and or then n');

/**
 * The verb of a name is its first plain verb, else a doubtful one at its start, else at its end. A second verb counts
 * after a joiner (`search_and_replace`, `get_or_create`), and after a light verb or `run` (`execute_trade`). Of a dotted
 * name the last step is looked at first: what stands before it says of what (`share.read`).
 */
export function namePhrase(name: string): Phrase {
  const words = wordsOf(name);
  const inLast = plainIn(words, words.length - wordsOf(lastStep(name)).length);
  const plain = inLast >= 0 ? inLast : plainIn(words, 0);
  const at = plain >= 0 ? plain : doubtfulPlace(words);
  if (at < 0) return { verbs: [], objects: words.flatMap(stemsOf) };
  const first = verbAt(words, at);
  const verbs = first === undefined ? [] : [first, ...furtherVerbs(words, at, first)];
  const objects = words.filter((_, index) => index !== at).flatMap(stemsOf);
  // `open` is as often no verb: `openSlots`.
  return { verbs, objects, certain: (plain >= 0 || at === 0) && words[at] !== 'open' };
}

function lastStep(name: string): string {
  return name.slice(Math.max(name.lastIndexOf('.'), name.lastIndexOf('/'), name.lastIndexOf(':')) + 1);
}

function plainIn(words: readonly string[], from: number): number {
  return words.findIndex(
    (word, at) =>
      at >= from && (plainVerbs.has(word) || (beforeParticles.has(word) && particles.has(words[at + 1] ?? ''))),
  );
}

/** A name without a verb may hide one in a noun: `email_sender`, `user_deletion`, `code_executor`. */
export function nominalVerb(name: string): Verb | undefined {
  for (const word of wordsOf(name)) {
    if (word === 'browser') continue; // what a tool works in, not what it does
    const base = /^(.{2,})(?:er|or|ion|ment)$/.exec(word)?.[1] ?? '';
    const found = [`${base}e`, base].find(stem => plainVerbs.has(stem) || doubtfulVerbs.has(stem));
    const kind = found === undefined ? undefined : (plainVerbs.get(found) ?? doubtfulVerbs.get(found));
    if (found !== undefined && kind !== undefined) return { word: found, kind };
  }
  return undefined;
}

function doubtfulPlace(words: readonly string[]): number {
  if (doubtfulVerbs.has(words[0] ?? '')) return words.length > 1 && askingNouns.has(words.at(-1) ?? '') ? -1 : 0;
  if (askingNouns.has(words.at(-1) ?? '')) return -1;
  return words.findIndex(word => doubtfulVerbs.has(word));
}

const beforeParticles = wordSet('check sign log opt clock tap');
const particles = wordSet('in out up on off');

function verbAt(words: readonly string[], at: number): Verb | undefined {
  const word = words[at] ?? '';
  const next = words[at + 1] ?? '';
  if (beforeParticles.has(word) && particles.has(next)) return { word: `${word}${next}`, kind: 'write' };
  const kind = plainVerbs.get(word) ?? doubtfulVerbs.get(word);
  return kind === undefined ? undefined : { word, kind };
}

function furtherVerbs(words: readonly string[], at: number, first: Verb): Verb[] {
  const chained = first.kind === 'light' || first.kind === 'run';
  return words.flatMap((_, index) => {
    if (index <= at) return [];
    const joined = joiners.has(words[index - 1] ?? '');
    const verb = joined || (chained && index === at + 1) ? verbAt(words, index) : undefined;
    return verb === undefined ? [] : [verb];
  });
}

const likeness =
  /^(?:(?:the|an?)\s+\p{L}{2,}ing\s+\p{L}+|open\s+(?!(?:this|his)\b)\p{L}+s|\p{L}+s\s+and\s+\p{L}+s)\s+(?:of|for|by|in|on|with)\b/u;
const determiners = wordSet(
  'a an the this all to one some your new on any every each specific given multiple existing it them',
);
const preamble =
  /^(?:(?:this|a|an|the)\s+)?(?:(?:simple|custom|powerful)\s+)?(?:tool|function|endpoint|method|api)?\s*(?:(?:that|which|is|can|be|will|used|use|it|lets|allows|enables|helps|you|users?|agents?|the|for|to)\s+)*/i;

/** What the first sentence of a description says is done: its leading verb, and the one after `and`. */
export function sentencePhrase(description: string): Phrase {
  const whole = (/^[^.!?\n]*/.exec(description.trim())?.[0] ?? '').slice(0, 400);
  // `The running order of a show`, `Open orders of a buyer`, `Places and hours of a market`: what a thing is like is not what is done to it.
  const sentence = likeness.test(whole.toLowerCase()) ? `Returns ${whole}` : whole;
  // `Pre-register a visitor` registers; a comma joins verbs as `and` does: "Borrow, renew or return".
  const plain = sentence
    .replace(preamble, '')
    .replace(/\b(?:pre|re|un|de|bulk|auto)-(?=\p{L})/giu, '')
    .replaceAll(',', ' and ');
  const words = wordsOf(plain).filter(word => !/..ly$/.test(word) || plainVerbs.has(word));
  const verbs: Verb[] = [];
  const hands = handsOver(plain);
  for (const [index, word] of words.entries()) {
    // `Hobble or unseal a box`: a leading word that is not known is a verb where a grave one follows it.
    const second = verbs.length === 0 && index === 2;
    const follows = joiners.has(words[index - 1] ?? '') && (second || (verbs.length > 0 && index < 16));
    // `Returns prices and shares of a fund`: `of` stands behind a thing.
    if (index > 0 && (!follows || words[index + 1] === 'of')) continue;
    const verb = takesAway(word, plain, index) ?? sentenceVerb(word, words[index + 1], index, hands);
    if (second && !graveKinds.has(verb?.kind ?? '')) continue;
    if (verb !== undefined) verbs.push(verb);
  }
  const objects = words.slice(1, 8).flatMap(stemsOf);
  const thing = verbs.length === 0 ? thingIn(description) : undefined;
  return thing === undefined ? { verbs, objects } : { verbs, objects, thing };
}

const graveKinds: ReadonlySet<string> = new Set(['destroy', 'money', 'admin', 'code', 'approve', 'physical']);

/** `Take a hearing off the calendar`, and not `Take a picture out of the window`. */
function takesAway(word: string, sentence: string, index: number): Verb | undefined {
  if (index > 0 || !/^takes?$/.test(word)) return undefined;
  return takenAway.test(sentence) ? { word: 'remove', kind: 'destroy' } : undefined;
}

const takenAway =
  /^takes?\s+(?!(?:(?:an?|the|some)\s+)?(?:part|place|photo|picture|snapshot|screenshot|reading|measurement|note|backup|copy|look)s?\b)\p{L}+(?:\s+\p{L}+){0,4}?\s+(?:off|away|out of|down from)\b/iu;

/** "All appointments of one day", "Cost by service and month": it begins with no verb, and no word of it does anything. */
function thingIn(description: string): string | undefined {
  const words = wordsOf(description.slice(0, 400));
  const first = words[0];
  if (first === undefined || words.length < 2 || isLeading(first, words[1])) return undefined;
  // `Hobbles a horse`, `Vide la cuve`: a word before an article is a verb, though nobody here knows it.
  if (isArticle(words[1], words[2]) && !beforeArticles.has(first)) return undefined;
  return words.some((word, index) => changesSomething(word, index === 0)) ? undefined : first;
}

/** `Acceso a los registros`, `Invitati a una festa`: what stands before an article is none. */
function isArticle(word = '', next = ''): boolean {
  return articles.has(word) && !(word === 'a' && articles.has(next));
}

/** Without those that also stand between two nouns (`Preis der Karte`, `horaires des trains`). */
const articles = wordSet(
  'a an the die das den ein eine einen einem einer le la les un une el los las una il lo gli um uma het een',
);
/** Words that ask, and that say where, when and about what: in the seven languages. */
const beforeArticles = wordSet(
  `all both half only just such what which whether how where when why who whose as with without of for in on at by per about
   from to after before during since until is are was were not and or quite many today now once over under between
   alle mit von auf über für aus bei nach zu um durch gegen ohne während seit vor unter zwischen wann wie wo was wer ob wenn
   tous toutes avec par pour dans sur sous chez sans vers selon depuis pendant après avant entre quand où comment combien qui que
   todos todas con por sobre para en desde hasta según cuándo cómo dónde quién qué cuánto
   tutti tutte su tra fra di da dopo prima secondo quando dove come quanto chi che
   com em após até onde quem como sem voor uit naar op aan tot tegen zonder wanneer waar hoe wat`,
);

function isLeading(word: string, next: string | undefined): boolean {
  return plainVerbs.has(word) || (doubtfulVerbs.has(word) && determiners.has(next ?? '')) || !/^\p{L}/u.test(word);
}

/** A form of a verb that changes something, or a noun made of one (`deletion`, `payment`). */
function changesSomething(word: string, isFirst: boolean): boolean {
  const stems = isFirst ? stemsOf(word).filter(stem => stem !== word || !word.endsWith('s')) : stemsOf(word);
  const made = /^(.{2,})(?:ion|ment)$/.exec(word)?.[1] ?? '';
  return [...stems, made, `${made}e`].some(stem => {
    const kind = plainVerbs.get(stem) ?? (money.has(doubtfulVerbs.get(stem) ?? '') ? 'money' : undefined);
    return kind !== undefined && kind !== 'read' && kind !== 'compute' && kind !== 'open';
  });
}

const money: ReadonlySet<string> = new Set(['money', 'commit']);

/** `Gives a seat back`, `Gives tickets to a guest`: that returns no data. */
function handsOver(said: string): string | undefined {
  const sentence = said.toLowerCase();
  if (/^(?:give|return)/.test(sentence) && /\bback\b/.test(sentence)) return 'release';
  const gets = letIn.exec(sentence)?.[1];
  if (gets !== undefined) return notLetIn.test(gets) ? undefined : 'grant';
  return handedTo.test(sentence) || givenTwo.test(sentence) ? 'give' : undefined;
}

/** `Gives a guest access to a room`, and whom: not whoever asks, and no way of reaching something. */
const letIn = /^gives?\s+((?:\p{L}+\s+){1,3}?)(?:an?\s+|the\s+)?(?:access|admission|clearance|permissions?|rights?)\b/u;
const notLetIn =
  /^(?:you|it|us|me|the (?:agent|caller|model|user|client|assistant)|(?:an? |the )?(?:direct|easy|fast|full|instant|quick|raw|read|simple|write))\s+$/u;

/** What is given to whoever asks, or to a place that is looked for, is told. */
const handedTo =
  /^gives?\s+(?!(?:access|an? (?:answer|hint|link|overview|introduction|guide|pointer)|answers|hints|links|directions|pointers)\b)(?:\p{L}+\s+){1,4}?to\s+(?!(?:you|the (?:agent|caller|model|user|client|assistant))\b)(?:an?|the|one|some|each|every)\s/u;

/** `Give a member a role`, `Gives somebody the keys`: whom, and then what. */
const givenTwo =
  /^gives?\s+(?:(?:an?|one|another|each|every|some)\s+(?:(?!(?:of|for|in|on|at|by|about|with|from|to|that|which|as)\s)\p{L}+\s+){1,3}?|(?:somebody|someone|people|them|him|her)\s+)(?:an?|the|another|more|extra|new)\s/u;

/** A doubtful word is a verb only with its object behind it: "Post a message", not "Post history". */
function sentenceVerb(
  word: string,
  next: string | undefined,
  index: number,
  hands: string | undefined,
): Verb | undefined {
  const says = index === 0 ? stemIn(returning, word) : undefined;
  if (says !== undefined && (word !== says || determiners.has(next ?? '')))
    return hands === undefined ? { word: says, kind: 'read' } : { word: hands, kind: plainVerbs.get(hands) ?? 'write' };
  const plain = stemIn(plainVerbs, word);
  if (plain !== undefined) return { word: plain, kind: plainVerbs.get(plain) ?? 'write' };
  const doubtful = stemIn(doubtfulVerbs, word);
  if (doubtful === undefined || !determiners.has(next ?? '')) return undefined;
  return { word: doubtful, kind: doubtfulVerbs.get(doubtful) ?? 'write' };
}

/** The last word of a name, where it is the name of something that one asks for. */
export function askingNoun(name: string): string | undefined {
  return stemIn(askingNouns, wordsOf(name).at(-1) ?? '');
}
