import type { ServerResponse } from 'node:http';

/**
 * JSON text as one line that nobody can take for two. Inside JSON strings, carriage returns and line feeds are always
 * escaped; outside they are white space. U+2028 and U+2029 end a line for some readers (Python's `splitlines`), and mean
 * the same when escaped.
 */
export function oneLine(jsonText: string): string {
  return breaks.test(jsonText)
    ? jsonText
        .replaceAll(/[\r\n]/g, ' ')
        .replaceAll('\u2028', '\\u2028')
        .replaceAll('\u2029', '\\u2029')
    : jsonText;
}

const breaks = /[\r\n\u2028\u2029]/;

export const eventHead: readonly string[] = [
  'content-type',
  'text/event-stream',
  'cache-control',
  'no-cache, no-transform',
  'x-accel-buffering',
  'no',
  'x-content-type-options',
  'nosniff',
];

/**
 * Server-sent events, one message each and without ids: such a stream cannot be resumed (see `resumable.ts`), so there is
 * nothing to replay to the wrong reader.
 */
export class EventStream {
  readonly #res: ServerResponse;
  readonly #unsentBytesMax: number;

  constructor(res: ServerResponse, unsentBytesMax: number) {
    this.#res = res;
    this.#unsentBytesMax = unsentBytesMax;
  }

  get open(): boolean {
    return this.#res.headersSent && !this.#res.writableEnded && !this.#res.destroyed;
  }

  start(extra: readonly string[] = []): void {
    if (this.#res.headersSent || this.#res.destroyed) return;
    this.#res.writeHead(200, [...eventHead, ...extra]);
    this.#res.flushHeaders();
  }

  /** A notice. Dropped if the reader is too far behind: the memory is everyone's. */
  notify(jsonText: string): void {
    if (this.open && this.#res.writableLength <= this.#unsentBytesMax) this.#res.write(eventText(jsonText));
  }

  /** A sign of life that is no event. */
  beat(): void {
    if (this.open && this.#res.writableLength === 0) this.#res.write(':\n\n');
  }

  /** Ends the stream, with a last message if there is one. */
  end(jsonText?: string): void {
    if (!this.open) return;
    if (jsonText === undefined) this.#res.end();
    else this.#res.end(eventText(jsonText));
  }
}

function eventText(jsonText: string): string {
  return `data: ${oneLine(jsonText)}\n\n`;
}
