import { Gathered } from './gathered.ts';

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
  readonly #begun = new Gathered();
  readonly #data = new Gathered();
  #hasData = false;
  #held = 0;
  #afterCr = false;

  constructor(eventBytesMax: number, event: (data: Buffer) => void) {
    this.#eventBytesMax = eventBytesMax;
    this.#event = event;
  }

  /** What stands in `chunk` between the two. False: an event is too long, and nothing of it is kept. */
  push(chunk: Buffer, start = 0, stop = chunk.length): boolean {
    // Between CR and LF nothing may come in between, not even nothing.
    if (start === stop) return true;
    let from = this.#afterCr && chunk[start] === lf ? start + 1 : start;
    this.#afterCr = false;
    for (let at = lineEnd(chunk, from, stop); at < stop; at = lineEnd(chunk, from, stop)) {
      if (!this.#fits(at - from)) return false;
      this.#complete(chunk, from, at);
      from = at + 1;
      if (chunk[at] !== cr) continue;
      if (from === stop) this.#afterCr = true;
      else if (chunk[from] === lf) from++;
    }
    if (from === stop) return true;
    if (!this.#fits(stop - from)) return false;
    this.#begun.add(chunk.subarray(from, stop));
    return true;
  }

  #fits(bytes: number): boolean {
    this.#held += bytes;
    return this.#held <= this.#eventBytesMax;
  }

  /** A line has come to its end, which stands in `chunk`. */
  #complete(chunk: Buffer, from: number, to: number): void {
    if (this.#begun.length > 0) {
      this.#begun.add(chunk.subarray(from, to));
      const line = this.#begun.take();
      this.#read(line, 0, line.length);
    } else if (from < to) this.#read(chunk, from, to);
    else this.#dispatch();
  }

  /** One line, where it stands. */
  #read(bytes: Buffer, from: number, to: number): void {
    const end = nameEnd(bytes, from, to);
    const value = Math.min(to, end + (bytes[end + 1] === 0x20 ? 2 : 1));
    if (spells(bytes, from, end, dataName)) this.#add(value === to ? nothing : bytes.subarray(value, to));
    else {
      this.#held -= to - from;
      this.#note(bytes, from, end, value, to);
    }
  }

  #add(data: Buffer): void {
    if (this.#hasData) this.#data.add(lineFeed);
    this.#data.add(data);
    this.#hasData = true;
  }

  /** Both go into a request of ours, or into a wait of ours: only what is plainly one is taken. */
  #note(bytes: Buffer, from: number, end: number, value: number, to: number): void {
    const isId = spells(bytes, from, end, idName);
    if (!isId && !spells(bytes, from, end, retryName)) return;
    const text = to - value <= 256 ? bytes.toString('latin1', value, to) : '';
    if (isId && /^[!-~]+$/.test(text)) this.lastId = text;
    if (!isId && /^\d{1,6}$/.test(text)) this.retryMillis = Number(text);
  }

  #dispatch(): void {
    this.#held = 0;
    if (!this.#hasData) return;
    this.#hasData = false;
    const whole = this.#data.take();
    if (whole.length > 0) this.#event(whole);
  }
}

const nothing = Buffer.alloc(0);
const lineFeed = Buffer.from('\n');
const [dataName, idName, retryName] = [Buffer.from('data'), Buffer.from('id'), Buffer.from('retry')];

/** Where the line ends that begins at `from`, or `stop`. Lines are short: asking for each end costs more than looking. */
function lineEnd(bytes: Buffer, from: number, stop: number): number {
  let at = from;
  while (at < stop && bytes[at] !== lf && bytes[at] !== cr) at++;
  return at;
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
function spells(bytes: Buffer, from: number, end: number, name: Buffer): boolean {
  if (end - from !== name.length) return false;
  for (let at = 0; at < name.length; at++) if (bytes[from + at] !== name[at]) return false;
  return true;
}
