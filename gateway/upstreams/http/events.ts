const [lf, cr] = [0x0a, 0x0d];
const nothing = Buffer.alloc(0);

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
      if (!this.#fits(at - from)) return false;
      this.#complete(from === at ? nothing : chunk.subarray(from, at));
      const pair = chunk[at] === cr && chunk[at + 1] === lf;
      this.#afterCr = chunk[at] === cr && at + 1 === chunk.length;
      from = at + (pair ? 2 : 1);
      if (feed !== -1 && feed < from) feed = chunk.indexOf(lf, from);
      if (back !== -1 && back < from) back = chunk.indexOf(cr, from);
    }
    if (from === chunk.length) return true;
    if (!this.#fits(chunk.length - from)) return false;
    this.#line.push(chunk.subarray(from));
    return true;
  }

  #fits(bytes: number): boolean {
    this.#held += bytes;
    return this.#held <= this.#eventBytesMax;
  }

  /** A line has come to its end, which is `rest`. */
  #complete(rest: Buffer): void {
    const line = this.#line.length === 0 ? rest : Buffer.concat([...this.#line, rest]);
    this.#line.length = 0;
    if (line.length === 0) {
      this.#dispatch();
      return;
    }
    const colon = line.indexOf(0x3a);
    const end = colon === -1 ? line.length : colon;
    const value = end + (line[end + 1] === 0x20 ? 2 : 1);
    if (isData(line, end)) return void this.#data.push(line.subarray(value));
    this.#held -= line.length;
    this.#note(line, end, value);
  }

  /** Both go into a request of ours, or into a wait of ours: only what is plainly one is taken. */
  #note(line: Buffer, end: number, value: number): void {
    if (end !== 2 && end !== 5) return;
    const name = line.toString('latin1', 0, end);
    const text = line.length - value <= 256 ? line.toString('latin1', value) : '';
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
