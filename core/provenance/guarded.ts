import { decodings as decodedRuns } from '../facts/leak.ts';
import { type Sensitivity, sensitivityRank } from '../model/sensitivity.ts';
import { decodings } from './decode.ts';
import { fold } from './fold.ts';

/** Shorter values are words that stand everywhere: what they give away is for labels to hold. */
const charsMin = 6;
/** A longer text is found by any run of this many characters that begins at a step. */
const runChars = 16;
const runStep = 8;
/** Values and runs of one task. A task that read more than can be looked for is one whose every text may hold some of it. */
export const guardedMax = 20_000;

/**
 * What a task has read that is labelled `confidential` or `secret`, to be found again in what it would send. Compared are
 * letters and digits alone, so that case, blanks, punctuation and a split over arguments make no difference; of encodings one
 * step is undone. A run of 23 letters and digits of a text is found wherever it stands.
 */
export class Guarded {
  /** By their first characters. */
  readonly #entries = new Map<string, { readonly text: string; readonly rank: number }[]>();
  #count = 0;
  #highest = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  add(value: string, sensitivity: Sensitivity): void {
    const rank = sensitivityRank(sensitivity);
    if (rank < sensitivityRank('confidential')) return;
    const bare = bared(value);
    if (bare.length < charsMin) return;
    this.#highest = Math.max(this.#highest, rank);
    if (bare.length <= runChars + runStep) this.#put(bare, rank);
    else for (let at = 0; at + runChars <= bare.length; at += runStep) this.#put(bare.slice(at, at + runChars), rank);
  }

  inheritFrom(other: Guarded): void {
    for (const entries of other.#entries.values()) for (const { text, rank } of entries) this.#put(text, rank);
    this.#highest = Math.max(this.#highest, other.#highest);
  }

  #put(text: string, rank: number): void {
    this.#count++;
    if (this.#count > guardedMax) return;
    const key = text.slice(0, charsMin);
    const known = this.#entries.get(key);
    if (known === undefined) this.#entries.set(key, [{ text, rank }]);
    else if (!known.some(entry => entry.text === text && entry.rank >= rank)) known.push({ text, rank });
  }

  /** Rank of the most sensitive of it that stands in one of these texts or in all of them together; 0 for nothing. */
  foundIn(texts: readonly string[]): number {
    if (this.isEmpty || texts.length === 0) return 0;
    if (this.#count > guardedMax) return this.#highest;
    const plain = texts.map(bared).join('');
    const decoded = texts.flatMap(text => [...decodings(text), ...decodedRuns(text)].map(bared));
    return Math.max(...[plain, [...plain].reverse().join(''), ...decoded].map(text => this.#rankIn(text)));
  }

  #rankIn(text: string): number {
    let rank = 0;
    for (let at = 0; at + charsMin <= text.length; at++)
      for (const entry of this.#entries.get(text.slice(at, at + charsMin)) ?? [])
        if (entry.rank > rank && text.startsWith(entry.text, at)) rank = entry.rank;
    return rank;
  }
}

function bared(text: string): string {
  return fold(text).replace(/[^\p{L}\p{N}]/gu, '');
}
