import { inEnglish, isForeign } from '../../policy/classify/languages.ts';
import { fold, isGrouped, squeezed } from '../spelling/fold.ts';
import { numbersIn, plainNumber } from '../spelling/number.ts';
import { bareAddress, displayedIn, isAddress, shapeOf } from '../spelling/shape.ts';
import { isWordUnit } from '../spelling/word-unit.ts';
import { eachPlainWord } from './plain-words.ts';
import { isSaidDate, otherYears, saidDates, saysRelativeDay } from './said-dates.ts';

/** Of what the principal said, this much is known. */
const wordCharsMax = 262_144;

/** Words that say nothing about which thing is meant. */
export const stop: ReadonlySet<string> = new Set(
  `a an the this that these those my your his her its our their i you he she it we they me him us them and or but if then
  so not no yes of in on at to from by for with about as into over after before is are was were be been do does did have
  has had can could will would shall should may might must please all any some each every more most other another same
  what which who whom when where why how there here up down out off than too very just also only new last next first
  hi hello dear thanks thank regards best today tomorrow yesterday monday tuesday wednesday thursday friday saturday
  sunday january february march april may june july august september october november december dr mr mrs ms`.split(
    /\s+/,
  ),
);

const smallNumber = /^\d{1,3}$/;
const fileName = /^(\p{L}{4,})\.\p{L}{2,4}$/u;
const fullPath = /^(?:~|[a-z]:)?[/\\]/;
const joinedWords = /^[\p{L}\p{N}]+(?:[-_][\p{L}\p{N}]+)+$/u;

/**
 * What the principal said, ready for looking values up. Names are what the principal points with: quoted words, words
 * with a capital inside a sentence, numbers, addresses. Anything else is language.
 */
export class Words {
  #folded = '';
  #squeezed = '';
  readonly #names = new Set<string>();
  /** Words of longer names. */
  readonly #parts = new Set<string>();
  #raw = '';
  #version = 0;
  #plain: ReadonlySet<string> | undefined;
  /** Small numbers that are said to be names. */
  #numbered: ReadonlySet<string> = new Set();
  #numbers: ReadonlySet<string> = new Set();
  #dates: ReadonlySet<string> = new Set();

  get text(): string {
    return this.#raw;
  }

  /** Nobody said anything, as in a task that nobody opened. */
  get isEmpty(): boolean {
    return this.#raw === '';
  }

  /** Counts up when more is said. */
  get version(): number {
    return this.#version;
  }

  get folded(): string {
    return this.#folded;
  }

  hear(words: string): void {
    if (words === '' || this.#raw.length >= wordCharsMax) return;
    const cut = words.slice(0, wordCharsMax - this.#raw.length);
    this.#version++;
    this.#plain = undefined;
    this.#raw = this.#raw === '' ? cut : `${this.#raw}\n${cut}`;
    this.#folded = ` ${fold(this.#raw)} `;
    this.#squeezed = squeezed(this.#folded);
    this.#numbers = numbersIn(this.#folded);
    this.#dates = saidDates(this.#folded);
    this.#numbered = new Set([...this.#folded.matchAll(numbered)].flatMap(([, list = '']) => list.match(/\d+/g) ?? []));
    for (const { name, part } of namesIn(cut)) (part ? this.#parts : this.#names).add(name);
  }

  /**
   * The value stands in the words as one contiguous piece. Words put together in another order are another value, and so
   * is an address of which only a part was said. A small number is a name (`asName`) only where it is said to be one: not every
   * 13 of a June is a file.
   */
  say(folded: string, asName = false): boolean {
    if (folded === '' || this.isEmpty) return false;
    const shape = shapeOf(folded);
    if (shape === 'date') return isUnit(this.#folded, folded) || isSaidDate(folded, this.#dates);
    if (asName && smallNumber.test(folded)) return this.#numbered.has(folded);
    if (shape === 'number') return this.#numbers.has((plainNumber(folded) ?? folded).replace(/^[+-]/, ''));
    if (isAddress(shape)) {
      const bare = bareAddress(folded);
      if (isWhole(this.#folded, folded) || (bare.length > 3 && isWhole(this.#folded, bare))) return true;
      return isGrouped(folded) && this.#squeezed.includes(squeezed(folded));
    }
    // `CHANGELOG.md` of who said `the CHANGELOG`.
    const stem = asName ? fileName.exec(folded)?.[1] : undefined;
    if (stem !== undefined && this.#names.has(stem)) return true;
    // Who says `/srv/notes` has not said `/srv`.
    if (fullPath.test(folded)) return isWhole(this.#folded, folded.replace(/[/\\]$/, ''));
    // `vat-invoice` and `vat_invoice` are how tools write `VAT invoice`.
    return (
      isUnit(this.#folded, folded) || (joinedWords.test(folded) && isUnit(this.#folded, folded.replace(/[-_]/g, ' ')))
    );
  }

  /**
   * A record that holds this whole value is one that the words point at: by all of a name, or by a `part` of one (`Okafor` of
   * `Ruth Okafor`). A value that only mentions a number (`together with R-771`) is less than the number itself.
   */
  pointAt(folded: string): 'whole' | 'part' | undefined {
    if (folded.length < 2 || folded.length > 160) return undefined;
    if (this.#names.has(folded) || this.#isSaidAtLength(folded) || holdsOne(folded, this.#names))
      return this.#onlyMentions(folded) ? 'part' : 'whole';
    return this.#parts.has(folded) || holdsOne(folded, this.#parts) ? 'part' : undefined;
  }

  /** Of a folded date, the same day of the other years that the words say. */
  otherYears(folded: string): readonly string[] {
    return otherYears(folded, this.#dates);
  }

  /** A day by its place in the week or by what day it is now, and no date: which one that is, the words do not tell. */
  leaveDayOpen(): boolean {
    return this.#dates.size === 0 && saysRelativeDay(this.#folded);
  }

  /** What may describe a thing without naming it. */
  plain(): ReadonlySet<string> {
    if (this.#plain !== undefined) return this.#plain;
    const plain = new Set<string>();
    eachPlainWord(this.#folded, word => {
      if (!stop.has(word)) plain.add(word);
    });
    this.#plain = plain;
    return plain;
  }

  /** Everything that the principal points with. */
  names(): readonly string[] {
    return [...this.#names, ...this.#parts];
  }

  #onlyMentions(folded: string): boolean {
    if (this.#names.has(folded) || isUnit(this.#folded, folded)) return false;
    for (const name of this.#names) if (name.length >= 4 && !/\d/.test(name) && isUnit(folded, name)) return false;
    return true;
  }

  /** Two telling words and more of it were said as they stand. Most values were not, and need not be cut into words. */
  #isSaidAtLength(folded: string): boolean {
    if (folded.length < 6 || !this.#folded.includes(folded)) return false;
    const telling = folded.split(/[^\p{L}\p{N}]+/u).filter(token => token !== '' && !stop.has(token));
    return telling.length >= 2 && isUnit(this.#folded, folded);
  }
}

/** A name as part of a longer value: `Ruth Okafor (portal)`, `Dr. Priya Nair`, `Re: Q3 report`. */
function holdsOne(folded: string, names: ReadonlySet<string>): boolean {
  for (const name of names)
    if (name.length >= 4 ? isUnit(folded, name) : name.length === 3 && isFirstNameOf(folded, name)) return true;
  return false;
}

const threeLetters = /^\p{L}{3}$/u;

/** `Ida` of `Ida Lund <ida@example.org>`: elsewhere three letters stand for anything. */
function isFirstNameOf(folded: string, name: string): boolean {
  return folded.endsWith('>') && folded.startsWith(`${name} `) && displayedIn(folded) !== undefined;
}

/** Quoted words, capitalised words in a row, and what holds a digit or a sign of an address. Folded. */
function* namesIn(text: string): Generator<Named> {
  for (const [, quoted] of text.matchAll(/["'“‘«`]([^"'“”‘’«»`\n]{2,120})["'”’»`]/g))
    if (quoted !== undefined) yield { name: fold(quoted), part: false };
  const tokens = text.split(/\s+/);
  const bares = tokens.map(token =>
    token
      .replace(/^[^\p{L}\p{N}@#/+]+/u, '')
      .replace(/(?<![^\p{L}\p{N}/])[^\p{L}\p{N}/]+$/u, '')
      .replace(/['’]s$/u, ''),
  );
  // German writes every noun with a capital.
  const foreign = isForeign(bares.map(bare => bare.toLowerCase()));
  let row: string[] = [];
  for (const [at, bare] of bares.entries()) {
    const opens = at === 0 || /[.!?:]$/.test(tokens[at - 1] ?? '');
    const next = bares[at + 1] ?? '';
    // A first word has its capital from the sentence, unless a name goes on or it is one that did something: `Move K-3`, `Mina wrote …`.
    const alone = opens && (!/^\p{Lu}/u.test(next) || /\d/.test(next)) && !didSomething.test(next);
    const isNoun = foreign && inEnglish(bare.toLowerCase()) !== undefined;
    if (isName(bare, alone) && !isNoun) row.push(bare);
    else {
      yield* rowsOf(row);
      row = [];
    }
    if (!/[,;:.!?)]$/.test(tokens[at] ?? '')) continue;
    yield* rowsOf(row);
    row = [];
  }
  yield* rowsOf(row);
}

interface Named {
  readonly name: string;
  readonly part: boolean;
}

function* rowsOf(row: readonly string[]): Generator<Named> {
  if (row.length === 0) return;
  yield { name: fold(row.join(' ')), part: false };
  if (row.length > 1)
    for (const one of row) if (one.length >= 4 || threeLetters.test(one)) yield { name: fold(one), part: true };
}

const didSomething =
  /^(?:wrote|sent|left|asked|asks|wants|wanted|needs|needed|has|had|says|said|told|lists|listed|put|gave|called|mailed|emailed|posted|requested|noted|reported|replied|answered|proposed|suggested|hat|m(?:ö|oe)chte|schreibt|schrieb|schickt|a|ha)$/i;

/** A lone first word of a sentence has its capital from there. */
function isName(bare: string, opensAlone: boolean): boolean {
  if (bare === '' || stop.has(bare.toLowerCase())) return false;
  return /\d/.test(bare) || /[@_/.#:]/.test(bare) || (/^\p{Lu}/u.test(bare) && !opensAlone);
}

const numbered =
  /(?:#\s*|\b(?:ids?|numbers?|no|nr|num|tickets?|issues?|cases?|orders?|invoices?|files?|documents?|events?|items?|tasks?|requests?|rooms?|tables?|rows?|records?|pages?|users?|accounts?|jobs?|builds?|versions?|servers?|lines?|steps?|messages?|mails?|emails?|transactions?|appointments?|bookings?)[\s.:#]*)(\d{1,3}(?:\s*(?:,|and|&)\s*\d{1,3})*)(?!\p{L}|\d|[.,:/-]\d)/gu;

/** `part` stands in `text`, and neither end of it cuts a word. Both folded. */
export function isUnit(text: string, part: string): boolean {
  let left = placesMax(text, part);
  for (let at = placeAfter(text, part, -1); at >= 0 && left > 0; at = placeAfter(text, part, at), left--)
    if (isUnitAt(text, part, at)) return true;
  return false;
}

/** `part` stands at `at`. */
export function isUnitAt(text: string, part: string, at: number): boolean {
  const [end, last] = [at + part.length, part.length - 1];
  const cutsLeft = at > 0 && isWordUnit(text.charCodeAt(at - 1)) && isWordUnit(part.charCodeAt(0));
  const cutsRight = end < text.length && isWordUnit(text.charCodeAt(end)) && isWordUnit(part.charCodeAt(last));
  return !cutsLeft && !cutsRight;
}

const leadIn = /(?:^|[^\p{L}\p{N}@._+/-])(?:[a-z][a-z0-9+.-]{1,20}:\/\/)?(?:www\.)?$/u;
const goesOn = /^(?:[\p{L}\p{N}@_-]|[/?#.=&:][\p{L}\p{N}])/u;

/** The same for addresses, which dots, dashes, slashes and signs continue: `x.org` does not stand in `ann@x.org`. */
export function isWhole(text: string, part: string): boolean {
  let left = placesMax(text, part);
  for (let at = placeAfter(text, part, -1); at >= 0 && left > 0; at = placeAfter(text, part, at), left--)
    if (
      leadIn.test(text.slice(Math.max(0, at - 32), at)) &&
      !goesOn.test(text.slice(at + part.length, at + part.length + 2))
    )
      return true;
  return false;
}

/**
 * A part that repeats itself stands in a text that does at places that overlap: looking at them all would cost the product of both
 * lengths. Places that do not overlap are never more than this; whatever stands behind so many that do is not found, hence not known.
 */
function placesMax(text: string, part: string): number {
  return (overlapsMax * text.length + freeChars) / Math.max(1, part.length);
}

const overlapsMax = 16;
const freeChars = 65_536;

/** Where `part` stands next after `at`; −1 for nowhere. Nothing stands nowhere. */
function placeAfter(text: string, part: string, at: number): number {
  return part === '' ? -1 : text.indexOf(part, at + 1);
}
