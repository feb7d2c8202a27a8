import { decodings as decodedRuns } from '../../facts/leak.ts';
import type { Digest } from '../../model/action.ts';
import type { EntryId } from '../../model/ids.ts';
import type { ReadersLabel } from '../../model/readers-label.ts';
import { decodings } from '../spelling/decode.ts';
import { bared, fold } from '../spelling/fold.ts';

/** Why something that a task has read is looked for in what it would send. */
export interface Mark {
  /** `sensitivityRank` of `confidential` or `secret`; 0 for what nobody labelled so. */
  readonly rank: number;
  /** It was handed out as a secret: every piece of it counts. */
  readonly handedOut: boolean;
  /** Who alone may see it; empty: nobody said. */
  readonly readers: readonly ReadersLabel[];
  /** The outcome that brought it; undefined for several together. */
  readonly entry: EntryId | undefined;
}

/** What a declassification of one value names; undefined for what is too short to be looked for, or so long that it is in pieces. */
export function guardedDigest(value: string, digest: Digest): string | undefined {
  const bare = bared(value);
  if (bare.length < charsMin || bare.length > runChars + runStep) return undefined;
  return digest(`sallyport guarded v1\n${bare}`);
}

/** Shorter values are words that stand everywhere: what they give away is for labels to hold. */
const charsMin = 6;
/** A longer text is found by any run of this many characters that begins at a step. */
const runChars = 16;
const runStep = 8;
/** Values and runs of one task. A task that read more than can be looked for is one whose every text may hold some of it. */
export const guardedMax = 20_000;
/** Results that are told apart for one value or run; of more, nobody knows which brought it. */
const marksMax = 8;
/** Secrets whose pieces are looked for. Of a task that was handed out more, any word may be a piece of one. */
const secretsMax = 1_024;
const pieceCharsMin = 4;

interface Kept {
  readonly text: string;
  readonly marks: Mark[];
}

/**
 * What a task has read that must be found again in what it would send: labelled values, and what was handed out as a secret.
 * Compared are letters and digits alone, so that case, blanks, punctuation and a split over arguments make no difference; of
 * encodings one step is undone. A run of 23 letters and digits of a text is found wherever it stands.
 */
export class Guarded {
  /** By their first characters. */
  readonly #kept = new Map<string, Kept[]>();
  /** Secrets as they are written, folded. */
  readonly #secrets = new Map<string, Mark>();
  #count = 0;
  /** All marks together. */
  #worst: Mark | undefined;

  get isEmpty(): boolean {
    return this.#worst === undefined;
  }

  add(value: string, mark: Mark): void {
    const bare = bared(value);
    if (mark.handedOut) this.#addSecret(fold(value), mark);
    if (bare.length < charsMin) return;
    this.#worst = joined(this.#worst, mark);
    if (bare.length <= runChars + runStep) this.#put(bare, mark);
    else for (let at = 0; at + runChars <= bare.length; at += runStep) this.#put(bare.slice(at, at + runChars), mark);
  }

  #addSecret(folded: string, mark: Mark): void {
    this.#worst = joined(this.#worst, mark);
    if (this.#secrets.size <= secretsMax) this.#secrets.set(folded, mark);
  }

  inheritFrom(other: Guarded): void {
    for (const all of other.#kept.values())
      for (const { text, marks } of all) for (const mark of marks) this.#put(text, mark);
    for (const [secret, mark] of other.#secrets) this.#addSecret(secret, mark);
    if (other.#worst !== undefined) this.#worst = joined(this.#worst, other.#worst);
    // What the other could not keep is not found here either.
    if (other.#count > guardedMax) this.#count = other.#count;
  }

  #put(text: string, mark: Mark): void {
    const begin = text.slice(0, charsMin);
    const alike = this.#kept.get(begin);
    const known = alike?.find(kept => kept.text === text);
    if (known !== undefined) {
      if (known.marks.some(one => says(one, mark))) return;
      if (known.marks.length < marksMax) known.marks.push(mark);
      else known.marks[0] = joined(known.marks[0], mark);
      return;
    }
    this.#count++;
    if (this.#count > guardedMax) return;
    const kept = { text, marks: [mark] };
    if (alike === undefined) this.#kept.set(begin, [kept]);
    else alike.push(kept);
  }

  /** The marks of all that stands in one of these texts, or in all of them together, but for values of which `isLowered` is true. */
  marksIn(texts: readonly string[], isLowered: (text: string) => boolean = () => false): ReadonlySet<Mark> {
    const found = new Set<Mark>();
    if (this.#worst === undefined || texts.length === 0) return found;
    if (this.#count > guardedMax) return found.add(this.#worst);
    const plain = texts.map(bared).join('');
    this.#find(plain, found, isLowered);
    this.#find([...plain].reverse().join(''), found, isLowered);
    for (const text of texts) for (const decoded of decodedIn(text)) this.#find(bared(decoded), found, isLowered);
    return found;
  }

  #find(text: string, found: Set<Mark>, isLowered: (text: string) => boolean): void {
    for (let at = 0; at + charsMin <= text.length; at++)
      for (const kept of this.#kept.get(text.slice(at, at + charsMin)) ?? [])
        if (text.startsWith(kept.text, at) && !isLowered(kept.text)) for (const mark of kept.marks) found.add(mark);
  }

  /** One of these texts holds a secret as it is written, or is a piece of one and nothing else. */
  pieceIn(texts: readonly string[]): Mark | undefined {
    if (this.#secrets.size === 0) return undefined;
    for (const text of texts)
      for (const spelling of [text, ...decodedIn(text)]) {
        const mark = this.#pieceOf(fold(spelling));
        if (mark !== undefined) return mark;
      }
    return undefined;
  }

  #pieceOf(folded: string): Mark | undefined {
    const isPiece = folded.length >= pieceCharsMin && !folded.includes(' ');
    if (isPiece && this.#secrets.size > secretsMax) return this.#worst;
    for (const [secret, mark] of this.#secrets)
      if (folded.includes(secret) || (isPiece && secret.length >= 2 * pieceCharsMin && secret.includes(folded)))
        return mark;
    return undefined;
  }
}

/** What a text says in another encoding: all of it, one of its words, or a long run in it. */
function* decodedIn(text: string): Generator<string> {
  yield* decodings(text);
  yield* decodedRuns(text);
  if (/\s/.test(text)) for (const token of text.split(/[\s"'<>(),;]+/)) if (token.length >= 8) yield* decodings(token);
}

/** All that the other does. */
function says(one: Mark, other: Mark): boolean {
  if (one === other) return true;
  const { entry, rank, handedOut, readers } = other;
  if (one.entry !== entry || one.rank < rank || (handedOut && !one.handedOut)) return false;
  return readers.every(label => one.readers.includes(label));
}

function joined(one: Mark | undefined, other: Mark): Mark {
  if (one === undefined || one === other) return other;
  return {
    rank: Math.max(one.rank, other.rank),
    handedOut: one.handedOut || other.handedOut,
    readers: [...new Set([...one.readers, ...other.readers])],
    entry: one.entry === other.entry ? one.entry : undefined,
  };
}
