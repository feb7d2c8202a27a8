const partsMax = 1_024;

/** Newline-delimited frames, bounded: what has no line break within `frameBytesMax` is not buffered any further. */
export class FrameReader {
  readonly #frameBytesMax: number;
  #parts: Buffer[] = [];
  #held = 0;

  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax;
  }

  /** The frames that `chunk` completes, without their line breaks; `'too-large'` ends it for good. */
  push(chunk: Buffer): readonly Buffer[] | 'too-large' {
    const frames: Buffer[] = [];
    let from = 0;
    for (;;) {
      const at = chunk.indexOf(0x0a, from);
      const end = at < 0 ? chunk.length : at;
      if (this.#held + end - from > this.#frameBytesMax) return 'too-large';
      if (at < 0) break;
      frames.push(this.#take(chunk.subarray(from, at)));
      from = at + 1;
    }
    if (from < chunk.length) {
      this.#parts.push(chunk.subarray(from));
      this.#held += chunk.length - from;
      // Each piece holds more than its bytes.
      if (this.#parts.length >= partsMax) this.#parts = [Buffer.concat(this.#parts)];
    }
    return frames;
  }

  #take(last: Buffer): Buffer {
    if (this.#parts.length === 0) return last;
    const frame = Buffer.concat([...this.#parts, last]);
    this.#parts = [];
    this.#held = 0;
    return frame;
  }
}

/** The first line of a connection, and what came after it. */
export class FirstLine {
  readonly #frames: FrameReader;

  constructor(lineBytesMax: number) {
    this.#frames = new FrameReader(lineBytesMax);
  }

  /** Undefined as long as there is more to come. */
  push(chunk: Buffer): { readonly line: Buffer; readonly rest: Buffer } | 'too-large' | undefined {
    const at = chunk.indexOf(0x0a);
    const own = at < 0 ? chunk : chunk.subarray(0, at + 1);
    const frames = this.#frames.push(own);
    if (frames === 'too-large') return frames;
    const [line] = frames;
    return line && { line, rest: chunk.subarray(at + 1) };
  }
}
