import { isWordUnit } from './word-unit.ts';

/** What a text is looked for by: a number for each of its words, of many only the longest. */
export type WordMarks = readonly number[];

/** More words than these make a look no surer. */
const marksMax = 8;

/**
 * Words are the longest runs of letters and digits, as `isUnit` and `isWhole` end them: whatever stands in a text as a
 * unit, stands there with all its words.
 */
export function wordMarks(part: string): WordMarks {
  const row: number[] = [];
  eachWord(part, row);
  return row.length > marksMax ? longestIn(part) : row;
}

function longestIn(part: string): WordMarks {
  const [row, chars]: [number[], number[]] = [[], []];
  eachWord(part, row, chars);
  const marks: number[] = [];
  const lengths: number[] = [];
  for (let at = 0; at < row.length; at++) {
    const length = chars[at] as number;
    if (marks.length === marksMax && !givesWay(marks, lengths, length)) continue;
    marks.push(row[at] as number);
    lengths.push(length);
  }
  return marks;
}

/** Of the shortest the last, to one that is longer. */
function givesWay(marks: number[], lengths: number[], chars: number): boolean {
  let shortest = 0;
  for (let at = 1; at < lengths.length; at++)
    if ((lengths[at] as number) <= (lengths[shortest] as number)) shortest = at;
  if ((lengths[shortest] as number) >= chars) return false;
  for (let at = shortest + 1; at < marks.length; at++) {
    marks[at - 1] = marks[at] as number;
    lengths[at - 1] = lengths[at] as number;
  }
  marks.pop();
  lengths.pop();
  return true;
}

/** A number for each word of a folded text, in their order. */
export function wordRow(text: string): WordMarks {
  const row: number[] = [];
  eachWord(text, row);
  return row;
}

/** Of bits for one word; with two of them set, one word in thirty that is not there seems to be. */
const bitsPerWord = 8;
const bitsMax = 1 << 18;
/** So few are looked through as they are. */
const fewMax = 16;

/**
 * Which words a text has, roughly (a Bloom filter): `mayHold` is false only for what surely is no unit of it. It costs one
 * pass, and spares a search through the text for nearly every value that is not in it.
 */
export class WordFilter {
  #marks: number[] = [];
  #bits: Uint32Array | undefined;

  /** The words added so far, until the first question. */
  get marks(): WordMarks {
    return this.#marks;
  }

  /** Before the first question. */
  add(text: string): void {
    eachWord(text, this.#marks);
  }

  mayHold(marks: WordMarks): boolean {
    if (this.#bits === undefined && this.#marks.length <= fewMax) return this.#holdsAll(marks);
    const bits = this.#bits ?? this.#seal();
    const last = (bits.length << 5) - 1;
    for (const mark of marks) {
      const one = mark & last;
      const other = (mark >>> 11) & last;
      if ((((bits[one >> 5] as number) >>> (one & 31)) & ((bits[other >> 5] as number) >>> (other & 31)) & 1) === 0)
        return false;
    }
    return true;
  }

  #holdsAll(marks: WordMarks): boolean {
    for (const mark of marks) if (!this.#marks.includes(mark)) return false;
    return true;
  }

  #seal(): Uint32Array {
    const wanted = Math.min(this.#marks.length * bitsPerWord, bitsMax);
    const bits = new Uint32Array(Math.max(1, (1 << (32 - Math.clz32(wanted))) >> 5));
    const last = (bits.length << 5) - 1;
    for (const mark of this.#marks) {
      setBit(bits, mark & last);
      setBit(bits, (mark >>> 11) & last);
    }
    this.#marks = [];
    this.#bits = bits;
    return bits;
  }
}

function setBit(bits: Uint32Array, bit: number): void {
  bits[bit >> 5] = (bits[bit >> 5] as number) | (1 << (bit & 31));
}

/**
 * 30 bits each: a small integer of the engine's. A number of ASCII digits that other numerals continue is a word as well. `chars`: how
 * long each is, for who wants to know.
 */
function eachWord(text: string, marks: number[], chars?: number[]): void {
  let start = -1;
  let hash = seed;
  let digits = 0;
  let mixed = false;
  for (let at = 0; at <= text.length; at++) {
    const unit = at < text.length ? text.charCodeAt(at) : 0;
    if (isWordUnit(unit)) {
      if (start < 0) start = at;
      hash = Math.imul(hash ^ unit, 0x0100_0193);
      if (unit >= 0x30 && unit <= 0x39) digits++;
      else if (unit > 0x7f) mixed = true;
    } else if (start >= 0) {
      marks.push(finished(hash));
      chars?.push(at - start);
      if (mixed && digits > 0) eachNumber(text.slice(start, at), marks, chars);
      start = -1;
      hash = seed;
      digits = 0;
      mixed = false;
    }
  }
}

function eachNumber(word: string, marks: number[], chars: number[] | undefined): void {
  for (const [digits] of word.matchAll(/\d+/g)) {
    let hash = seed;
    for (let at = 0; at < digits.length; at++) hash = Math.imul(hash ^ digits.charCodeAt(at), 0x0100_0193);
    marks.push(finished(hash));
    chars?.push(digits.length);
  }
}

const seed = 0x811c_9dc5;

function finished(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
  return (mixed ^ (mixed >>> 13)) >>> 2;
}
