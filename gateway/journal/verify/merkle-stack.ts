import { hash } from 'node:crypto';

/** RFC 6962 §2.1, written as a stack of complete subtrees: two of the same size become one. */
export class MerkleStack {
  readonly #stack: { readonly leaves: number; readonly hash: Buffer }[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(leaf: Buffer): void {
    this.#size++;
    let top = { leaves: 1, hash: leaf };
    for (;;) {
      const below = this.#stack.at(-1);
      if (below === undefined || below.leaves !== top.leaves) break;
      this.#stack.pop();
      top = { leaves: 2 * top.leaves, hash: hashOfPair(below.hash, top.hash) };
    }
    this.#stack.push(top);
  }

  /** The root over everything pushed, hexadecimal. */
  root(): string {
    const hashes = this.#stack.map(({ hash }) => hash);
    if (hashes.length === 0) return hash('sha256', '', 'hex');
    return hashes.reduceRight((right, left) => hashOfPair(left, right)).toString('hex');
  }
}

export function hashOfEntry(entry: Buffer): Buffer {
  return hash('sha256', Buffer.concat([zero, entry]), 'buffer');
}

function hashOfPair(left: Buffer, right: Buffer): Buffer {
  return hash('sha256', Buffer.concat([one, left, right]), 'buffer');
}

const zero = Buffer.from([0]);
const one = Buffer.from([1]);
