import { existsSync, rmSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkpointText } from '@sallyport/core/journal/checkpoint.ts';
import { entriesLevel, type Tile, tilePath, tileWidth } from '@sallyport/core/journal/tile.ts';
import { openPatiently, syncDirPatiently, writeFileDurably } from './durable.ts';
import type { LogKey } from './keys.ts';
import { type Layout, segmentEntriesMax } from './layout.ts';
import type { BundleRange, SegmentLog } from './segment-log.ts';
import type { TileEdge } from './tile-edge.ts';

export interface PublishedCheckpoint {
  readonly size: number;
  /** C2SP signed note. */
  readonly note: string;
}

/**
 * Publishes what became durable: tiles first, then the checkpoint that needs them (tlog-tiles, "Partial Tiles"). Runs in
 * the background, one round at a time; nothing waits for it.
 */
export class Publisher {
  readonly #layout: Layout;
  readonly #key: LogKey;
  readonly #segments: SegmentLog;
  readonly #edge: TileEdge;
  /** Tiles of entries before this one are on disk for good. */
  #settled: number;
  /** Files written since, to be synced when it moves. */
  readonly #unsettled = new Set<string>();
  /** What bundles are read into, one after the other. */
  #bundle = Buffer.alloc(0);
  /** Folders of full tiles, at most one for a thousand of them: made once. */
  readonly #folders = new Set<string>();

  constructor(layout: Layout, key: LogKey, segments: SegmentLog, edge: TileEdge, settled: number) {
    this.#layout = layout;
    this.#key = key;
    this.#segments = segments;
    this.#edge = edge;
    this.#settled = settled;
  }

  /** Tiles of so many entries are on disk for good. */
  get settled(): number {
    return this.#settled;
  }

  /**
   * After a crash: what was published and not settled may be anything on the disk. Full tiles are written again with the
   * next checkpoint; partial ones go, and come back for the tree as it then is.
   */
  dropUnsettled(): void {
    const { size } = this.#edge;
    if (this.#settled === size) return;
    for (let level = 0, width = tileWidth; level === 0 || width <= size * tileWidth; level++, width *= tileWidth)
      for (let index = Math.floor(this.#settled / width); index <= Math.floor(size / width); index++)
        for (const tile of level === 0 ? [level, entriesLevel] : [level])
          rmSync(`${join(this.#layout.log, tilePath({ level: tile, index, width: tileWidth }))}.p`, {
            recursive: true,
            force: true,
          });
  }

  /** Signs the log as it is now. `isLast` also puts every tile on disk for good, so that the next start is quick. */
  async publish(isLast: boolean): Promise<PublishedCheckpoint> {
    const { size } = this.#edge;
    const text = checkpointText({ origin: this.#key.origin, size, root: this.#edge.root() });
    const partial = this.#edge.partial();
    const openBundle = this.#segments.openBundle();
    const full = this.#edge.takeFull();
    const bundles = this.#segments.ranges.takeFull();

    await this.#segments.sync();
    for (const { tile, bytes } of full) await this.#write(tile, bytes);
    for (const bundle of bundles) await this.#writeBundle(bundle, tileWidth);
    for (const { tile, bytes } of partial) await this.#write(tile, bytes);
    if (openBundle !== undefined) await this.#writeBundle(openBundle, size % tileWidth);
    const note = this.#key.signNote(text);
    await writeFileDurably(this.#layout.checkpoint, note);
    if (isLast || size - this.#settled >= segmentEntriesMax) await this.#settle(size);
    return { size, note };
  }

  async #writeBundle({ index, path, start, end }: BundleRange, width: number): Promise<void> {
    const file = await openPatiently(path, 'r');
    try {
      if (this.#bundle.length < end - start) this.#bundle = Buffer.allocUnsafeSlow(end - start);
      const bytes = this.#bundle.subarray(0, end - start);
      await file.read(bytes, 0, bytes.length, start);
      await this.#write({ level: entriesLevel, index, width }, bytes);
    } finally {
      await file.close();
    }
  }

  /**
   * Seen whole or not at all: what an earlier run published, and a newer checkpoint still needs, is written again under
   * the eyes of whoever verifies. Not for power cuts: `#settle` is.
   */
  async #write(tile: Tile, bytes: Buffer): Promise<void> {
    const path = join(this.#layout.log, tilePath(tile));
    const folder = dirname(path);
    if (!this.#folders.has(folder)) await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = await openPatiently(this.#layout.nextTile, 'w', 0o600);
    try {
      await file.writeFile(bytes);
    } finally {
      await file.close();
    }
    await rename(this.#layout.nextTile, path);
    if (tile.width < tileWidth) return;
    this.#folders.add(folder);
    this.#unsettled.add(path);
    // Its partial forms are not needed any more (tlog-tiles, "Partial Tiles").
    if (existsSync(`${path}.p`)) await rm(`${path}.p`, { recursive: true });
  }

  async #settle(size: number): Promise<void> {
    const folders = new Set<string>();
    for (const path of this.#unsettled) {
      const file = await openPatiently(path, 'r');
      try {
        await file.sync();
      } finally {
        await file.close();
      }
      for (let folder = dirname(path); folder !== this.#layout.log; folder = dirname(folder)) folders.add(folder);
    }
    for (const folder of folders) await syncDirPatiently(folder);
    await syncDirPatiently(this.#layout.log);
    this.#unsettled.clear();
    await writeFileDurably(this.#layout.published, `${size}\n`);
    this.#settled = size;
  }
}
