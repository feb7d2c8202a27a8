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
  /** What there is of a line that has not come to its end. */
  readonly #begun: Buffer[] = [];
  #data: Buffer | undefined;
  readonly #moreData: Buffer[] = [];
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
      this.#complete(chunk, from, at);
      const pair = chunk[at] === cr && chunk[at + 1] === lf;
      this.#afterCr = chunk[at] === cr && at + 1 === chunk.length;
      from = at + (pair ? 2 : 1);
      if (feed !== -1 && feed < from) feed = chunk.indexOf(lf, from);
      if (back !== -1 && back < from) back = chunk.indexOf(cr, from);
    }
    if (from === chunk.length) return true;
    if (!this.#fits(chunk.length - from)) return false;
    this.#begun.push(chunk.subarray(from));
    return true;
  }

  #fits(bytes: number): boolean {
    this.#held += bytes;
    return this.#held <= this.#eventBytesMax;
  }

  /** A line has come to its end, which stands in `chunk`. */
  #complete(chunk: Buffer, from: number, to: number): void {
    if (this.#begun.length > 0) {
      const line = Buffer.concat([...this.#begun, chunk.subarray(from, to)]);
      this.#begun.length = 0;
      this.#read(line, 0, line.length);
    } else if (from < to) this.#read(chunk, from, to);
    else this.#dispatch();
  }

  /** One line, where it stands. */
  #read(bytes: Buffer, from: number, to: number): void {
    const end = nameEnd(bytes, from, to);
    const value = Math.min(to, end + (bytes[end + 1] === 0x20 ? 2 : 1));
    if (isData(bytes, from, end)) this.#add(bytes.subarray(value, to));
    else {
      this.#held -= to - from;
      this.#note(bytes.toString('latin1', from, end), bytes, value, to);
    }
  }

  #add(data: Buffer): void {
    if (this.#data === undefined) this.#data = data;
    else this.#moreData.push(data);
  }

  /** Both go into a request of ours, or into a wait of ours: only what is plainly one is taken. */
  #note(name: string, bytes: Buffer, from: number, to: number): void {
    if (name !== 'id' && name !== 'retry') return;
    const text = to - from <= 256 ? bytes.toString('latin1', from, to) : '';
    if (name === 'id' && /^[!-~]+$/.test(text)) this.lastId = text;
    if (name === 'retry' && /^\d{1,6}$/.test(text)) this.retryMillis = Number(text);
  }

  #dispatch(): void {
    const data = this.#data;
    this.#data = undefined;
    this.#held = 0;
    if (data === undefined) return;
    const more = this.#moreData.splice(0);
    const whole = more.length === 0 ? data : Buffer.concat([data, ...more.flatMap(line => [lineFeed, line])]);
    if (whole.length > 0) this.#event(whole);
  }
}

const lineFeed = Buffer.from('\n');

function first(a: number, b: number): number {
  return a === -1 || (b !== -1 && b < a) ? b : a;
}

/** One more than the longest name that is read here: a longer one need not be followed to its end. */
const nameBytesMax = 6;

function nameEnd(bytes: Buffer, from: number, to: number): number {
  const last = Math.min(to, from + nameBytesMax);
  let at = from;
  while (at < last && bytes[at] !== 0x3a) at++;
  return at;
}

/** Whether the field's name is this, in exactly these letters. */
function isData(bytes: Buffer, from: number, end: number): boolean {
  return (
    end - from === 4 &&
    bytes[from] === 0x64 &&
    bytes[from + 1] === 0x61 &&
    bytes[from + 2] === 0x74 &&
    bytes[from + 3] === 0x61
  );
}
