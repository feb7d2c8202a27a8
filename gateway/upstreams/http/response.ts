/** What is read of an HTTP/1.1 answer (RFC 9112). */
export interface ResponseEvents {
  readonly head: (head: ResponseHead) => void;
  /** What stands in `bytes` between the two. */
  readonly body: (bytes: Buffer, from: number, to: number) => void;
  /** The answer is complete. `reusable`: the connection may carry another. */
  readonly end: (reusable: boolean) => void;
  readonly fault: (why: string) => void;
}

export interface ResponseHead {
  readonly status: number;
  /** Lower-case names; a name that stands twice keeps both values, separated by a comma. */
  readonly headers: ReadonlyMap<string, string>;
  /** The type and subtype, in lower case and without parameters; '' where there is none. */
  readonly contentType: string;
}

const headersMax = 100;
const chunkLineCharsMax = 256;
const [lf, cr] = [0x0a, 0x0d];
const nothing = Buffer.alloc(0);
const headEnd = Buffer.from('\r\n\r\n');
const trailerBytesMax = 8 * 1024;

type Framing = { readonly kind: 'length'; readonly bytes: number } | { readonly kind: 'chunked' | 'close' };

const untilClosed: Framing = { kind: 'close' };

/**
 * Reads one answer after the other from a connection's bytes; each is announced by `begin`. Strict where answers could be confused: no folded lines,
 * one length, `chunked` alone and never beside a length, nothing after the end that was not asked for.
 */
export class ResponseReader {
  readonly #events: ResponseEvents;
  readonly #headBytesMax: number;
  readonly #newest: NewestHead;
  #state: 'head' | 'body' | 'chunk-line' | 'chunk' | 'chunk-end' | 'trailer' | 'done' = 'head';
  #framing: Framing = untilClosed;
  /** What came last, with what was left of before; read up to `#at`. */
  #held: Buffer = nothing;
  #at = 0;
  /** Of the body, or of its chunk. */
  #left = 0;
  #trailer = 0;
  /** Bytes of the heads that came before the answer's own. */
  #early = 0;
  #persists = true;

  /** `newest`: shared by the connections to one server, which are read with one `headBytesMax`. */
  constructor(events: ResponseEvents, headBytesMax: number, newest: NewestHead) {
    this.#events = events;
    this.#headBytesMax = headBytesMax;
    this.#newest = newest;
  }

  /** What comes from now on is another answer. */
  begin(): void {
    this.#state = 'head';
    this.#held = nothing;
    this.#at = 0;
    this.#trailer = 0;
    this.#early = 0;
  }

  push(chunk: Buffer): void {
    this.#held = this.#unread === 0 ? chunk : Buffer.concat([this.#held.subarray(this.#at), chunk]);
    this.#at = 0;
    while (this.#unread > 0 && this.#step());
    if (this.#unread > 0) return;
    this.#held = nothing;
    this.#at = 0;
  }

  get #unread(): number {
    return this.#held.length - this.#at;
  }

  /** The connection ended. */
  finish(): void {
    if (this.#state === 'body' && this.#framing.kind === 'close') this.#end();
    else if (this.#state !== 'done') {
      this.#state = 'done';
      this.#events.fault('the connection ended in the middle of an answer');
    }
  }

  /** One piece of what is held. False: more bytes are needed, or no more are wanted. */
  #step(): boolean {
    switch (this.#state) {
      case 'head':
        return this.#readHead();
      case 'body':
        return this.#readBody();
      case 'chunk-line':
        return this.#readChunkLine();
      case 'chunk':
        return this.#readChunk();
      case 'chunk-end':
        return this.#readChunkEnd();
      case 'trailer':
        return this.#readTrailer();
      case 'done':
        return false;
    }
  }

  #readHead(): boolean {
    const { known } = this.#newest;
    if (known === undefined || !startsWith(this.#held, this.#at, known.bytes)) return this.#readNewHead();
    this.#at += known.bytes.length;
    return this.#begun(known.head);
  }

  #readNewHead(): boolean {
    const end = this.#held.indexOf(headEnd, this.#at);
    if (end === -1 && this.#unread <= this.#headBytesMax) return false;
    if (end === -1 || this.#early + end - this.#at > this.#headBytesMax)
      return this.#fault(`its head is longer than ${this.#headBytesMax} bytes`);
    const bytes = this.#held.subarray(this.#at, end + headEnd.length);
    const head = parseHead(bytes.toString('latin1', 0, end - this.#at));
    this.#at = end + headEnd.length;
    if (typeof head === 'string') return this.#fault(head);
    if (head.status === 101) return this.#fault('it switched to another protocol');
    this.#early += bytes.length;
    if (head.status < 200) return true;
    this.#newest.known = { bytes: Buffer.from(bytes), head };
    return this.#begun(head);
  }

  #begun(head: FramedHead): boolean {
    const { framing } = head;
    this.#framing = framing;
    this.#left = framing.kind === 'length' ? framing.bytes : 0;
    this.#persists = head.persists && framing.kind !== 'close';
    this.#state = framing.kind === 'chunked' ? 'chunk-line' : 'body';
    this.#events.head(head);
    return framing.kind === 'length' && this.#left === 0 ? this.#end() : true;
  }

  #readBody(): boolean {
    if (this.#framing.kind !== 'length') {
      this.#pass(this.#unread);
      return true;
    }
    this.#pass(Math.min(this.#left, this.#unread));
    return this.#left === 0 ? this.#end() : true;
  }

  #readChunkLine(): boolean {
    const end = this.#lineEnd(chunkLineCharsMax);
    if (end === -1) return this.#unread > chunkLineCharsMax + 2 ? this.#fault('a chunk has no length') : false;
    const size = chunkSize(this.#held, this.#at, end);
    if (size === undefined) return this.#fault('a chunk has no length');
    this.#at = end + 2;
    this.#left = size;
    this.#state = this.#left === 0 ? 'trailer' : 'chunk';
    return true;
  }

  #readChunk(): boolean {
    const bytes = Math.min(this.#left, this.#unread);
    if (bytes === this.#left) this.#state = 'chunk-end';
    this.#pass(bytes);
    return true;
  }

  #readChunkEnd(): boolean {
    if (this.#unread < 2) return false;
    if (this.#held[this.#at] !== cr || this.#held[this.#at + 1] !== lf)
      return this.#fault('a chunk is longer than it says');
    this.#at += 2;
    this.#state = 'chunk-line';
    return true;
  }

  #readTrailer(): boolean {
    const end = this.#lineEnd(trailerBytesMax);
    if (end === -1) return this.#unread > trailerBytesMax ? this.#fault('its trailers are too long') : false;
    const bytes = end - this.#at;
    this.#at = end + 2;
    this.#trailer += bytes;
    if (this.#trailer > trailerBytesMax) return this.#fault('its trailers are too long');
    return bytes === 0 ? this.#end() : true;
  }

  /** Where the line ends that is to be read; -1 if it has not come, or is longer than this. */
  #lineEnd(bytesMax: number): number {
    const held = this.#held;
    const last = Math.min(held.length - 1, this.#at + bytesMax + 1);
    for (let at = this.#at; at < last; at++) if (held[at] === cr && held[at + 1] === lf) return at;
    return -1;
  }

  /** Hands on so many of the bytes at hand. */
  #pass(bytes: number): void {
    const from = this.#at;
    this.#at += bytes;
    this.#left -= bytes;
    this.#events.body(this.#held, from, this.#at);
  }

  #end(): false {
    this.#state = 'done';
    this.#events.end(this.#persists && this.#unread === 0);
    return false;
  }

  #fault(why: string): false {
    this.#state = 'done';
    this.#events.fault(`its answer is not HTTP as it should be: ${why}`);
    return false;
  }
}

interface FramedHead extends ResponseHead {
  readonly persists: boolean;
  readonly framing: Framing;
}

/** A server's answers begin alike for as long as their date does: what began its newest one, and how that was read. */
export interface NewestHead {
  known: { readonly bytes: Buffer; readonly head: FramedHead } | undefined;
}

function startsWith(bytes: Buffer, from: number, head: Buffer): boolean {
  const to = from + head.length;
  return to <= bytes.length && bytes.compare(head, 0, head.length, from, to) === 0;
}

const chunkDigitsMax = 8;

/** RFC 9112 §7.1: hexadecimal digits and, after white space, extensions that mean nothing here. Undefined if it is none. */
function chunkSize(bytes: Buffer, from: number, to: number): number | undefined {
  let at = from;
  let size = 0;
  for (let digit = hexDigit(bytes[at]); at < to && digit !== -1; digit = hexDigit(bytes[++at]))
    size = size * 16 + digit;
  if (at === from || at - from > chunkDigitsMax) return undefined;
  while (at < to && (bytes[at] === 0x20 || bytes[at] === 0x09)) at++;
  if (at === to) return size;
  if (bytes[at] !== 0x3b) return undefined;
  while (at < to && bytes[at] !== cr && bytes[at] !== lf) at++;
  return at === to ? size : undefined;
}

function hexDigit(unit = 0): number {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  const letter = unit | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** What is wrong with it, where it cannot be read. */
function parseHead(text: string): FramedHead | string {
  const [first = '', ...lines] = text.split('\r\n');
  const status = /^HTTP\/1\.([01]) ([1-5][0-9]{2})(?: [^\r\n]*)?$/.exec(first);
  if (status === null) return 'it is not HTTP/1.1';
  if (lines.length > headersMax) return `it has more than ${headersMax} headers`;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const header = headerOf(line);
    if (header === undefined) return 'it has a header that is not one';
    const [key, value] = header;
    const before = headers.get(key);
    headers.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  const closes = /\bclose\b/i.test(headers.get('connection') ?? '');
  const framing = framingOf(Number(status[2]), headers);
  if (typeof framing === 'string') return framing;
  const contentType = headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return { status: Number(status[2]), headers, contentType, persists: status[1] === '1' && !closes, framing };
}

/** RFC 9112 §5: a name in lower case, and a value without the blanks around it. No character is looked at twice. */
function headerOf(line: string): readonly [string, string] | undefined {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(0, colon));
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) || /[\0\r\n]/.test(line)) return undefined;
  let [from, to] = [colon + 1, line.length];
  while (from < to && isBlank(line[from])) from++;
  while (to > from && isBlank(line[to - 1])) to--;
  return [name.toLowerCase(), line.slice(from, to)];
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

function framingOf(status: number, headers: ResponseHead['headers']): Framing | string {
  const [coding, length] = [headers.get('transfer-encoding'), headers.get('content-length')];
  if (status < 200 || status === 204 || status === 304) return { kind: 'length', bytes: 0 };
  if (coding !== undefined && length !== undefined) return 'it gives its length in two ways';
  if (coding !== undefined)
    return coding.toLowerCase() === 'chunked' ? { kind: 'chunked' } : 'its transfer coding is not chunked';
  if (length === undefined) return untilClosed;
  return /^[0-9]{1,15}$/.test(length) ? { kind: 'length', bytes: Number(length) } : 'its length is not a number';
}
