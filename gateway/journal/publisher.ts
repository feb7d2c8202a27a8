import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkpointText } from '@sallyport/core/journal/checkpoint.ts';
import { entriesLevel, type Tile, tilePath, tileWidth } from '@sallyport/core/journal/tile.ts';
import { syncDir, writeFileDurably } from './durable.ts';
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
  #unsettled = new Set<string>();

  constructor(layout: Layout, key: LogKey, segments: SegmentLog, edge: TileEdge, settled: number) {
    this.#layout = layout;
    this.#key = key;
    this.#segments = segments;
    this.#edge = edge;
    this.#settled = settled;
  }

  /** Signs the log as it is now. `isLast` also puts every tile on disk for good, so that the next start is quick. */
  async publish(isLast: boolean): Promise<PublishedCheckpoint> {
    const { size } = this.#edge;
    const text = checkpointText({ origin: this.#key.origin, size, root: this.#edge.root() });
    const snapshot = this.#edge.snapshot();
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
    if (isLast || size - this.#settled >= segmentEntriesMax) await this.#settle(size, snapshot);
    return { size, note };
  }

  async #writeBundle({ index, path, start, end }: BundleRange, width: number): Promise<void> {
    const file = await open(path, 'r');
    try {
      const bytes = Buffer.allocUnsafe(end - start);
      await file.read(bytes, 0, bytes.length, start);
      await this.#write({ level: entriesLevel, index, width }, bytes);
    } finally {
      await file.close();
    }
  }

  /** Whole or not at all, so that a reader beside us never sees half a tile. Its partial forms are then not needed. */
  async #write(tile: Tile, bytes: Buffer): Promise<void> {
    const path = join(this.#layout.log, tilePath(tile));
    if (existsSync(path) && bytes.equals(await readFile(path))) return;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(`${path}.next`, bytes, { mode: 0o600 });
    await rename(`${path}.next`, path);
    if (tile.width < tileWidth) return;
    this.#unsettled.add(path);
    await rm(`${path}.p`, { recursive: true, force: true });
  }

  async #settle(size: number, snapshot: string): Promise<void> {
    const folders = new Set<string>();
    for (const path of this.#unsettled) {
      const file = await open(path, 'r');
      try {
        await file.sync();
      } finally {
        await file.close();
      }
      for (let folder = dirname(path); folder !== this.#layout.log; folder = dirname(folder)) folders.add(folder);
    }
    for (const folder of folders) syncDir(folder);
    syncDir(this.#layout.log);
    this.#unsettled.clear();
    await writeFileDurably(this.#layout.published, snapshot);
    this.#settled = size;
  }
}
