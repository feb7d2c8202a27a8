import { closeSync, openSync, readSync } from 'node:fs';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { damaged } from './fault.ts';
import { type Layout, segmentEntriesMax, segmentPath } from './layout.ts';
import { parseEntry } from './read.ts';

/** Where an entry lies: its frame begins at byte `start` of its segment, and has `bytes`. */
export interface Place {
  readonly seq: number;
  readonly start: number;
  readonly bytes: number;
}

/**
 * Entries that somebody knows the places of. A durable entry is in its segment before anybody is told of it, and no segment
 * is ever removed, so they are read from there whatever became of their batch. Synchronous: mostly out of the page cache.
 */
export class PlacedEntries {
  readonly #layout: Layout;
  #segment: number | undefined;
  #fd = -1;
  #buffer = Buffer.allocUnsafe(4 * 1024);

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** Throws `JournalFault` unless it is there that entry `seq` lies. */
  read({ seq, start, bytes }: Place): Entry {
    const segment = Math.floor(seq / segmentEntriesMax);
    if (this.#buffer.length < bytes) this.#buffer = Buffer.allocUnsafe(bytes);
    const length = readSync(this.#open(segment), this.#buffer, 0, bytes, start);
    if (length === bytes && bytes > 2 && this.#buffer.readUInt16BE(0) === bytes - 2) {
      const entry = parsed(this.#buffer.subarray(2, bytes));
      if (entry?.seq === seq) return entry;
    }
    throw damaged(segmentPath(this.#layout, segment), start, `entry ${seq} does not stand here`);
  }

  close(): void {
    if (this.#segment !== undefined) closeSync(this.#fd);
    this.#segment = undefined;
  }

  #open(segment: number): number {
    if (this.#segment === segment) return this.#fd;
    const fd = openSync(segmentPath(this.#layout, segment), 'r');
    this.close();
    [this.#segment, this.#fd] = [segment, fd];
    return fd;
  }
}

function parsed(bytes: Buffer): Entry | undefined {
  try {
    return parseEntry(bytes);
  } catch {
    return undefined;
  }
}
