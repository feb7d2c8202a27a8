const newline = 0x0a;

/**
 * Cuts a byte stream into lines, keeping at most `lineBytesMax` bytes of an unfinished one (threats A-15). A character
 * split over two chunks is whole again in its line, because nothing is decoded before the line is complete.
 */
export class LineBuffer {
  readonly #lineBytesMax: number;
  #parts: Uint8Array[] = [];
  #held = 0;

  constructor(lineBytesMax: number) {
    this.#lineBytesMax = lineBytesMax;
  }

  /** The lines that this chunk completes, without their ends; blank ones are left out. Undefined: a line is too long. */
  push(chunk: Uint8Array): Uint8Array[] | undefined {
    const lines: Uint8Array[] = [];
    let from = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
      const line = this.#held === 0 ? this.#whole(chunk, from, end) : this.#complete(chunk.subarray(from, end));
      if (line === undefined) return undefined;
      if (!isBlank(line)) lines.push(line);
      from = end + 1;
    }
    return from === chunk.length || this.#keep(chunk.subarray(from)) ? lines : undefined;
  }

  /** Most lines come in one piece. */
  #whole(chunk: Uint8Array, from: number, end: number): Uint8Array | undefined {
    return end - from > this.#lineBytesMax ? undefined : chunk.subarray(from, end);
  }

  #complete(last: Uint8Array): Uint8Array | undefined {
    if (!this.#keep(last)) return undefined;
    const line = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#held = 0;
    return line;
  }

  #keep(part: Uint8Array): boolean {
    this.#held += part.length;
    if (this.#held > this.#lineBytesMax) {
      this.#parts = [];
      return false;
    }
    if (part.length > 0) this.#parts.push(part);
    return true;
  }
}

function isBlank(line: Uint8Array): boolean {
  return line.length < 3 && line.every(byte => byte === 0x0d || byte === 0x20 || byte === 0x09);
}
