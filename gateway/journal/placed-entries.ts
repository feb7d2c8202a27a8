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

/** Read at once: entries that are asked for together mostly lie together. */
const windowBytes = 4 * 1024;
/** Kept, 1 MiB in all, and 17 MiB if each has an entry as large as a frame can be: what was asked for is asked for again. */
const windowsMax = 256;
const frameBytesMax = 2 + 0xffff;

const openSegmentsMax = 8;

interface OpenSegment {
  readonly segment: number;
  readonly fd: number;
}

/** What was read of a segment: `length` bytes from `from` on. */
interface Window {
  readonly segment: number;
  readonly from: number;
  readonly bytes: Buffer;
  readonly length: number;
}

/**
 * Entries that somebody knows the places of. A durable entry is in its segment before it is asked for, and no segment is
 * ever removed, so they are read from there whatever became of their batch. Synchronous: mostly out of the page cache.
 */
export class PlacedEntries {
  readonly #layout: Layout;
  readonly #windows: (Window | undefined)[] = [];
  readonly #open: (OpenSegment | undefined)[] = [];

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** Throws `JournalFault` unless it is there that entry `seq` lies. */
  read({ seq, start, bytes }: Place): Entry {
    const segment = Math.floor(seq / segmentEntriesMax);
    const entry = bytes > 2 && bytes <= frameBytesMax ? this.#entryIn(segment, start, bytes) : undefined;
    if (entry?.seq === seq) return entry;
    throw damaged(segmentPath(this.#layout, segment), start, `entry ${seq} does not stand here`);
  }

  close(): void {
    for (const open of this.#open) if (open !== undefined) closeSync(open.fd);
    this.#open.length = 0;
  }

  #entryIn(segment: number, start: number, bytes: number): Entry | undefined {
    const window = this.#windowOf(segment, start, bytes);
    const at = start - window.from;
    const isFrame = at + bytes <= window.length && window.bytes.readUInt16BE(at) === bytes - 2;
    return isFrame ? parsed(window.bytes.subarray(at + 2, at + bytes)) : undefined;
  }

  /** The one that was kept, unless the segment has grown or an entry reaches beyond it. */
  #windowOf(segment: number, start: number, bytes: number): Window {
    const index = Math.floor(start / windowBytes);
    const slot = (segment + index) % windowsMax;
    const kept = this.#windows[slot];
    const from = index * windowBytes;
    if (kept?.segment === segment && kept.from === from && start + bytes <= from + kept.length) return kept;
    const whole = Math.max(windowBytes, start + bytes - from);
    const memory = kept !== undefined && kept.bytes.length >= whole ? kept.bytes : Buffer.allocUnsafeSlow(whole);
    // Not to be believed if the disk refuses.
    this.#windows[slot] = undefined;
    const length = readSync(this.#fdOf(segment), memory, 0, whole, from);
    const window = { segment, from, bytes: memory, length };
    this.#windows[slot] = window;
    return window;
  }

  #fdOf(segment: number): number {
    const slot = segment % openSegmentsMax;
    const open = this.#open[slot];
    if (open?.segment === segment) return open.fd;
    const fd = openSync(segmentPath(this.#layout, segment), 'r');
    if (open !== undefined) closeSync(open.fd);
    this.#open[slot] = { segment, fd };
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
