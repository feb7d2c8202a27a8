import type { Entry } from '@sallyport/core/model/entry.ts';
import { FrameSplitter } from '../../journal/frames.ts';

/** A durable entry as it is filed: what it says, and its canonical text. */
export interface Unfiled {
  readonly entry: Entry;
  readonly text: string;
}

/**
 * Durable entries that are not filed yet, oldest first. They wait as bytes outside the heap: as objects they would live
 * just long enough to be the collector's dearest kind.
 */
export class Backlog {
  readonly #pieces: Buffer[] = [];
  #bytes = 0;
  /** Of the oldest: pieces that were taken and are not dropped, and their bytes. */
  #taken = 0;
  #takenBytes = 0;

  /** Of what nobody has taken. */
  get bytes(): number {
    return this.#bytes - this.#takenBytes;
  }

  get takenBytes(): number {
    return this.#takenBytes;
  }

  /** Takes a copy of framed entries (`frames.ts`). */
  add(frames: Buffer): void {
    this.#pieces.push(Buffer.from(frames));
    this.#bytes += frames.length;
  }

  /** The next: as many pieces as make `bytesMin`, or all there are. They are kept until `drop`, and come again after `putBack`. */
  take(bytesMin: number): readonly Unfiled[] {
    const from = this.#taken;
    const enough = this.#takenBytes + bytesMin;
    while (this.#taken < this.#pieces.length && this.#takenBytes < enough)
      this.#takenBytes += this.#pieces[this.#taken++]?.length ?? 0;
    return this.#pieces.slice(from, this.#taken).flatMap(unfiled);
  }

  drop(): void {
    this.#pieces.splice(0, this.#taken);
    this.#bytes -= this.#takenBytes;
    this.putBack();
  }

  putBack(): void {
    [this.#taken, this.#takenBytes] = [0, 0];
  }

  clear(): void {
    this.#pieces.length = 0;
    this.#bytes = 0;
    this.putBack();
  }
}

function unfiled(frames: Buffer): Unfiled[] {
  return new FrameSplitter().push(frames).map(({ bytes }) => {
    const text = bytes.toString('utf8');
    return { entry: JSON.parse(text) as Entry, text };
  });
}
