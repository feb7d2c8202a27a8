import { existsSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { sameBytes } from '@sallyport/core/journal/bytes.ts';
import { type Checkpoint, parseCheckpoint } from '@sallyport/core/journal/checkpoint.ts';
import { leafHash } from '@sallyport/core/journal/merkle.ts';
import { tileWidth } from '@sallyport/core/journal/tile.ts';
import type { Entry } from '@sallyport/core/model/entry.ts';
import type { Batch } from './batch.ts';
import { damaged, JournalFault } from './fault.ts';
import { type Frame, readFrames } from './frames.ts';
import { sha256Bytes } from './hash.ts';
import type { LogKey } from './keys.ts';
import { holdsRecord, type Layout, segmentEntriesMax, segmentPath } from './layout.ts';
import { cutOff, replayBatches } from './replay.ts';
import { BundleRanges, SegmentLog } from './segment-log.ts';
import type { Frontier, Snapshot } from './snapshot.ts';
import { TileEdge } from './tile-edge.ts';

/** How far a long journal is checked, in entries; told once a segment. */
export type Checked = (done: number, all: number) => void;

/** What had to be done to go on after the last run. */
export interface Recovery {
  readonly size: number;
  readonly checkpointSize: number;
  /** Bytes of an unacknowledged batch that were cut off the newest batch file. */
  readonly cutBytes: number;
  /** Entries that were written into the log again from the batch files. */
  readonly restored: number;
}

export interface Recovered {
  readonly recovery: Recovery;
  readonly edge: TileEdge;
  readonly segments: SegmentLog;
  /** Tiles before this entry are on disk for good. */
  readonly settled: number;
  /** The newest signed tree head as it stands on disk; undefined for a new journal. */
  readonly note: string | undefined;
  readonly lastBatchFile: number | undefined;
  /** Time of the newest entry, 0 if there is none. */
  readonly lastAt: number;
  /** The snapshot that was gone on from. */
  readonly snapshot: Snapshot | undefined;
}

/**
 * Finds the log's end. Up to the newest checkpoint the log must hash to the root that was signed; after it, the batch
 * files say what was acknowledged, and the log is made to say the same. Anything that a crash cannot explain is a
 * refusal to start. A snapshot of an earlier state of this very log saves reading what it covers; without one, or with one
 * that does not lead to the signed root, everything is read.
 */
export function recover(layout: Layout, key: LogKey, snapshot?: Snapshot, onChecked: Checked = () => {}): Recovered {
  checkSegmentNames(layout);
  const signed = readCheckpoint(layout, key);
  const checkpointSize = signed?.head.size ?? 0;
  const replayed = replayBatches(layout, checkpointSize);
  const covered = coveredLog(layout, signed?.head, snapshot, onChecked);
  const tail = matchTail(layout, covered, replayed.entries);
  // Up to here nothing was changed, and from here on nothing is refused.
  if (replayed.rest !== undefined) cutOff(replayed.rest);
  const segments = restoreTail(layout, tail, covered.ranges);
  for (const entry of replayed.entries) covered.edge.append(leafHash(entry, sha256Bytes));
  const last = replayed.entries.at(-1) ?? covered.last;
  const cutBytes = replayed.rest?.tornBytes ?? 0;
  return {
    recovery: { size: segments.size, checkpointSize, cutBytes, restored: tail.missing.length },
    edge: covered.edge,
    segments,
    settled: covered.settled,
    note: signed?.note,
    lastBatchFile: replayed.lastFile,
    lastAt: last === undefined ? (covered.from?.frontier.lastAt ?? 0) : (JSON.parse(last.toString('utf8')) as Entry).at,
    snapshot: covered.from,
  };
}

function checkSegmentNames(layout: Layout): void {
  for (const [index, name] of readdirSync(layout.entries).sort().entries()) {
    const expected = segmentPath(layout, index);
    if (join(layout.entries, name) !== expected)
      throw damaged(expected, 0, `this file is missing, and ${name} is there`);
  }
}

interface Signed {
  readonly note: string;
  readonly head: Checkpoint;
}

/** The newest signed tree head; undefined for a new journal. */
export function readCheckpoint(layout: Layout, key: LogKey): Signed | undefined {
  if (!existsSync(layout.checkpoint)) {
    if (!holdsRecord(layout.dir)) return undefined;
    throw damaged(layout.checkpoint, 0, 'the signed checkpoint is missing, and there is more of the log');
  }
  const note = readFileSync(layout.checkpoint, 'utf8');
  const [origin = ''] = note.split('\n', 1);
  if (origin !== key.origin && /^sallyport\/[^/]+\/[^/]+$/.test(origin))
    throw new JournalFault(
      'damaged',
      `${layout.dir} is not the journal of ${key.origin}; tenant and node never change`,
    );
  const head = parseCheckpoint(key.openNote(note) ?? '');
  if (head === undefined) throw damaged(layout.checkpoint, 0, "this was not signed with the journal's key");
  return { note, head };
}

/** The log up to some entry: what is needed to go on from there. */
interface Covered {
  readonly edge: TileEdge;
  readonly ranges: BundleRanges;
  readonly size: number;
  /** Bytes of the segment that holds the next entry. */
  readonly bytes: number;
  readonly settled: number;
  readonly last: Buffer | undefined;
  /** What stands for the entries that were not read. */
  readonly from?: Snapshot;
}

/**
 * The part that the checkpoint covers. Limits, labels and kills are rebuilt from these entries, and an altered one must
 * not decide anything: each is hashed, whatever was settled before, or was when the snapshot was signed that is gone on from.
 */
function coveredLog(
  layout: Layout,
  head: Checkpoint | undefined,
  snapshot: Snapshot | undefined,
  onChecked: Checked,
): Covered {
  const size = head?.size ?? 0;
  const settled = settledSize(layout, size);
  const quick = head && snapshot && quicklyCovered(layout, head, settled, onChecked, snapshot);
  if (quick !== undefined) return quick;
  const covered = hashUpTo(layout, size, settled, onChecked);
  if (head === undefined || sameBytes(covered.edge.root(), head.root)) return covered;
  throw damaged(layout.entries, 0, `entries 0 to ${size - 1} do not have the root that was signed for them`);
}

/** Undefined where the snapshot does not lead to the signed root: it is of another log, or newer than this one. */
function quicklyCovered(
  layout: Layout,
  head: Checkpoint,
  settled: number,
  onChecked: Checked,
  snapshot: Snapshot,
): Covered | undefined {
  if (snapshot.frontier.size > settled) return undefined;
  try {
    const covered = hashUpTo(layout, head.size, settled, onChecked, snapshot.frontier);
    return sameBytes(covered.edge.root(), head.root) ? { ...covered, from: snapshot } : undefined;
  } catch (thrown) {
    // What is wrong with the log itself is said by whoever reads it whole.
    if (thrown instanceof JournalFault) return undefined;
    throw thrown;
  }
}

/** A number that cannot be has no meaning: all tiles are then published again. */
function settledSize(layout: Layout, size: number): number {
  const text = existsSync(layout.published) ? readFileSync(layout.published, 'utf8').trim() : '';
  return /^[0-9]{1,15}$/.test(text) && Number(text) <= size ? Number(text) : 0;
}

/** The log's tree up to `size`, gone on from `from`; `onEntry` is given each entry that is hashed, its very bytes. */
export function hashUpTo(
  layout: Layout,
  size: number,
  settled: number,
  onChecked: Checked,
  from?: Frontier,
  onEntry?: (bytes: Buffer) => void,
): Covered {
  const openBundle = settled - (settled % tileWidth);
  const edge = new TileEdge(settled, from);
  const ranges = new BundleRanges(from?.bundleStart);
  let [bytes, last] = [from?.segmentBytes ?? 0, undefined as Buffer | undefined];
  while (edge.size < size) {
    const path = segmentPath(layout, segmentOf(edge.size));
    const end = Math.min(size, startOfSegment(edge.size) + segmentEntriesMax);
    if (edge.size % segmentEntriesMax === 0) bytes = 0;
    if (edge.size > (from?.size ?? 0)) onChecked(edge.size, size);
    for (const frame of framesFrom(path, bytes)) {
      bytes = endOf(frame);
      if (edge.size >= openBundle) ranges.note(edge.size, path, frame.offset, bytes);
      edge.append(leafHash(frame.bytes, sha256Bytes));
      onEntry?.(frame.bytes);
      last = frame.bytes;
      if (edge.size === end) break;
    }
    if (edge.size < end)
      throw damaged(
        path,
        bytes,
        `the log ends before entry ${edge.size}; the signed checkpoint covers ${size} entries`,
      );
  }
  return { edge, ranges, size, bytes: size % segmentEntriesMax === 0 ? 0 : bytes, settled, last };
}

/** How far the log after the checkpoint says what the batch files say. */
interface Tail {
  readonly size: number;
  readonly bytes: number;
  readonly missing: readonly Buffer[];
}

function matchTail(layout: Layout, covered: Covered, entries: readonly Buffer[]): Tail {
  let { size, bytes } = covered;
  let path = segmentPath(layout, segmentOf(size));
  let frames = framesFrom(path, bytes);
  const firstOther = entries.findIndex(entry => {
    const { value: frame } = frames.next();
    if (frame === undefined || !frame.bytes.equals(entry)) return true;
    bytes = endOf(frame);
    covered.ranges.note(size++, path, frame.offset, bytes);
    if (size % segmentEntriesMax === 0) {
      [path, bytes] = [segmentPath(layout, segmentOf(size)), 0];
      frames = framesFrom(path, 0);
    }
    return false;
  });
  const extra = firstOther < 0 ? frames.next().value : undefined;
  frames.return?.();
  if (extra !== undefined) throw damaged(path, extra.offset, 'the log holds an entry that no batch file holds');
  return { size, bytes, missing: firstOther < 0 ? [] : entries.slice(firstOther) };
}

/** Makes the log say what the batch files say. */
function restoreTail(layout: Layout, { size, bytes, missing }: Tail, ranges: BundleRanges): SegmentLog {
  const path = segmentPath(layout, segmentOf(size));
  if (existsSync(path)) truncateSync(path, bytes);
  for (const name of readdirSync(layout.entries))
    if (Number(name) > segmentOf(size)) rmSync(join(layout.entries, name));
  const segments = new SegmentLog(layout, size, bytes, ranges);
  if (missing.length > 0) segments.write(framed(missing));
  segments.settle();
  return segments;
}

function framed(entries: readonly Buffer[]): Pick<Batch, 'ends' | 'entriesBytes'> {
  const parts: Buffer[] = [];
  const ends: number[] = [];
  let end = 0;
  for (const entry of entries) {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(entry.length);
    parts.push(length, entry);
    end += 2 + entry.length;
    ends.push(end);
  }
  return { ends, entriesBytes: () => Buffer.concat(parts) };
}

function framesFrom(path: string, start: number): Iterator<Frame, undefined> & Iterable<Frame> {
  return existsSync(path) ? readFrames(path, start) : [].values();
}

function endOf(frame: Frame): number {
  return frame.offset + 2 + frame.bytes.length;
}

function segmentOf(seq: number): number {
  return Math.floor(seq / segmentEntriesMax);
}

function startOfSegment(seq: number): number {
  return segmentOf(seq) * segmentEntriesMax;
}
