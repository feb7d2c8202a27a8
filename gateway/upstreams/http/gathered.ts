/**
 * Bytes that come in pieces and are wanted whole. A piece by itself is kept as it is; as soon as there are more they are
 * copied behind each other: a server that sends byte by byte would otherwise have an object of ours kept for each.
 */
export class Gathered {
  #held = nothing;
  #length = 0;
  #isOwn = false;

  get length(): number {
    return this.#length;
  }

  add(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (this.#length === 0) {
      this.#held = piece;
      this.#isOwn = false;
    } else {
      if (!this.#isOwn || length > this.#held.length) this.#grow(length);
      this.#held.set(piece, this.#length);
    }
    this.#length = length;
  }

  /** All of it, after which there is nothing. */
  take(): Buffer {
    const { buffer, byteOffset } = this.#held;
    const whole = Buffer.from(buffer, byteOffset, this.#length);
    this.#held = nothing;
    this.#length = 0;
    return whole;
  }

  #grow(bytes: number): void {
    const room = Buffer.allocUnsafeSlow(Math.max(bytesMin, 2 * bytes));
    room.set(this.#held.subarray(0, this.#length));
    this.#held = room;
    this.#isOwn = true;
  }
}

const nothing: Uint8Array = Buffer.alloc(0);
const bytesMin = 1_024;
