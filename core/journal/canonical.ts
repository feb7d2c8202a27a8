/**
 * Canonical JSON of journal entries: RFC 8785 (members in the order of their UTF-16 units, no white space), narrowed so
 * that two implementations cannot differ and a line can be shown anywhere:
 * - numbers are integers within ±(2^53−1);
 * - characters that end a line, reverse what is read or command a terminal are escaped as `\uXXXX` (RFC 8785 §3.2.2.2
 *   would leave those above U+001F as they are). Nothing is lost, and an entry is always one line.
 *
 * Written as bytes, one by one: this is the hot path of the journal, and text that is joined piece by piece is most of
 * what the garbage collector then has to do.
 */

/** A value that no entry can hold. `path` names members, never values. */
export class EntryFault extends Error {
  override readonly name = 'EntryFault';
  readonly path: string;
  constructor(path: string, why: string) {
    super(`${path === '' ? 'the entry' : path} ${why}`);
    this.path = path;
  }
}

const depthMax = 32;

/**
 * Writes the canonical text of `value` to the start of `into` and returns its length in bytes; undefined if it does not
 * fit. Members that are undefined are absent; lone surrogates become U+FFFD.
 */
export function writeCanonical(value: unknown, into: Uint8Array): number | undefined {
  const out: Out = { bytes: into, at: 0 };
  write(out, value, '', 0);
  return out.at <= into.length ? out.at : undefined;
}

/** The same of `{ ...one, ...other }`, which would be made for each entry and thrown away. */
export function writeBoth(one: object, other: object, into: Uint8Array): number | undefined {
  const out: Out = { bytes: into, at: 0 };
  writeObject(out, one, 0, other);
  return out.at <= into.length ? out.at : undefined;
}

/** Bytes beyond the end of `bytes` are not kept: `at` then says how many there would be. */
interface Out {
  readonly bytes: Uint8Array;
  at: number;
}

function write(out: Out, value: unknown, path: string, depth: number): void {
  switch (typeof value) {
    case 'string':
      writeString(out, value);
      break;
    case 'number':
      if (!Number.isSafeInteger(value)) throw new EntryFault(path, 'must be a whole number within ±(2^53−1)');
      writeInteger(out, value);
      break;
    case 'boolean':
      writeAscii(out, value ? 'true' : 'false');
      break;
    case 'object':
      if (depth === depthMax) throw new EntryFault(path, `lies deeper than ${depthMax} levels`);
      if (value === null) writeAscii(out, 'null');
      else if (Array.isArray(value)) writeArray(out, value, path, depth);
      else writeObject(out, value, depth);
      break;
    default:
      throw new EntryFault(path, `is of the type ${typeof value}, which JSON does not have`);
  }
}

const comma = 0x2c;
const quote = 0x22;
const backslash = 0x5c;

function writeArray(out: Out, items: readonly unknown[], path: string, depth: number): void {
  out.bytes[out.at++] = 0x5b;
  for (let index = 0; index < items.length; index++) {
    if (index > 0) out.bytes[out.at++] = comma;
    write(out, items[index], path, depth + 1);
  }
  out.bytes[out.at++] = 0x5d;
}

type Members = Readonly<Record<string, unknown>>;

/** `besides`: members that are written as if they were its own. */
function writeObject(out: Out, value: object, depth: number, besides: object = value): void {
  const order = orderOf(value, besides);
  const start = out.at;
  for (let index = 0; index < order.length; index++) {
    const { name, isBesides } = order[index] as Member;
    const item = ((isBesides ? besides : value) as Members)[name];
    if (item === undefined) continue;
    out.bytes[out.at++] = comma;
    writeString(out, name);
    out.bytes[out.at++] = 0x3a;
    if (typeof item === 'string') writeString(out, item);
    else write(out, item, name, depth + 1);
  }
  // In place of the first comma, if there is one.
  out.bytes[start] = 0x7b;
  if (out.at === start) out.at++;
  out.bytes[out.at++] = 0x7d;
}

/** One member in its place: of the object, or of what is written with it. */
interface Member {
  readonly name: string;
  readonly isBesides: boolean;
}

interface Order {
  /** As they stand in the objects: so many of the first, then those of the other. */
  readonly names: readonly string[];
  readonly own: number;
  readonly sorted: readonly Member[];
}

/** Entries have a few dozen shapes, each written again and again: their orders are kept, by number of members. */
const orders: Order[][] = [];
const ordersMax = 16;
/** Of the object that is looked at: read to its end before the next one is. */
const names: string[] = [];

function orderOf(value: object, besides: object): readonly Member[] {
  let count = 0;
  for (const name in value) names[count++] = name;
  const own = count;
  if (besides !== value) for (const name in besides) names[count++] = name;
  orders[count] ??= [];
  const known = orders[count] as Order[];
  for (let index = 0; index < known.length; index++) {
    const order = known[index] as Order;
    if (order.own === own && isSame(order.names, count)) return order.sorted;
  }
  const found = names.slice(0, count);
  const isBesides = new Map(found.map((name, at) => [name, at >= own]));
  // By UTF-16 units, as RFC 8785 §3.2.3 asks and as `sort` does.
  const sorted = [...isBesides].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, is]) => ({ name, isBesides: is }));
  if (known.length < ordersMax) known.push({ names: found, own, sorted });
  return sorted;
}

function isSame(known: readonly string[], count: number): boolean {
  for (let index = 0; index < count; index++) if (known[index] !== names[index]) return false;
  return true;
}

function writeAscii(out: Out, text: string): void {
  for (let index = 0; index < text.length; index++) out.bytes[out.at++] = text.charCodeAt(index);
}

/** Digit by digit: the text of a number that no other is like would be made for this alone. */
function writeInteger(out: Out, value: number): void {
  let rest = value;
  if (value < 0) {
    out.bytes[out.at++] = 0x2d;
    rest = -value;
  }
  let unit = 1;
  while (rest / unit >= 10) unit *= 10;
  for (; unit >= 1; unit /= 10) {
    const digit = Math.floor(rest / unit);
    out.bytes[out.at++] = 0x30 + digit;
    rest -= digit * unit;
  }
}

function writeString(out: Out, text: string): void {
  const { bytes } = out;
  const start = out.at;
  let at = start;
  bytes[at++] = quote;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x20 || unit > 0x7e || unit === quote || unit === backslash) {
      writeEscaped(out, text);
      return;
    }
    bytes[at++] = unit;
  }
  bytes[at++] = quote;
  out.at = at;
}

/** What `JSON.stringify` leaves alone and an entry escapes: DEL, C1, line and paragraph separators, direction marks. */
const unsafe = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
const encoder = new TextEncoder();

function writeEscaped(out: Out, text: string): void {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  const escaped = JSON.stringify(whole).replace(
    unsafe,
    unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const bytes = encoder.encode(escaped);
  if (out.at + bytes.length <= out.bytes.length) out.bytes.set(bytes, out.at);
  out.at += bytes.length;
}
