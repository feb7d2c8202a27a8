import type { Name, NameRange } from './name.ts';

/** As what an entry names an id. A task is noted once for each block that has entries of it. */
export const role = { self: 0, decision: 1, approval: 2, task: 3 } as const;
export type Role = (typeof role)[keyof typeof role];

const letterShift = 18;
const roleShift = 16;

/** Of the first character of an id only eight values occur: our ids fill 1,024 of them evenly, with some 100 names each. */
export const bucketsOfSegment = 4_096;
const bucketShift = 18;
/** Of what is no id of ours. */
const foreignBucket = bucketsOfSegment - 1;

function bucketOf(mark: number): number {
  return mark >>> bucketShift;
}

/**
 * Who is named by the entries of one segment. Two numbers a name: its mark, and its letter, its role and the entry's place in the
 * segment in 3, 2 and 16 bits. A chain for each bucket leads through them, newest first.
 */
export class SegmentNames {
  readonly segment: number;
  #pairs = new Uint32Array(2 * startNames);
  #next = new Int32Array(startNames);
  readonly #heads = new Int32Array(bucketsOfSegment).fill(-1);
  #size = 0;

  constructor(segment: number) {
    this.segment = segment;
  }

  get size(): number {
    return this.#size;
  }

  add({ mark, letter }: Name, as: Role, place: number): void {
    this.#add(mark, (letter << letterShift) | (as << roleShift) | place);
  }

  /** Names as `pairs` gave them. */
  addPairs(pairs: Uint32Array): void {
    for (let at = 0; at < pairs.length; at += 2) this.#add(pairs[at] as number, pairs[at + 1] as number);
  }

  /** In the order in which they were added, from the one of this number to before that one. */
  pairs(from: number, end: number): Uint32Array {
    return this.#pairs.subarray(2 * from, 2 * end);
  }

  /** Newest first. */
  bucket(bucket: number): Uint32Array {
    const pairs: number[] = [];
    for (let at = this.#heads[bucket] ?? -1; at >= 0; at = this.#next[at] as number)
      pairs.push(this.#pairs[2 * at] as number, this.#pairs[2 * at + 1] as number);
    return Uint32Array.from(pairs);
  }

  #add(mark: number, rest: number): void {
    if (this.#size === this.#next.length) this.#grow();
    const at = this.#size++;
    this.#pairs[2 * at] = mark;
    this.#pairs[2 * at + 1] = rest;
    const bucket = bucketOf(mark);
    this.#next[at] = this.#heads[bucket] as number;
    this.#heads[bucket] = at;
  }

  #grow(): void {
    const [pairs, next] = [this.#pairs, this.#next];
    this.#pairs = new Uint32Array(2 * pairs.length);
    this.#pairs.set(pairs);
    this.#next = new Int32Array(2 * next.length);
    this.#next.set(next);
  }
}

const startNames = 4_096;

/** The places in their segment of the entries among `pairs` that name something in `range` like this, as they come. */
export function placesIn(pairs: Uint32Array, range: NameRange, as: Role): number[] {
  const places: number[] = [];
  for (let at = 0; at < pairs.length; at += 2) {
    const [mark, rest] = [pairs[at] as number, pairs[at + 1] as number];
    const letter = rest >>> letterShift;
    const isIn = letter === 0 || (mark >= range.from && mark <= range.to);
    if (isIn && ((rest >>> roleShift) & 3) === as && range.letters.includes(letter)) places.push(rest & 0xffff);
  }
  return places;
}

/** The buckets in which what `range` means can lie. */
export function bucketsOf({ letters, from, to }: NameRange): number[] {
  const [first, last] = [bucketOf(from), bucketOf(to)];
  const buckets = Array.from({ length: last - first + 1 }, (_, at) => first + at);
  return letters.includes(0) && last < foreignBucket ? [...buckets, foreignBucket] : buckets;
}
