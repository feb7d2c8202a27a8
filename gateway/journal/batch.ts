import { crc32 } from 'node:zlib';
import type { EntryDraft } from '@sallyport/core/model/entry.ts';

/**
 * One batch: what becomes durable in one write. Record of a batch file, big-endian:
 *
 *     u32 payload bytes | u32 CRC-32 of the rest | u48 first seq | u32 entries | u32 bytes of entries | u16 version
 *     entries, each u16 length and canonical JSON (as in a C2SP entry bundle)
 *     bodies, for each task one frame of sealed-frames.ts
 *
 * The checksum tells a batch that was cut by a crash from one that is whole. It protects against nobody: that is the
 * task of the tree and its signature.
 */
export const headBytes = 24;
const version = 1;

export interface Addition {
  readonly draft: EntryDraft;
  /** Canonical text; copied when it is added. */
  readonly bytes: Uint8Array;
  readonly body: { readonly task: string; readonly packed: string } | undefined;
}

/** Entries that have become durable together. */
export interface DurableEntries {
  readonly firstSeq: number;
  readonly entries: readonly EntryDraft[];
  /** Where the frame of each ends, counted from where the first one's begins. */
  readonly ends: readonly number[];
}

export class Batch implements DurableEntries {
  readonly firstSeq: number;
  readonly entries: EntryDraft[] = [];
  readonly ends: number[] = [];
  /** Packed bodies by the task whose key is to close them. */
  readonly bodies = new Map<string, string>();
  #bytes: Buffer;
  #entriesEnd = headBytes;
  #end = headBytes;
  #bodiesChars = 0;
  #waiters: PromiseWithResolvers<void> | undefined;

  /** Takes over the buffer of `spare`, a batch that is done with. */
  constructor(firstSeq: number, spare?: Batch) {
    this.firstSeq = firstSeq;
    this.#bytes = reusable(spare === undefined ? undefined : spare.#bytes);
  }

  get count(): number {
    return this.ends.length;
  }

  /** About what waits in memory. */
  get bytes(): number {
    return this.#entriesEnd + this.#bodiesChars;
  }

  add({ draft, bytes, body }: Addition): void {
    const start = this.#entriesEnd + 2;
    const end = start + bytes.length;
    if (end > this.#bytes.length) this.#bytes = grown(this.#bytes, this.#entriesEnd, end);
    this.#bytes.writeUInt16BE(bytes.length, this.#entriesEnd);
    this.#bytes.set(bytes, start);
    this.#entriesEnd = this.#end = end;
    this.entries.push(draft);
    this.ends.push(end - headBytes);
    if (body === undefined) return;
    this.bodies.set(body.task, (this.bodies.get(body.task) ?? '') + body.packed);
    this.#bodiesChars += body.packed.length;
  }

  /** The framed entries, as they stand in a segment. */
  entriesBytes(): Buffer {
    return this.#bytes.subarray(headBytes, this.#entriesEnd);
  }

  /** So many bytes behind what it holds, for one frame of sealed bodies. No entry may be added any more. */
  room(bytes: number): Buffer {
    const start = this.#end;
    this.#end += bytes;
    if (this.#end > this.#bytes.length) this.#bytes = grown(this.#bytes, start, this.#end);
    return this.#bytes.subarray(start, this.#end);
  }

  /** Head filled in, checksum made: what goes to disk. Nothing may be added any more. */
  seal(): Buffer {
    const bytes = this.#bytes.subarray(0, this.#end);
    bytes.writeUInt32BE(this.#end - headBytes, 0);
    bytes.writeUIntBE(this.firstSeq, 8, 6);
    bytes.writeUInt32BE(this.count, 14);
    bytes.writeUInt32BE(this.#entriesEnd - headBytes, 18);
    bytes.writeUInt16BE(version, 22);
    bytes.writeUInt32BE(crc32(bytes.subarray(8)), 4);
    return bytes;
  }

  /** One promise for all who wait for this batch. */
  wait(): Promise<void> {
    this.#waiters ??= Promise.withResolvers<void>();
    return this.#waiters.promise;
  }

  get isAwaited(): boolean {
    return this.#waiters !== undefined;
  }

  durable(): void {
    this.#waiters?.resolve();
  }

  lost(error: Error): void {
    this.#waiters?.reject(error);
  }
}

const startBytes = 64 * 1024;
const keptBytesMax = 4 * 1024 * 1024;

/** A huge buffer is given back to the heap rather than kept for ever. */
function reusable(buffer: Buffer | undefined): Buffer {
  return buffer !== undefined && buffer.length <= keptBytesMax ? buffer : Buffer.allocUnsafe(startBytes);
}

function grown(buffer: Buffer, used: number, needed: number): Buffer {
  const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, needed));
  buffer.copy(larger, 0, 0, used);
  return larger;
}

/** A batch as it was read back. */
export interface BatchRecord {
  readonly firstSeq: number;
  readonly count: number;
  readonly entries: Buffer;
  readonly bodies: Buffer;
  /** Where the next record begins. */
  readonly end: number;
}

/** Where the record at `start` ends and which entry comes after it: enough to pass it by. */
export function skipBatch(
  bytes: Buffer,
  start: number,
): { readonly end: number; readonly nextSeq: number } | undefined {
  // No batch is empty: these are the zeros of what was laid out and not yet written.
  if (start + headBytes > bytes.length || bytes.readUInt32BE(start) === 0) return undefined;
  const end = start + headBytes + bytes.readUInt32BE(start);
  return { end, nextSeq: bytes.readUIntBE(start + 8, 6) + bytes.readUInt32BE(start + 14) };
}

/** The record at `start`; `cut` if the bytes end within it, `damaged` if it is whole and wrong. */
export function readBatch(bytes: Buffer, start: number): BatchRecord | 'cut' | 'damaged' {
  if (start + headBytes > bytes.length) return 'cut';
  const end = start + headBytes + bytes.readUInt32BE(start);
  if (end > bytes.length) return 'cut';
  const entriesEnd = start + headBytes + bytes.readUInt32BE(start + 18);
  // The checksum last: whoever looks for a batch tries every byte.
  if (entriesEnd > end || bytes.readUInt16BE(start + 22) !== version) return 'damaged';
  if (crc32(bytes.subarray(start + 8, end)) !== bytes.readUInt32BE(start + 4)) return 'damaged';
  return {
    firstSeq: bytes.readUIntBE(start + 8, 6),
    count: bytes.readUInt32BE(start + 14),
    entries: bytes.subarray(start + headBytes, entriesEnd),
    bodies: bytes.subarray(entriesEnd, end),
    end,
  };
}
