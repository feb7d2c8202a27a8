import type { Readable } from 'node:stream';
import { visible } from '@sallyport/core/catalogue/text.ts';
import type { UpstreamLimits } from '../limits.ts';

/**
 * The last lines of a child's standard error, for people. A child that writes faster than `stderrBytesPerSecondMax` is
 * not read until the second is over: its pipe fills and it waits, and neither memory nor the other children notice.
 */
export class Complaints {
  readonly #limits: UpstreamLimits;
  readonly #lines: string[] = [];
  #tail = Buffer.alloc(0);
  #budget: number;
  #stream: Readable | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: UpstreamLimits) {
    this.#limits = limits;
    this.#budget = limits.stderrBytesPerSecondMax;
  }

  listen(stream: Readable): void {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.on('error', () => {});
    stream.on('close', () => clearTimeout(this.#timer));
  }

  /** Printable, oldest first. */
  lines(): string[] {
    const open = this.#tail.length > 0 ? [this.#shown(this.#tail)] : [];
    return [...this.#lines, ...open].slice(-this.#limits.stderrLinesMax);
  }

  #take(chunk: Buffer): void {
    // A chunk is at most 64 KiB, but only its last lines can stay.
    const lines = Buffer.concat([this.#tail, chunk]).toString('latin1').split('\n');
    this.#tail = Buffer.from(lines.pop() ?? '', 'latin1').subarray(0, this.#limits.stderrLineBytesMax);
    for (const line of lines.slice(-this.#limits.stderrLinesMax))
      this.#lines.push(this.#shown(Buffer.from(line, 'latin1')));
    this.#lines.splice(0, this.#lines.length - this.#limits.stderrLinesMax);
    this.#spend(chunk.length);
  }

  #shown(line: Buffer): string {
    const { stderrLineBytesMax } = this.#limits;
    return visible(line.subarray(0, stderrLineBytesMax).toString('utf8').trimEnd(), stderrLineBytesMax);
  }

  #spend(bytes: number): void {
    this.#budget -= bytes;
    this.#timer ??= setTimeout(() => this.#refill(), 1_000).unref();
    if (this.#budget < 0) this.#stream?.pause();
  }

  #refill(): void {
    this.#timer = undefined;
    this.#budget = this.#limits.stderrBytesPerSecondMax;
    this.#stream?.resume();
  }
}
