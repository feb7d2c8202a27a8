import type { HashBytes } from './bytes.ts';
import { peakRanges, rootOfPeaks } from './merkle.ts';

/** Proofs that a leaf is in a tree, RFC 6962 §2.1.1. */

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

/** The largest power of two smaller than `size`. */
function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}
