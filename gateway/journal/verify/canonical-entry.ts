/**
 * Reads the canonical text of an entry (docs/formats/journal.md) and accepts nothing else: every value has exactly one
 * text, so a text that is accepted is the only one of its entry.
 */

export type EntryValue =
  | string
  | number
  | boolean
  | null
  | readonly EntryValue[]
  | { readonly [name: string]: EntryValue };

/** The entry, or what is wrong with its text and at which byte. */
export type EntryRead =
  | { readonly ok: true; readonly entry: { readonly [name: string]: EntryValue } }
  | { readonly ok: false; readonly offset: number; readonly what: string };

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function readCanonicalEntry(bytes: Uint8Array): EntryRead {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return { ok: false, offset: 0, what: 'the entry is not UTF-8' };
  }
  const scan: Scan = { text, at: 0, what: '' };
  const entry = text.startsWith('{') ? readValue(scan, 0) : undefined;
  if (entry !== undefined && scan.at === text.length)
    return { ok: true, entry: entry as { readonly [name: string]: EntryValue } };
  const what = scan.what !== '' ? scan.what : entry === undefined ? 'an entry is an object' : 'bytes follow the entry';
  return { ok: false, offset: Buffer.byteLength(text.slice(0, scan.at)), what };
}

interface Scan {
  readonly text: string;
  at: number;
  what: string;
}

const depthMax = 32;
const words = new Map<string, EntryValue>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** Undefined means that `scan.what` says why not. */
function readValue(scan: Scan, depth: number): EntryValue | undefined {
  if (depth > depthMax) return stop(scan, 'too deep');
  const first = scan.text.charAt(scan.at);
  if (first === '"') return readString(scan);
  if (first === '{') return readObject(scan, depth);
  if (first === '[') return readArray(scan, depth);
  if (first === '-' || (first >= '0' && first <= '9')) return readInteger(scan);
  for (const [word, value] of words) {
    if (!scan.text.startsWith(word, scan.at)) continue;
    scan.at += word.length;
    return value;
  }
  return stop(scan, 'this is no value');
}

function stop(scan: Scan, what: string): undefined {
  scan.what = what;
  return undefined;
}

function readObject(scan: Scan, depth: number): EntryValue | undefined {
  const members: Record<string, EntryValue> = Object.create(null) as Record<string, EntryValue>;
  let before: string | undefined;
  scan.at++;
  if (taken(scan, '}')) return members;
  do {
    const name = scan.text.charAt(scan.at) === '"' ? readString(scan) : stop(scan, 'a member has no name');
    if (name === undefined) return undefined;
    if (before !== undefined && before >= name) return stop(scan, 'members are not in order, or stand twice');
    if (!taken(scan, ':')) return stop(scan, 'a colon is missing');
    const value = readValue(scan, depth + 1);
    if (value === undefined) return undefined;
    members[name] = value;
    before = name;
  } while (taken(scan, ','));
  return taken(scan, '}') ? members : stop(scan, 'an object has no end');
}

function readArray(scan: Scan, depth: number): EntryValue | undefined {
  const items: EntryValue[] = [];
  scan.at++;
  if (taken(scan, ']')) return items;
  do {
    const value = readValue(scan, depth + 1);
    if (value === undefined) return undefined;
    items.push(value);
  } while (taken(scan, ','));
  return taken(scan, ']') ? items : stop(scan, 'an array has no end');
}

function taken(scan: Scan, char: string): boolean {
  if (scan.text.charAt(scan.at) !== char) return false;
  scan.at++;
  return true;
}

const integer = /-?(?:0|[1-9][0-9]*)/y;

function readInteger(scan: Scan): number | undefined {
  integer.lastIndex = scan.at;
  const text = integer.exec(scan.text)?.[0];
  if (text === undefined || text === '-0') return stop(scan, 'this is no value');
  if (!Number.isSafeInteger(Number(text))) return stop(scan, 'a number is too large');
  scan.at += text.length;
  return Number(text);
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** Characters that stand in an entry only as `\uXXXX`. Those with a short escape have only that. */
function isEscaped(unit: number): boolean {
  return (
    unit < 0x20 ||
    (unit >= 0x7f && unit <= 0x9f) ||
    (unit >= 0x2028 && unit <= 0x202e) ||
    (unit >= 0x2066 && unit <= 0x2069) ||
    [0x61c, 0x200e, 0x200f, 0xfeff].includes(unit)
  );
}

const plainRun = /[\x20\x21\x23-\x5b\x5d-\x7e]*/y;

function readString(scan: Scan): string | undefined {
  let value = '';
  scan.at++;
  for (;;) {
    plainRun.lastIndex = scan.at;
    const run = plainRun.exec(scan.text)?.[0] ?? '';
    value += run;
    scan.at += run.length;
    const unit = scan.text.charCodeAt(scan.at);
    if (unit === 0x22) break;
    if (Number.isNaN(unit)) return stop(scan, 'a string has no end');
    const char = unit === 0x5c ? readEscape(scan) : isEscaped(unit) ? undefined : scan.text.charAt(scan.at++);
    if (char === undefined) return stop(scan, 'a character is not written the one way it can be');
    value += char;
  }
  scan.at++;
  return value;
}

function readEscape(scan: Scan): string | undefined {
  const kind = scan.text.charAt(scan.at + 1);
  const short = shortEscapes[kind];
  if (short !== undefined) {
    scan.at += 2;
    return short;
  }
  const hex = scan.text.slice(scan.at + 2, scan.at + 6);
  if (kind !== 'u' || !/^[0-9a-f]{4}$/.test(hex)) return undefined;
  const char = String.fromCharCode(Number.parseInt(hex, 16));
  if (!isEscaped(char.charCodeAt(0)) || Object.values(shortEscapes).includes(char)) return undefined;
  scan.at += 6;
  return char;
}
