import type { Digest } from '../model/action.ts';
import type { JsonNode } from '../model/json.ts';
import { contentOf } from './blocks.ts';
import { Guarded } from './guarded.ts';
import { Unseen } from './handles/unseen.ts';
import { indexResult, type ResultIndex } from './index.ts';
import { vouchesForAll } from './label.ts';
import { guard } from './leaving.ts';
import { Passages } from './passages.ts';
import type { ReadSource } from './read-source.ts';
import { vouchedIn } from './result-labels.ts';
import { type WordMarks, wordRow } from './word-filter.ts';
import { WordTable } from './word-table.ts';
import { Words } from './words.ts';

export interface MemoryLimits {
  /** Results of one task, oldest forgotten first: a value that came from a forgotten one is found nowhere. */
  readonly resultCharsMax: number;
  readonly resultsMax: number;
}

export const memoryLimits: MemoryLimits = { resultCharsMax: 1_048_576, resultsMax: 256 };

export interface Remembered {
  readonly source: ReadSource;
  readonly index: ResultIndex;
  /** Whether the catalogue vouches for a value (`fold`ed) that stands in it. */
  readonly vouched: (folded: string) => boolean;
}

interface Pending {
  readonly source: ReadSource;
  readonly result: JsonNode;
  readonly chars: number;
}

/**
 * What one task has been told and has read: the principal's words, and its newest results within the limits. Results are
 * taken apart when a decision first looks for a value, once. What is forgotten is found nowhere; labels stay.
 */
export class TaskMemory {
  readonly words = new Words();
  /** What of it must be found again in what leaves. It outlives the results. */
  readonly guarded = new Guarded();
  /** Of which results the agent has not seen the words. */
  readonly unseen = new Unseen();
  readonly #limits: MemoryLimits;
  readonly #digest: Digest;
  readonly #pending: Pending[] = [];
  readonly #remembered: (Remembered & { readonly chars: number })[] = [];
  readonly #table: WordTable;
  readonly #passages = new Passages();
  #chars = 0;
  #forgotten = 0;
  #forgets = false;

  constructor(limits: MemoryLimits = memoryLimits, digest: Digest = text => text) {
    this.#limits = limits;
    this.#digest = digest;
    this.#table = new WordTable(limits.resultsMax);
  }

  read(source: ReadSource, result: JsonNode, chars: number): void {
    this.#pending.push({ source, result, chars });
    this.unseen.add(source);
    this.#makeRoom(chars);
  }

  #makeRoom(chars: number): void {
    const { resultCharsMax, resultsMax } = this.#limits;
    this.#chars += chars;
    while (this.#chars > resultCharsMax || this.#pending.length + this.#remembered.length > resultsMax) {
      const oldest = this.#remembered[0] ?? this.#pending.shift();
      if (oldest === undefined) break;
      this.#forgets = true;
      this.unseen.forget(oldest.source);
      if (oldest === this.#remembered[0]) this.#forgetOldest();
      this.#chars -= oldest.chars;
    }
  }

  /** Takes apart what was read since. */
  settle(): void {
    for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) {
      const { source, chars, result } = next;
      const index = indexResult(contentOf(result));
      guard(this.guarded, source, result, index, this.#digest);
      const vouched = source.tainted === true ? () => false : vouchedIn(source.tool, result);
      this.#passages.add(this.#forgotten + this.#remembered.length, index.words.marks);
      this.#remember({ source, index, vouched, chars }, index.words.marks);
    }
  }

  #remember(one: Remembered & { readonly chars: number }, marks: WordMarks): void {
    this.#table.add(this.#forgotten + this.#remembered.length, marks);
    this.#remembered.push(one);
  }

  #forgetOldest(): void {
    this.#table.remove(this.#forgotten);
    this.#remembered.shift();
    this.#forgotten++;
  }

  /** Of all that was taken apart, what may hold something with all the words of one of `parts`, newest first. */
  mayHold(parts: readonly WordMarks[]): readonly Remembered[] {
    const newest = this.#forgotten + this.#remembered.length - 1;
    const numbers = this.#table.mayHold(parts, this.#forgotten, newest);
    if (numbers.length === 0) return nothing;
    return numbers.map(result => this.#remembered[result - this.#forgotten] as Remembered);
  }

  /** Of all that was taken apart, what shares a passage with this folded text, newest first: copied, whatever its words are. */
  sharesPassage(folded: string): readonly Remembered[] {
    if (this.#passages.isEmpty) return nothing;
    return this.#passages
      .sharedWith(wordRow(folded))
      .flatMap(result => this.#remembered[result - this.#forgotten] ?? []);
  }

  /** How many results were taken apart and are forgotten: the number, in the task, of the first of `all`. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** Some of what was read is not known any more. */
  get forgets(): boolean {
    return this.#forgets;
  }

  /** Something that the task has read could not be told to it. */
  misses(): void {
    this.#forgets = true;
  }

  /** What has been taken apart so far, newest last. */
  all(): readonly Remembered[] {
    return this.#remembered;
  }

  /** What was read with nothing but the principal's words, and with what they led to from there. */
  led(): readonly Remembered[] {
    return this.#remembered.filter(({ source }) => source.keyed !== 'no');
  }

  /** Another task goes on with what this one has read; the words are not its principal's. */
  inheritFrom(other: TaskMemory): void {
    this.guarded.inheritFrom(other.guarded);
    for (const { source, result, chars } of other.#pending) this.read(unkeyed(source), result, chars);
    this.unseen.inheritFrom(other.unseen);
    this.#forgets ||= other.#forgets;
    const renumbered = new Map<number, number>();
    for (const [at, one] of other.#remembered.entries()) {
      renumbered.set(other.#forgotten + at, this.#forgotten + this.#remembered.length);
      this.#remember({ ...one, source: unkeyed(one.source) }, other.#table.marksOf(other.#forgotten + at));
      this.#makeRoom(one.chars);
    }
    this.#passages.inheritFrom(other.#passages, renumbered);
  }
}

const nothing: readonly Remembered[] = [];

function unkeyed(source: ReadSource): ReadSource {
  return { ...source, keyed: 'no' };
}

/** The catalogue vouches for all that stands in it. */
export function isVouched({ source }: Pick<Remembered, 'source'>): boolean {
  return source.tainted !== true && vouchesForAll(source.tool);
}
