import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { tileWidth } from '@sallyport/core/journal/tile.ts';
import type { Batch } from './batch.ts';
import { dataSync, hasTooManyFiles, patiently, syncDirPatiently } from './durable.ts';
import { type Layout, segmentEntriesMax, segmentPath } from './layout.ts';

/** An entry bundle (C2SP tlog-tiles) as a range of bytes of one segment. */
export interface BundleRange {
  readonly index: number;
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

/** Watches entries go by, in order, and knows where bundles begin and end. */
export class BundleRanges {
  #start: number;
  #full: BundleRange[] = [];

  /** The bundle that the next entry belongs to begins at byte `start` of its segment. */
  constructor(start = 0) {
    this.#start = start;
  }

  /** Entry `seq` fills the bytes `start` to `end` of `path`. */
  note(seq: number, path: string, start: number, end: number): void {
    if (seq % tileWidth === 0) this.#start = start;
    if (seq % tileWidth === tileWidth - 1)
      this.#full.push({ index: Math.floor(seq / tileWidth), path, start: this.#start, end });
  }

  /** Where the bundle begins that the newest entry is in. */
  get start(): number {
    return this.#start;
  }

  /** The bundles that have become full since this was last asked. */
  takeFull(): BundleRange[] {
    const full = this.#full;
    this.#full = [];
    return full;
  }
}

/** So much is gathered before it is written. */
const heldBytesMax = 256 * 1024;
/**
 * Where the segment cannot be opened, since no more files may be, so much gathers before nothing is to come that need not, and so
 * much before it is too much. The first is less than the entries of a segment take: none becomes full without having been opened.
 */
const behindBytes = 8 * 1024 * 1024;
const unopenedBytesMax = 64 * 1024 * 1024;
const nothing = new Uint8Array();

/**
 * The log's segment files: exactly the framed entries, so that a bundle is a range of bytes. A batch comes here once it is
 * durable in its batch file, and is written with those that follow, at the latest when the writer says so (`settle`) or a
 * checkpoint is made (`sync`): what a crash or a power cut takes from here comes back from the batch files at the next start.
 */
export class SegmentLog {
  readonly ranges: BundleRanges;
  readonly #layout: Layout;
  #size: number;
  #bytes: number;
  #path: string;
  /** The last of those bytes, which are not in the file yet. */
  #held: Buffer | undefined;
  #heldBytes = 0;
  #fd: number | undefined;
  #full: number[] = [];
  #isNewFile = false;
  /** Why nothing is written any more. */
  #refusal: unknown;

  /** The log has `size` entries, its last segment `bytes` bytes. */
  constructor(layout: Layout, size: number, bytes: number, ranges: BundleRanges) {
    this.#layout = layout;
    this.#size = size;
    this.#bytes = bytes;
    this.ranges = ranges;
    this.#path = segmentPath(layout, Math.floor(size / segmentEntriesMax));
  }

  /** Entries that it has. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of the segment that the next entry goes to. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Too much has gathered to take on more than has to be. */
  get isBehind(): boolean {
    return this.#heldBytes > behindBytes;
  }

  /** Opens the segment that the next entry goes to, while files may be opened. */
  open(): void {
    this.#writeAll(nothing);
  }

  /**
   * Synchronous: into memory, or the page cache. Throws if the disk refuses, and not where no more files may be opened, unless too
   * much has gathered or the segment has become full since.
   */
  write(batch: Pick<Batch, 'ends' | 'entriesBytes'>): void {
    const bytes = batch.entriesBytes();
    let [from, to] = [0, 0];
    for (const end of batch.ends) {
      this.ranges.note(this.#size++, this.#path, this.#bytes + to - from, this.#bytes + end - from);
      to = end;
      if (this.#size % segmentEntriesMax !== 0) continue;
      this.#take(bytes.subarray(from, to));
      from = to;
      this.#roll();
    }
    if (to > from) this.#take(bytes.subarray(from, to));
  }

  /**
   * What it has stands in the files when this returns: to be called before anybody reads them. Throws if the disk refuses, or,
   * with nothing lost, if no more files may be opened.
   */
  settle(): void {
    if (this.#held === undefined || this.#heldBytes === 0) return;
    this.#writeAll(this.#held.subarray(0, this.#heldBytes));
    this.#heldBytes = 0;
    if (this.#held.length > heldBytesMax) this.#held = undefined;
  }

  /** The bundle that is being filled, of which nothing is missing up to the newest entry. */
  openBundle(): BundleRange | undefined {
    if (this.#size % tileWidth === 0) return undefined;
    const index = Math.floor(this.#size / tileWidth);
    return { index, path: this.#path, start: this.ranges.start, end: this.#bytes };
  }

  /** Everything it has now is on disk when this resolves. */
  async sync(): Promise<void> {
    await patiently(() => this.settle());
    // The segment that is written now may be full, and another begun, before the disk has those before it.
    const [full, open] = [this.#full, this.#fd];
    this.#full = [];
    for (const fd of full) {
      await dataSync(fd);
      closeSync(fd);
    }
    if (open !== undefined) await dataSync(open);
    const isNewFile = this.#isNewFile;
    this.#isNewFile = false;
    if (isNewFile) await syncDirPatiently(this.#layout.entries);
  }

  /** What is not written by now comes back from the batch files: whoever still reads must not write into another's journal. */
  close(): void {
    this.#heldBytes = 0;
    for (const fd of this.#full) closeSync(fd);
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#full = [];
    this.#fd = undefined;
  }

  #roll(): void {
    this.settle();
    if (this.#fd !== undefined) this.#full.push(this.#fd);
    this.#fd = undefined;
    this.#bytes = 0;
    this.#path = segmentPath(this.#layout, this.#size / segmentEntriesMax);
  }

  #take(bytes: Uint8Array): void {
    const isWritten = this.#heldBytes + bytes.length > heldBytesMax && this.#isSettled();
    if (isWritten && bytes.length > heldBytesMax) this.#writeAll(bytes);
    else this.#hold(bytes);
    this.#bytes += bytes.length;
  }

  #hold(bytes: Uint8Array): void {
    const length = this.#heldBytes + bytes.length;
    if (this.#held === undefined || this.#held.length < length) {
      const larger = Buffer.allocUnsafeSlow(length > heldBytesMax ? 2 * length : heldBytesMax);
      this.#held?.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    this.#held.set(bytes, this.#heldBytes);
    this.#heldBytes = length;
  }

  /** False where no more files may be opened, and there is room for what gathers meanwhile. */
  #isSettled(): boolean {
    try {
      this.open();
      this.settle();
      return true;
    } catch (thrown) {
      if (hasTooManyFiles(thrown) && this.#heldBytes < unopenedBytesMax) return false;
      throw thrown;
    }
  }

  /** Once only: after a write that failed a part may stand there, and nothing may follow a gap. */
  #writeAll(bytes: Uint8Array): void {
    if (this.#refusal !== undefined) throw this.#refusal;
    try {
      this.#fd ??= this.#open();
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at, bytes.length - at);
    } catch (thrown) {
      // Then nothing was begun.
      if (!hasTooManyFiles(thrown)) this.#refusal = thrown;
      throw thrown;
    }
  }

  #open(): number {
    const fd = openSync(this.#path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o600);
    this.#isNewFile = true;
    return fd;
  }
}
