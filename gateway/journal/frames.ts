import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** One entry of a segment: its bytes without the length, and where its frame begins. */
export interface Frame {
  readonly offset: number;
  readonly bytes: Buffer;
}

/** Some 300 entries: what is made of them is no burden for the collector, and no call waits long for a turn. */
const chunkBytes = 128 * 1024;

/** Cuts what is read into frames of u16 length and entry, whatever the sizes of the pieces. */
export class FrameSplitter {
  #rest: Buffer = Buffer.alloc(0);
  #offset: number;

  constructor(offset = 0) {
    this.#offset = offset;
  }

  /** Where the next frame begins. */
  get offset(): number {
    return this.#offset;
  }

  push(chunk: Buffer): Frame[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    let at = 0;
    while (at + 2 <= bytes.length) {
      const end = at + 2 + bytes.readUInt16BE(at);
      if (end > bytes.length) break;
      frames.push({ offset: this.#offset + at, bytes: bytes.subarray(at + 2, end) });
      at = end;
    }
    this.#offset += at;
    this.#rest = bytes.subarray(at);
    return frames;
  }
}

/** The whole frames of `path` from byte `start` on; bytes of an unfinished one at the end are left out. */
export function* readFrames(path: string, start = 0): Generator<Frame> {
  const splitter = new FrameSplitter(start);
  const fd = openSync(path, 'r');
  try {
    for (let at = start; ; ) {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const length = readSync(fd, chunk, 0, chunkBytes, at);
      if (length === 0) return;
      at += length;
      yield* splitter.push(chunk.subarray(0, length));
    }
  } finally {
    closeSync(fd);
  }
}

/** The same without blocking, in lists, and not beyond byte `end`. */
export async function* readFrameLists(path: string, start: number, end: number): AsyncGenerator<Frame[]> {
  const splitter = new FrameSplitter(start);
  const file = await open(path, 'r');
  try {
    for (let at = start; at < end; ) {
      const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, end - at));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield splitter.push(chunk.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
