import { base64, fromBase64 } from '@sallyport/core/journal/bytes.ts';
import { GrowingTree, hashBytes, nodeHash } from '@sallyport/core/journal/merkle.ts';
import { type Tile, tileHeight, tileOfNode, tileWidth } from '@sallyport/core/journal/tile.ts';
import { sha256Bytes } from './hash.ts';

/** A tile with its bytes. */
export interface TileBytes {
  readonly tile: Tile;
  readonly bytes: Buffer;
}

/**
 * The tree with its right edge of hash tiles: on every level the tile that is being filled. What is needed of a tree to
 * let it grow, and no more, whatever its size.
 */
export class TileEdge {
  readonly #tree: GrowingTree;
  readonly #open: Buffer[];
  #full: TileBytes[] = [];

  constructor(size = 0, open: readonly Buffer[] = []) {
    this.#open = open.map(hashes => Buffer.concat([hashes], tileWidth * hashBytes));
    this.#tree = new GrowingTree(
      sha256Bytes,
      (height, index, hash) => this.#note(height, index, hash),
      size,
      peaksOf(open),
    );
  }

  get size(): number {
    return this.#tree.size;
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

  /** Enough to go on from here at the next start. */
  snapshot(): string {
    const levels = this.#open.map((bytes, level) => base64(bytes.subarray(0, widthAt(this.size, level) * hashBytes)));
    return `${JSON.stringify({ v: 1, size: this.size, levels })}\n`;
  }

  #note(height: number, index: number, hash: Uint8Array): void {
    const at = tileOfNode(height, index);
    if (at === undefined) return;
    this.#open[at.level] ??= Buffer.alloc(tileWidth * hashBytes);
    const bytes = this.#open[at.level] as Buffer;
    bytes.set(hash, at.slot * hashBytes);
    if (at.slot === tileWidth - 1)
      this.#full.push({ tile: { level: at.level, index: at.index, width: tileWidth }, bytes: Buffer.from(bytes) });
  }
}

/**
 * The edge that a snapshot describes, or undefined for anything else. It is not trusted: the tree that grows from it has
 * to have the root that was signed.
 */
export function edgeFromSnapshot(text: string): TileEdge | undefined {
  try {
    const { v, size, levels } = JSON.parse(text) as { v: unknown; size: unknown; levels: unknown };
    if (v !== 1 || !Number.isSafeInteger(size) || !Array.isArray(levels)) return undefined;
    const open = levels.map(level => Buffer.from(fromBase64(String(level)) ?? []));
    const fits = open.every((hashes, level) => hashes.length === widthAt(size as number, level) * hashBytes);
    return fits ? new TileEdge(size as number, open) : undefined;
  } catch {
    return undefined;
  }
}

function widthAt(size: number, level: number): number {
  return Math.floor(size / tileWidth ** level) % tileWidth;
}

/** Roots of the perfect subtrees, largest first: each level's hashes fold by the bits of their number. */
function peaksOf(open: readonly Buffer[]): Uint8Array[] {
  const peaks: Uint8Array[] = [];
  for (const hashes of open.toReversed()) {
    let start = 0;
    for (let bit = tileHeight - 1; bit >= 0; bit--) {
      const end = start + 2 ** bit * hashBytes;
      if (end > hashes.length) continue;
      peaks.push(fold(hashes.subarray(start, end)));
      start = end;
    }
  }
  return peaks;
}

function fold(hashes: Uint8Array): Uint8Array {
  if (hashes.length === hashBytes) return hashes;
  const middle = hashes.length / 2;
  return nodeHash(fold(hashes.subarray(0, middle)), fold(hashes.subarray(middle)), sha256Bytes);
}
