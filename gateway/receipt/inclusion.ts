import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashBytes, nodeHash } from '@sallyport/core/journal/merkle.ts';
import { inclusionProof, type ReadNode } from '@sallyport/core/journal/proof.ts';
import { tileHeight, tilePath, tileWidth } from '@sallyport/core/journal/tile.ts';
import { JournalFault } from '../journal/fault.ts';
import { sha256Bytes } from '../journal/hash.ts';

/**
 * PATH(index, D[size]) out of the published hash tiles, base64: what a tlog-proof holds. `tiles` are those read before, where several
 * proofs are wanted of one log.
 */
export function publishedProof(log: string, index: number, size: number, tiles = new Map<string, Buffer>()): string[] {
  const read: ReadNode = (height, at) => {
    const level = Math.floor(height / tileHeight);
    const width = 2 ** (height % tileHeight);
    const first = at * width;
    const tile = tileOf(log, tiles, level, Math.floor(first / tileWidth), size);
    const hashes = Array.from({ length: width }, (_, step) => hashIn(tile, (first + step) % tileWidth));
    return hashes.length === 1 ? (hashes[0] as Buffer) : folded(hashes);
  };
  return inclusionProof(index, size, read, sha256Bytes).map(hash => Buffer.from(hash).toString('base64'));
}

function folded(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 1) return hashes[0] as Uint8Array;
  const half = hashes.length / 2;
  return nodeHash(folded(hashes.slice(0, half)), folded(hashes.slice(half)), sha256Bytes);
}

function hashIn(tile: Buffer, slot: number): Buffer {
  const hash = tile.subarray(slot * hashBytes, (slot + 1) * hashBytes);
  if (hash.length === hashBytes) return hash;
  throw new JournalFault('damaged', 'a published tile is shorter than the signed checkpoint says');
}

/** A partial tile goes when it has become full, and the full one begins with it. */
function tileOf(log: string, tiles: Map<string, Buffer>, level: number, index: number, size: number): Buffer {
  const count = Math.floor(size / tileWidth ** level);
  const width = Math.min(tileWidth, count - index * tileWidth);
  const paths = [tilePath({ level, index, width }), tilePath({ level, index, width: tileWidth })];
  for (const path of paths) {
    const known = tiles.get(path);
    if (known !== undefined) return known;
    if (!existsSync(join(log, path))) continue;
    const bytes = readFileSync(join(log, path));
    tiles.set(path, bytes);
    return bytes;
  }
  throw new JournalFault('damaged', `${paths[0]} is missing, which the signed checkpoint needs`);
}
