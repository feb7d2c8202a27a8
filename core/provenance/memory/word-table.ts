import type { WordMarks } from '../spelling/word-filter.ts';

/** Rows of words: with more, fewer words share one. Each takes a bit for every result: 32 KiB for 256 of them. */
const rows = 1_024;
const rowOf = (mark: number): number => mark & (rows - 1);

/**
 * Which of a task's results have which words, roughly: a row of bits for a word, and in it a bit for each result (a
 * bit-sliced signature file). What a value needs is found in all results at once, whatever their number. Results are
 * numbered as they come; at most `resultsMax` consecutive numbers are held.
 */
export class WordTable {
  readonly #resultsMax: number;
  readonly #stride: number;
  readonly #bits: Uint32Array;
  /** Of one question, a bit for each place. */
  readonly #found: Uint32Array;
  /** By place: the rows that its result has a bit in. */
  readonly #rowsOf: WordMarks[] = [];

  constructor(resultsMax: number) {
    this.#resultsMax = resultsMax;
    this.#stride = Math.ceil(resultsMax / 32);
    this.#bits = new Uint32Array(rows * this.#stride);
    this.#found = new Uint32Array(this.#stride);
  }

  add(result: number, marks: WordMarks): void {
    this.remove(result - this.#resultsMax);
    const place = result % this.#resultsMax;
    const [word, bit] = [place >> 5, 1 << (place & 31)];
    const taken: number[] = [];
    for (const mark of marks) {
      const at = rowOf(mark) * this.#stride + word;
      const bits = this.#bits[at] as number;
      if ((bits & bit) !== 0) continue;
      this.#bits[at] = bits | bit;
      taken.push(rowOf(mark));
    }
    this.#rowsOf[place] = taken;
  }

  /** What another table needs to be told of this result. */
  marksOf(result: number): WordMarks {
    return this.#rowsOf[result % this.#resultsMax] ?? none;
  }

  remove(result: number): void {
    if (result < 0) return;
    const place = result % this.#resultsMax;
    const [word, bit] = [place >> 5, 1 << (place & 31)];
    for (const row of this.#rowsOf[place] ?? none) {
      const at = row * this.#stride + word;
      this.#bits[at] = (this.#bits[at] as number) & ~bit;
    }
    this.#rowsOf[place] = none;
  }

  /** Of the results from `oldest` to `newest` those that may hold something with all the words of one of `parts`, newest first. */
  mayHold(parts: readonly WordMarks[], oldest: number, newest: number): readonly number[] {
    if (!this.#finds(parts)) return none;
    const found: number[] = [];
    for (let result = newest; result >= oldest; result--) {
      const place = result % this.#resultsMax;
      if ((((this.#found[place >> 5] as number) >>> (place & 31)) & 1) === 1) found.push(result);
    }
    return found;
  }

  /** Sets a bit for each place that may hold one of these; false if there is none. */
  #finds(parts: readonly WordMarks[]): boolean {
    let some = 0;
    for (let word = 0; word < this.#stride; word++) {
      let any = 0;
      for (const marks of parts) {
        let all = -1;
        for (const mark of marks) all &= this.#bits[rowOf(mark) * this.#stride + word] as number;
        any |= all;
      }
      this.#found[word] = any;
      some |= any;
    }
    return some !== 0;
  }
}

const none: readonly number[] = [];
