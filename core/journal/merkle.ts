import type { HashBytes } from './bytes.ts';

/**
 * The Merkle tree of RFC 6962 §2.1, which RFC 9162 keeps: a leaf is SHA-256(0x00 ‖ entry), a node
 * SHA-256(0x01 ‖ left ‖ right), and a tree of n leaves is split at the largest power of two smaller than n.
 */

export const hashBytes = 32;

/** Where leaves and nodes are put together, again and again: a port that hashes keeps none of its argument. */
const leafPage = new Uint8Array(64 * 1024);
const nodePage = new Uint8Array(1 + 2 * hashBytes);
nodePage[0] = 1;

export function leafHash(entry: Uint8Array, sha256: HashBytes): Uint8Array {
  const end = entry.length + 1;
  const page = end <= leafPage.length ? leafPage : new Uint8Array(end);
  page.set(entry, 1);
  return sha256(page.subarray(0, end));
}

export function nodeHash(left: Uint8Array, right: Uint8Array, sha256: HashBytes): Uint8Array {
  nodePage.set(left, 1);
  nodePage.set(right, 1 + hashBytes);
  return sha256(nodePage);
}

function emptyRoot(sha256: HashBytes): Uint8Array {
  return sha256(new Uint8Array(0));
}

/** A perfect subtree: the hash over leaves `index·2^height` to `(index+1)·2^height − 1`. */
export type NodeSink = (height: number, index: number, hash: Uint8Array) => void;

/**
 * A tree that grows: holds the roots of its perfect subtrees only (at most log₂ n of them, largest first), so that a
 * leaf costs one hash on average and log₂ n at most. Every perfect subtree that comes to be, leaves included, is told
 * to `sink` once: that is what tiles are made of.
 */
export class GrowingTree {
  readonly #sha256: HashBytes;
  readonly #sink: NodeSink;
  readonly #peaks: Uint8Array[];
  #size: number;

  /** Goes on after `size` leaves, whose perfect subtrees have the roots `peaks`. */
  constructor(sha256: HashBytes, sink: NodeSink, size = 0, peaks: readonly Uint8Array[] = []) {
    this.#sha256 = sha256;
    this.#sink = sink;
    this.#size = size;
    this.#peaks = [...peaks];
  }

  get peaks(): readonly Uint8Array[] {
    return [...this.#peaks];
  }

  get size(): number {
    return this.#size;
  }

  append(leaf: Uint8Array): void {
    let hash = leaf;
    let index = this.#size++;
    this.#sink(0, index, hash);
    for (let height = 1; index % 2 === 1; height++) {
      const left = this.#peaks.pop();
      if (left === undefined) throw new RangeError('a peak is missing');
      hash = nodeHash(left, hash, this.#sha256);
      index = (index - 1) / 2;
      this.#sink(height, index, hash);
    }
    this.#peaks.push(hash);
  }

  root(): Uint8Array {
    return rootOfPeaks(this.#peaks, this.#sha256);
  }
}

/** Peaks fold from the right: the smallest is the rightmost. */
export function rootOfPeaks(peaks: readonly Uint8Array[], sha256: HashBytes): Uint8Array {
  const last = peaks.at(-1);
  if (last === undefined) return emptyRoot(sha256);
  let root = last;
  for (let at = peaks.length - 2; at >= 0; at--) root = nodeHash(peaks[at] as Uint8Array, root, sha256);
  return root;
}

export interface NodeAt {
  readonly height: number;
  readonly index: number;
}

/** The perfect subtrees that a tree of `size` leaves consists of, largest first: one for each bit of `size`. */
export function peakRanges(size: number): NodeAt[] {
  const peaks: NodeAt[] = [];
  let start = 0;
  for (let height = 52; height >= 0; height--) {
    const width = 2 ** height;
    if (size - start < width) continue;
    peaks.push({ height, index: start / width });
    start += width;
  }
  return peaks;
}
