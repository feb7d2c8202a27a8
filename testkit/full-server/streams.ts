import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';

/** One server-sent event; `id` where the stream can be resumed. */
function eventText(data: string, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`;
}

const head = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };

/** Answers one request with events. A resumable one keeps what it said, for whoever comes back for it. */
export class Stream {
  readonly id = randomBytes(8).toString('hex');
  readonly #resumable: boolean;
  readonly #said: string[] = [];
  #res: ServerResponse | undefined;
  #over = false;

  constructor(res: ServerResponse, resumable: boolean) {
    this.#resumable = resumable;
    this.#open(res);
    if (resumable) res.write(`id: ${this.id}_0\nretry: 50\ndata: \n\n`);
  }

  #open(res: ServerResponse): void {
    this.#res = res;
    res.writeHead(200, head).flushHeaders();
    res.on('close', () => {
      if (this.#res === res) this.#res = undefined;
    });
  }

  send(message: object): void {
    const data = JSON.stringify(message);
    if (this.#resumable) this.#said.push(data);
    this.#res?.write(eventText(data, this.#resumable ? `${this.id}_${this.#said.length}` : undefined));
  }

  hangUp(): void {
    if (!this.#resumable) return;
    this.#res?.end();
    this.#res = undefined;
  }

  /** What was said after `lastEventId`, and whatever is still to come. */
  resume(lastEventId: string, res: ServerResponse): void {
    const from = Number(lastEventId.split('_')[1]);
    this.#open(res);
    for (const [at, data] of this.#said.entries()) if (at >= from) res.write(eventText(data, `${this.id}_${at + 1}`));
    if (this.#over) res.end();
  }

  end(): void {
    this.#over = true;
    this.#res?.end();
  }
}
