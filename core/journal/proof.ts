import { type HashBytes, sameBytes } from './bytes.ts';
import { nodeHash, peakRanges, rootOfPeaks } from './merkle.ts';

/**
 * Proofs of RFC 6962 §2.1.1 and §2.1.2, and their verification as RFC 9162 §2.1.3.2 and §2.1.4.2 write it.
 */

/** The hash of a perfect subtree that is known to exist. */
export type ReadNode = (height: number, index: number) => Uint8Array;

/** The root over the leaves `start` (included) to `end` (excluded); `start` is where a subtree of that size can begin. */
function rangeHash(start: number, end: number, read: ReadNode, sha256: HashBytes): Uint8Array {
  const peaks = peakRanges(end - start).map(({ height, index }) => read(height, start / 2 ** height + index));
  return rootOfPeaks(peaks, sha256);
}

/** PATH(index, D[size]): what, together with the leaf, hashes to the root. Nearest first. */
export function inclusionProof(index: number, size: number, read: ReadNode, sha256: HashBytes): Uint8Array[] {
  if (!(index >= 0 && index < size)) throw new RangeError(`entry ${index} is not in a tree of ${size}`);
  const proof: Uint8Array[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      proof.push(rangeHash(middle, end, read, sha256));
      end = middle;
    } else {
      proof.push(rangeHash(start, middle, read, sha256));
      start = middle;
    }
  }
  return proof.reverse();
}

/** PROOF(older, D[newer]): shows that the first `older` leaves of the newer tree are those of the older one. */
export function consistencyProof(older: number, newer: number, read: ReadNode, sha256: HashBytes): Uint8Array[] {
  if (!(older >= 0 && older <= newer)) throw new RangeError(`a tree of ${newer} cannot grow from one of ${older}`);
  if (older === 0 || older === newer) return [];
  const proof: Uint8Array[] = [];
  let [start, end] = [0, newer];
  while (older !== end) {
    const middle = start + splitOf(end - start);
    if (older <= middle) {
      proof.push(rangeHash(middle, end, read, sha256));
      end = middle;
    } else {
      proof.push(rangeHash(start, middle, read, sha256));
      start = middle;
    }
  }
  // A subtree that begins at the first leaf is the older tree itself: who verifies has its root.
  if (start !== 0) proof.push(rangeHash(start, end, read, sha256));
  return proof.reverse();
}

/** The largest power of two smaller than `size`. */
function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** RFC 9162 §2.1.3.2. */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  head: TreeHead,
  proof: readonly Uint8Array[],
  sha256: HashBytes,
): boolean {
  if (!(index >= 0 && index < head.size)) return false;
  let [at, last, hash] = [index, head.size - 1, leaf];
  for (const step of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(step, hash, sha256);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, half(last)];
    } else {
      hash = nodeHash(hash, step, sha256);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && sameBytes(hash, head.root);
}

/** RFC 9162 §2.1.4.2. From an empty tree everything can grow; equal sizes must have equal roots. */
export function verifyConsistency(
  older: TreeHead,
  newer: TreeHead,
  proof: readonly Uint8Array[],
  sha256: HashBytes,
): boolean {
  if (older.size > newer.size) return false;
  if (older.size === newer.size) return proof.length === 0 && sameBytes(older.root, newer.root);
  if (older.size === 0) return proof.length === 0;
  const steps = isPowerOfTwo(older.size) ? [older.root, ...proof] : [...proof];
  const first = steps.shift();
  if (first === undefined) return false;
  let [at, last, oldHash, newHash] = [older.size - 1, newer.size - 1, first, first];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  for (const step of steps) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      oldHash = nodeHash(step, oldHash, sha256);
      newHash = nodeHash(step, newHash, sha256);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, half(last)];
    } else {
      newHash = nodeHash(newHash, step, sha256);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && sameBytes(oldHash, older.root) && sameBytes(newHash, newer.root);
}

function half(value: number): number {
  return Math.floor(value / 2);
}

function isPowerOfTwo(value: number): boolean {
  return splitOf(value * 2) === value;
}
