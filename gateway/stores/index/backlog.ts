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

  get bytes(): number {
    return this.#bytes;
  }

  /** Takes a copy of framed entries (`frames.ts`). */
  add(frames: Buffer): void {
    this.#pieces.push(Buffer.from(frames));
    this.#bytes += frames.length;
  }

  /** The oldest: as many pieces as make `bytesMin`, or all there are. They go on waiting until they are dropped. */
  oldest(bytesMin: number): { readonly pieces: number; readonly entries: readonly Unfiled[] } {
    let [pieces, bytes] = [0, 0];
    while (pieces < this.#pieces.length && bytes < bytesMin) bytes += this.#pieces[pieces++]?.length ?? 0;
    return { pieces, entries: this.#pieces.slice(0, pieces).flatMap(unfiled) };
  }

  drop(pieces: number): void {
    for (const piece of this.#pieces.splice(0, pieces)) this.#bytes -= piece.length;
  }
}

function unfiled(frames: Buffer): Unfiled[] {
  return new FrameSplitter().push(frames).map(({ bytes }) => {
    const text = bytes.toString('utf8');
    return { entry: JSON.parse(text) as Entry, text };
  });
}
