import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { damaged } from './fault.ts';

/**
 * Where everything lies (docs/formats/journal.md):
 *
 *     log/            public: what a verifier needs, C2SP tlog-tiles below `checkpoint` and `tile/`
 *       checkpoint    the newest signed tree head
 *       entries/      the log itself: 65,536 framed entries a file
 *       tile/         hash tiles and entry bundles
 *     batches/        every acknowledged batch as it became durable: its entries, and their bodies, encrypted
 *     keys/           0600: the log's signing key, the key over the task keys, the wrapped task keys
 *     tile.next       a tile that is being written
 *     batches.next    zeros that the next batch file is to be written over
 *     published       up to where tiles are on disk for good
 *     snapshot        what the entries made at the last orderly stop or since, signed
 *     vkey            the log's public key
 *     lock.db         held by the one writer
 */
export interface Layout {
  readonly dir: string;
  readonly log: string;
  readonly checkpoint: string;
  readonly entries: string;
  readonly batches: string;
  readonly keys: string;
  readonly nextTile: string;
  readonly nextBatches: string;
  readonly published: string;
  readonly snapshot: string;
  readonly vkey: string;
  readonly lock: string;
}

export function layoutOf(dir: string): Layout {
  const log = join(dir, 'log');
  return {
    dir,
    log,
    checkpoint: join(log, 'checkpoint'),
    entries: join(log, 'entries'),
    batches: join(dir, 'batches'),
    keys: join(dir, 'keys'),
    nextTile: join(dir, 'tile.next'),
    nextBatches: join(dir, 'batches.next'),
    published: join(dir, 'published'),
    snapshot: join(dir, 'snapshot'),
    vkey: join(dir, 'vkey'),
    lock: join(dir, 'lock.db'),
  };
}

export function makeDirs(layout: Layout): void {
  for (const path of foldersOf(layout)) mkdirSync(path, { recursive: true, mode: 0o700 });
}

function foldersOf({ dir, log, entries, batches, keys }: Layout): readonly string[] {
  return [dir, log, entries, batches, keys];
}

/**
 * Throws `JournalFault` where a folder stands in the place of a file, or a file in that of a folder, and changes nothing. Of a snapshot
 * nobody asks: one that cannot be read costs a start time alone.
 */
export function requireKinds(layout: Layout): void {
  const notFolder = foldersOf(layout).find(path => existsSync(path) && !isFolder(path));
  if (notFolder !== undefined) throw damaged(notFolder, 0, `a file stands in the place of a folder; ${putRight}`);
  const { checkpoint, entries, batches, keys, nextTile, nextBatches, published, vkey, lock } = layout;
  const within = [entries, batches, keys].flatMap(folder => namesIn(folder).map(name => join(folder, name)));
  const folder = [checkpoint, nextTile, nextBatches, published, vkey, lock, ...within].find(isFolder);
  if (folder !== undefined) throw damaged(folder, 0, `a folder stands in the place of a file; ${putRight}`);
}

const putRight = 'move it away, and put back from a copy what was there';

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

function namesIn(folder: string): readonly string[] {
  return isFolder(folder) ? readdirSync(folder) : [];
}

/** Whether there is anything of a log in `dir`: what is published of it needs a checkpoint, which is there before the first entry. */
export function holdsRecord(dir: string): boolean {
  const { checkpoint, entries, batches, published, snapshot, log } = layoutOf(dir);
  const holds = (folder: string): boolean => namesIn(folder).length > 0;
  return [checkpoint, published, snapshot, join(log, 'tile')].some(existsSync) || holds(entries) || holds(batches);
}

/** Entries of one segment file: 256 bundles of 256. */
export const segmentEntriesMax = 65_536;

export function segmentPath(layout: Layout, segment: number): string {
  return join(layout.entries, String(segment).padStart(6, '0'));
}

export function batchFilePath(layout: Layout, firstSeq: number): string {
  return join(layout.batches, String(firstSeq).padStart(12, '0'));
}
