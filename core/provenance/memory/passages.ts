/** Words that are hashed together. */
const gramWords = 6;
/** Of so many grams in a row the least is kept: two texts that share a run of 9 words share one that is kept. */
const windowGrams = 4;
/** So many have to be shared: a polite phrase is written by many, a run of 13 words is copied. */
const sharedMin = 2;
/** Grams of one task that are kept, about one for every 14 characters it read; the oldest half is forgotten at once. */
export const passageGramsMax = 65_536;

/**
 * What of a text is kept to find passages of it again: hashes of runs of words, chosen by their value alone (winnowing, Schleimer
 * et al. 2003), so that a copy has the same ones wherever it begins. `words`: a number for each word, in their order.
 */
export function gramsOf(words: readonly number[]): readonly number[] {
  if (words.length < gramWords) return none;
  const kept: number[] = [];
  /** Of the newest grams: a text of fewer has one window. */
  const window: number[] = [];
  const last = words.length - gramWords;
  for (let at = 0; at <= last; at++) {
    window[at % windowGrams] = gramAt(words, at);
    if (window.length < windowGrams && at < last) continue;
    const least = leastOf(window);
    if (least !== kept.at(-1)) kept.push(least);
  }
  return kept;
}

const none: readonly number[] = [];

function gramAt(words: readonly number[], at: number): number {
  let hash = 0x811c_9dc5;
  for (let next = at; next < at + gramWords; next++) hash = Math.imul(hash ^ (words[next] as number), 0x0100_0193);
  return hash ^ (hash >>> 15);
}

function leastOf(numbers: readonly number[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (const one of numbers) least = Math.min(least, one);
  return least;
}

/**
 * In which of a task's results a passage stands, by the numbers of the results. Two halves: where the newer is full, the older is
 * dropped whole.
 */
export class Passages {
  #newer = new Map<number, number>();
  #older: ReadonlyMap<number, number> = new Map();

  get isEmpty(): boolean {
    return this.#newer.size === 0 && this.#older.size === 0;
  }

  add(result: number, words: readonly number[]): void {
    for (const gram of gramsOf(words)) this.#put(gram, result);
  }

  #put(gram: number, result: number): void {
    this.#newer.set(gram, result);
    if (this.#newer.size < passageGramsMax / 2) return;
    this.#older = this.#newer;
    this.#newer = new Map();
  }

  /** `renumbered`: the number here of a result there; undefined for what was not taken over. */
  inheritFrom(other: Passages, renumbered: ReadonlyMap<number, number>): void {
    for (const half of [other.#older, other.#newer])
      for (const [gram, result] of half) {
        const here = renumbered.get(result);
        if (here !== undefined) this.#put(gram, here);
      }
  }

  /** The results that share a passage with a text of these words, newest first. */
  sharedWith(words: readonly number[]): number[] {
    let counts: Map<number, number> | undefined;
    for (const gram of gramsOf(words)) {
      const result = this.#newer.get(gram) ?? this.#older.get(gram);
      if (result !== undefined) counts = (counts ?? new Map()).set(result, (counts?.get(result) ?? 0) + 1);
    }
    if (counts === undefined) return [];
    return [...counts].flatMap(([result, count]) => (count >= sharedMin ? [result] : [])).sort((a, b) => b - a);
  }
}
