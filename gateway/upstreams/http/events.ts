const [lf, cr] = [0x0a, 0x0d];

/**
 * Reads `text/event-stream` (WHATWG HTML §9.2.6) byte by byte: lines end with CR, LF or CR LF and with nothing else, so
 * that no text inside a message can begin an event of its own (threats A-13). `data`, `id` and `retry` are of use here.
 */
export class EventReader {
  readonly #eventBytesMax: number;
  readonly #event: (data: Buffer) => void;
  /** The id of the newest event that had one: from where the stream can be resumed. */
  lastId: string | undefined;
  /** How long the server wants us to wait before we come back, in milliseconds. */
  retryMillis: number | undefined;
  #line: Buffer[] = [];
  #data: Buffer[] = [];
  #held = 0;
  #afterCr = false;

  constructor(eventBytesMax: number, event: (data: Buffer) => void) {
    this.#eventBytesMax = eventBytesMax;
    this.#event = event;
  }

  /** False: an event is too long, and nothing of it is kept. */
  push(chunk: Buffer): boolean {
    // Between CR and LF nothing may come in between, not even nothing.
    if (chunk.length === 0) return true;
    let from = this.#afterCr && chunk[0] === lf ? 1 : 0;
    this.#afterCr = false;
    let feed = chunk.indexOf(lf, from);
    let back = chunk.indexOf(cr, from);
    for (let at = first(feed, back); at !== -1; at = first(feed, back)) {
      if (!this.#hold(chunk.subarray(from, at))) return false;
      this.#complete();
      const pair = chunk[at] === cr && chunk[at + 1] === lf;
      this.#afterCr = chunk[at] === cr && at + 1 === chunk.length;
      from = at + (pair ? 2 : 1);
      if (feed !== -1 && feed < from) feed = chunk.indexOf(lf, from);
      if (back !== -1 && back < from) back = chunk.indexOf(cr, from);
    }
    return from === chunk.length || this.#hold(chunk.subarray(from));
  }

  #hold(part: Buffer): boolean {
    this.#held += part.length;
    if (this.#held > this.#eventBytesMax) return false;
    if (part.length > 0) this.#line.push(part);
    return true;
  }

  #complete(): void {
    const line = this.#line.length === 1 && this.#line[0] !== undefined ? this.#line[0] : Buffer.concat(this.#line);
    this.#line = [];
    if (line.length === 0) {
      this.#dispatch();
      return;
    }
    const colon = line.indexOf(':');
    const end = colon === -1 ? line.length : colon;
    const rest = line.subarray(end + 1);
    const value = rest[0] === 0x20 ? rest.subarray(1) : rest;
    if (isData(line, end)) return void this.#data.push(value);
    this.#held -= line.length;
    this.#note(line, end, value);
  }

  /** Both go into a request of ours, or into a wait of ours: only what is plainly one is taken. */
  #note(line: Buffer, end: number, value: Buffer): void {
    if (end !== 2 && end !== 5) return;
    const name = line.toString('latin1', 0, end);
    const text = value.length <= 256 ? value.toString('latin1') : '';
    if (name === 'id' && /^[!-~]+$/.test(text)) this.lastId = text;
    if (name === 'retry' && /^\d{1,6}$/.test(text)) this.retryMillis = Number(text);
  }

  #dispatch(): void {
    const lines = this.#data;
    this.#data = [];
    this.#held = 0;
    const [only] = lines;
    if (only === undefined) return;
    const data =
      lines.length === 1
        ? only
        : Buffer.concat(lines.flatMap((line, index) => (index === 0 ? [line] : [Buffer.from('\n'), line])));
    if (data.length > 0) this.#event(data);
  }
}

function first(a: number, b: number): number {
  return a === -1 || (b !== -1 && b < a) ? b : a;
}

/** Whether the first `length` bytes are the field's name, in exactly these letters. */
function isData(line: Buffer, length: number): boolean {
  return length === 4 && line[0] === 0x64 && line[1] === 0x61 && line[2] === 0x74 && line[3] === 0x61;
}
