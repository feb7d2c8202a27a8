import type { Digest } from '../../model/action.ts';
import type { JsonNode } from '../../model/json.ts';
import { Unseen } from '../handles/unseen.ts';
import { vouchesForAll } from '../labels/label.ts';
import { noValue, vouchedIn } from '../labels/result-labels.ts';
import { Guarded } from '../leaving/guarded.ts';
import { guard } from '../leaving/leaving.ts';
import { contentOf } from '../result/blocks.ts';
import { indexResult } from '../result/index-result.ts';
import type { ReadSource } from '../result/read-source.ts';
import type { ResultIndex } from '../result/result-index.ts';
import { Words } from '../said/words.ts';
import { type WordMarks, wordRow } from '../spelling/word-filter.ts';
import { Passages } from './passages.ts';
import { WordTable } from './word-table.ts';

export interface MemoryLimits {
  /** Results of one task, oldest forgotten first: a value that came from a forgotten one is found nowhere. */
  readonly resultCharsMax: number;
  readonly resultsMax: number;
}

export const memoryLimits: MemoryLimits = { resultCharsMax: 1_048_576, resultsMax: 256 };

export interface Remembered {
  readonly source: ReadSource;
  /** How long it was. */
  readonly chars: number;
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
  /** Numbered as they come; each at the place of its number, less the greatest multiple of `resultsMax`. */
  readonly #remembered: (Remembered | undefined)[] = [];
  readonly #table: WordTable;
  readonly #passages = new Passages();
  #chars = 0;
  /** The numbers of the oldest that is not forgotten, and of the next. */
  #oldest = 0;
  #next = 0;
  #forgets = false;

  constructor(limits: MemoryLimits = memoryLimits, digest: Digest = text => text) {
    this.#limits = limits;
    this.#digest = digest;
    this.#table = new WordTable(limits.resultsMax);
  }

  read(source: ReadSource, result: JsonNode, chars: number): void {
    this.#pending.push({ source, result, chars });
    this.unseen.add(source);
    this.#makeRoom(chars, this.#pending.length);
  }

  /** For `chars` more, and for as many results beside those that were taken apart. */
  #makeRoom(chars: number, results: number): void {
    const { resultCharsMax, resultsMax } = this.#limits;
    this.#chars += chars;
    let waiting = results;
    while (this.#chars > resultCharsMax || waiting + this.#next - this.#oldest > resultsMax) {
      let oldest: Remembered | Pending | undefined = this.#forgetOldest();
      if (oldest === undefined) {
        oldest = this.#pending.shift();
        waiting--;
      }
      if (oldest === undefined) break;
      this.#forgets = true;
      this.unseen.forget(oldest.source);
      this.#chars -= oldest.chars;
    }
  }

  /** Takes apart what was read since. */
  settle(): void {
    for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) {
      const { source, chars, result } = next;
      const index = indexResult(contentOf(result));
      guard(this.guarded, source, result, index, this.#digest);
      const vouched = source.tainted === true ? noValue : vouchedIn(source.tool, result);
      this.#passages.add(this.#next, index.words.marks);
      this.#remember({ source, index, vouched, chars }, index.words.marks);
    }
  }

  #remember(one: Remembered, marks: WordMarks): void {
    this.#table.add(this.#next, marks);
    this.#remembered[this.#next % this.#limits.resultsMax] = one;
    this.#next++;
  }

  #forgetOldest(): Remembered | undefined {
    const forgotten = this.numbered(this.#oldest);
    if (forgotten === undefined) return undefined;
    this.#table.remove(this.#oldest);
    this.#remembered[this.#oldest % this.#limits.resultsMax] = undefined;
    this.#oldest++;
    return forgotten;
  }

  /** What was taken apart as the `number`th of the task, from 0 on; undefined if it is forgotten, or is yet to come. */
  numbered(number: number): Remembered | undefined {
    if (number < this.#oldest || number >= this.#next) return undefined;
    return this.#remembered[number % this.#limits.resultsMax];
  }

  /** Of all that was taken apart, what may hold something with all the words of one of `parts`, newest first. */
  mayHold(parts: readonly WordMarks[]): readonly Remembered[] {
    const numbers = this.#table.mayHold(parts, this.#oldest, this.#next - 1);
    return numbers.length === 0 ? nothing : numbers.map(number => this.numbered(number) as Remembered);
  }

  /** Of all that was taken apart, what shares a passage with this folded text, newest first: copied, whatever its words are. */
  sharesPassage(folded: string): readonly Remembered[] {
    if (this.#passages.isEmpty) return nothing;
    return this.#passages.sharedWith(wordRow(folded)).flatMap(number => this.numbered(number) ?? nothing);
  }

  /** How many results were taken apart and are forgotten: the number, in the task, of the first that is not. */
  get forgotten(): number {
    return this.#oldest;
  }

  /** How many results were taken apart so far. */
  get count(): number {
    return this.#next;
  }

  /** Some of what was read is not known any more. */
  get forgets(): boolean {
    return this.#forgets;
  }

  /** Something that the task has read could not be told to it. */
  misses(): void {
    this.#forgets = true;
  }

  /** What was read with nothing but the principal's words, and with what they led to from there, newest last. */
  pointedAt(): readonly Remembered[] {
    const pointed: Remembered[] = [];
    for (let number = this.#oldest; number < this.#next; number++) {
      const one = this.numbered(number);
      if (one !== undefined && one.source.pointed !== 'no') pointed.push(one);
    }
    return pointed;
  }

  /** Another task goes on with what this one has read; the words are not its principal's. */
  inheritFrom(other: TaskMemory): void {
    // What it read itself is the older: it gives way first.
    this.settle();
    this.guarded.inheritFrom(other.guarded);
    for (const { source, result, chars } of other.#pending) this.read(handed(source), result, chars);
    this.unseen.inheritFrom(other.unseen);
    this.#forgets ||= other.#forgets;
    const renumbered = new Map<number, number>();
    for (let number = other.#oldest; number < other.#next; number++) {
      const one = other.numbered(number);
      if (one === undefined) continue;
      renumbered.set(number, this.#next);
      this.#makeRoom(one.chars, this.#pending.length + 1);
      this.#remember({ ...one, source: handed(one.source) }, other.#table.marksOf(number));
    }
    this.#passages.inheritFrom(other.#passages, renumbered);
  }
}

const nothing: readonly Remembered[] = [];

function handed(source: ReadSource): ReadSource {
  return { ...source, pointed: 'no', handed: true };
}

/** The catalogue vouches for all that stands in it. */
export function isVouched({ source }: Pick<Remembered, 'source'>): boolean {
  return source.tainted !== true && vouchesForAll(source.tool);
}
