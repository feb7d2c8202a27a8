import { type HashBytes, sameBytes } from '@sallyport/core/journal/bytes.ts';
import { nodeHash } from '@sallyport/core/journal/merkle.ts';

export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** Whether `proof` leads from this leaf to the head of the tree, as RFC 9162 §2.1.3.2 writes it. */
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

function half(value: number): number {
  return Math.floor(value / 2);
}
