/**
 * Canonical JSON of journal entries: RFC 8785 (members in the order of their UTF-16 units, no white space), narrowed so
 * that two implementations cannot differ and a line can be shown anywhere:
 * - numbers are integers within ±(2^53−1);
 * - characters that end a line, reverse what is read or command a terminal are escaped as `\uXXXX` (RFC 8785 §3.2.2.2
 *   would leave those above U+001F as they are). Nothing is lost, and an entry is always one line.
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

/** What may need an escape of some kind. By far the most strings have none of it. */
const special = /["\\\x00-\x1f\x7f-\uffff]/;

/** What `JSON.stringify` leaves alone and an entry escapes: DEL, C1, line and paragraph separators, direction marks. */
const unsafe = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Canonical text of `value`. Members that are undefined are absent; lone surrogates become U+FFFD. */
export function canonicalText(value: unknown): string {
  return write(value, '', 0);
}

function write(value: unknown, path: string, depth: number): string {
  switch (typeof value) {
    case 'string':
      return canonicalString(value);
    case 'number':
      if (!Number.isSafeInteger(value)) throw new EntryFault(path, 'must be a whole number within ±(2^53−1)');
      return Object.is(value, -0) ? '0' : String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (depth === depthMax) throw new EntryFault(path, `lies deeper than ${depthMax} levels`);
      return Array.isArray(value) ? writeArray(value, path, depth) : writeObject(value, depth);
    default:
      throw new EntryFault(path, `is of the type ${typeof value}, which JSON does not have`);
  }
}

function writeArray(items: readonly unknown[], path: string, depth: number): string {
  let text = '[';
  for (let index = 0; index < items.length; index++)
    text += (index === 0 ? '' : ',') + write(items[index], path, depth + 1);
  return `${text}]`;
}

function writeObject(value: object, depth: number): string {
  const members = value as Readonly<Record<string, unknown>>;
  let text = '';
  for (const name of sortedNames(members)) {
    const item = members[name];
    if (item === undefined) continue;
    text += (text === '' ? '{' : ',') + quotedName(name) + write(item, name, depth + 1);
  }
  return text === '' ? '{}' : `${text}}`;
}

/** By UTF-16 units (RFC 8785 §3.2.3), as `<` compares. By insertion: names are few, and this is the hot path. */
function sortedNames(members: Readonly<Record<string, unknown>>): string[] {
  const names = Object.keys(members);
  for (let next = 1; next < names.length; next++) {
    const name = names[next] ?? '';
    let to = next;
    for (; to > 0 && (names[to - 1] ?? '') > name; to--) names[to] = names[to - 1] ?? '';
    names[to] = name;
  }
  return names;
}

const quotedNames = new Map<string, string>();
const quotedNamesMax = 1_000;

/** Entries have the same few names again and again. */
function quotedName(name: string): string {
  const known = quotedNames.get(name);
  if (known !== undefined) return known;
  const quoted = `${canonicalString(name)}:`;
  if (quotedNames.size < quotedNamesMax) quotedNames.set(name, quoted);
  return quoted;
}

export function canonicalString(text: string): string {
  if (!special.test(text)) return `"${text}"`;
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return JSON.stringify(whole).replace(unsafe, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
