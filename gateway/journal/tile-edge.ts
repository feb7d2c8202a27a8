import { GrowingTree, hashBytes } from '@sallyport/core/journal/merkle.ts';
import { type Tile, tileOfNode, tileWidth } from '@sallyport/core/journal/tile.ts';
import { sha256Bytes } from './hash.ts';
import type { Frontier } from './snapshot.ts';

/** A tile with its bytes. */
export interface TileBytes {
  readonly tile: Tile;
  readonly bytes: Buffer;
}

/** The tree with its right edge of hash tiles: on every level the tile that is being filled. */
export class TileEdge {
  readonly #tree: GrowingTree;
  readonly #open: Buffer[];
  readonly #settled: number;
  #full: TileBytes[] = [];

  /** Tiles of the first `settled` entries are published for good, and not kept again. Goes on from `frontier`. */
  constructor(settled: number, frontier?: Pick<Frontier, 'size' | 'peaks' | 'tiles'>) {
    this.#settled = settled;
    this.#tree = new GrowingTree(
      sha256Bytes,
      (height, index, hash) => this.#note(height, index, hash),
      frontier?.size,
      frontier?.peaks,
    );
    this.#open = (frontier?.tiles ?? []).map(filled => {
      const bytes = Buffer.alloc(tileWidth * hashBytes);
      bytes.set(filled);
      return bytes;
    });
  }

  get size(): number {
    return this.#tree.size;
  }

  /** From which another edge goes on as this one would. */
  frontier(): Pick<Frontier, 'size' | 'peaks' | 'tiles'> {
    const { size, peaks } = this.#tree;
    const tiles = this.#open.map((bytes, level) => {
      const width = Math.floor(size / tileWidth ** level) % tileWidth;
      return Buffer.from(bytes.subarray(0, width * hashBytes));
    });
    return { size, peaks, tiles };
  }

  append(leaf: Uint8Array): void {
    this.#tree.append(leaf);
  }

  root(): Uint8Array {
    return this.#tree.root();
  }

  /** The tiles that have become full since this was last asked. */
  takeFull(): TileBytes[] {
    const full = this.#full;
    this.#full = [];
    return full;
  }

  /** What the open tiles hold now, copied. */
  partial(): TileBytes[] {
    return this.#open.flatMap((bytes, level) => {
      const count = Math.floor(this.size / tileWidth ** level);
      const width = count % tileWidth;
      if (width === 0) return [];
      const tile = { level, index: Math.floor(count / tileWidth), width };
      return [{ tile, bytes: Buffer.from(bytes.subarray(0, width * hashBytes)) }];
    });
  }

  #note(height: number, index: number, hash: Uint8Array): void {
    const at = tileOfNode(height, index);
    if (at === undefined) return;
    this.#open[at.level] ??= Buffer.alloc(tileWidth * hashBytes);
    const bytes = this.#open[at.level] as Buffer;
    bytes.set(hash, at.slot * hashBytes);
    const isFull = at.slot === tileWidth - 1;
    if (isFull && (at.index + 1) * tileWidth ** (at.level + 1) > this.#settled)
      this.#full.push({ tile: { level: at.level, index: at.index, width: tileWidth }, bytes: Buffer.from(bytes) });
  }
}
