import type { Sha256 } from '../model/action.ts';
import { charsOf } from './chars.ts';
import { type NamedPart, pathsOf } from './part-paths.ts';

/**
 * Commitments that can be opened part by part (docs/formats/receipt.md): the text of a body is cut at its members or
 * theirs, each part has a salt of its own, and the commitment is over all of them. Whoever is shown some parts learns
 * nothing of the others, not even whether a guess is right.
 */

/** The text of a body and where it is cut. */
export interface CutText {
  readonly text: string;
  /** JSON array of the paths of all parts, each an array of member names, at most two; `*` for a text that is not cut. */
  readonly paths: string;
  /** In the order of the text. */
  readonly parts: readonly Part[];
}

/** From `start` to before `end` of a text: the JSON text of one value as it was kept. */
export interface Part {
  readonly start: number;
  readonly end: number;
}

export const wholeText = '*';

/**
 * Bodies whose commitments are opened part by part, and at which members they are cut: the facts that the gateway
 * gathered by kind (each part costs every call a hash), what the agent wrote by argument. Others are opened as a whole.
 */
export const partedFields: ReadonlyMap<string, 1 | 2> = new Map([
  ['request', 1],
  ['arguments', 2],
]);

/** Parts of one body. A text of more is one part: what nobody can take apart costs no more than a hash. */
export const partsMax = 64;

/** Characters of a salt: 132 bits in base64url. */
export const saltChars = 22;

/** Cuts a JSON text in normal form. */
export function cutText(text: string, depth: 1 | 2): CutText {
  const chars = charsOf(text);
  const parts: NamedPart[] = [];
  const end = addMembers({ chars, length: text.length, parts }, 0, 0, 0, depth);
  if (end !== text.length || parts.length === 0 || parts.length >= partsMax)
    return { text, paths: wholeText, parts: [{ start: 0, end: text.length }] };
  return { text, paths: pathsOf(text, chars, parts, depth), parts };
}

/** Of `salts`, one after the other, the one of part number `at`. */
export function saltAt(salts: string, at: number): string {
  return salts.slice(at * saltChars, (at + 1) * saltChars);
}

/** A salt has its own alphabet and length: no other text that is hashed begins like it. */
export function partHash(salt: string, value: string, sha256: Sha256): string {
  return sha256(salt + value);
}

/** The commitment to a body in parts. It holds all paths, so that nothing that is there can be said not to be. */
export function partsCommitment(field: string, { text, paths, parts }: CutText, salts: string, sha256: Sha256): string {
  let hashed = `sallyport parts v2\n${field}\n${paths}\n`;
  for (let at = 0; at < parts.length; at++) {
    const { start, end } = parts[at] as Part;
    hashed += partHash(saltAt(salts, at), text.slice(start, end), sha256);
  }
  return sha256(hashed);
}

interface Growing {
  /** Characters of the text, as `charsOf` gives them, and how many there are. */
  readonly chars: Uint8Array;
  readonly length: number;
  readonly parts: NamedPart[];
}

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const backslash = 0x5c;
const brace = { open: 0x7b, close: 0x7d } as const;
const bracket = { open: 0x5b, close: 0x5d } as const;

/** 1 for what values are told apart by. */
const isStructure = new Uint8Array(256);
for (const char of [quote, comma, brace.open, brace.close, bracket.open, bracket.close]) isStructure[char] = 1;

/**
 * Adds the members of the object at `at`, or theirs, under the name from `above` to `aboveEnd`. After its closing brace; −1, and
 * nothing is added, if this is no object as our own writer writes it.
 */
function addMembers(cut: Growing, at: number, above: number, aboveEnd: number, depth: number): number {
  const { chars, length, parts } = cut;
  if (chars[at] !== brace.open) return -1;
  if (chars[at + 1] === brace.close) return at + 2;
  const before = parts.length;
  for (let name = at + 1; ; ) {
    const nameEnd = chars[name] === quote ? stringEnd(chars, name, length) : -1;
    if (nameEnd < 0 || chars[nameEnd] !== colon) break;
    const start = nameEnd + 1;
    const end = valueEnd(chars, start, length);
    if (end <= start) break;
    const known = parts.length;
    const inner = depth > 1 ? addMembers(cut, start, name, nameEnd, depth - 1) : -1;
    if (parts.length === known || inner !== end) {
      dropFrom(parts, known);
      parts.push({ start, end, name, above, aboveEnd });
    }
    if (chars[end] === brace.close) return end + 1;
    if (chars[end] !== comma) break;
    name = end + 1;
  }
  dropFrom(parts, before);
  return -1;
}

/** To set the length of an array is dear where it changes nothing. */
function dropFrom(parts: NamedPart[], count: number): void {
  if (parts.length > count) parts.length = count;
}

/** After the closing quote of the string that begins at `at`; −1 if there is none before `end`. */
function stringEnd(chars: Uint8Array, at: number, end: number): number {
  for (let next = at + 1; next < end; next++) {
    const char = chars[next];
    if (char === quote) return next + 1;
    if (char === backslash) next++;
  }
  return -1;
}

/** Where the value that begins at `at` ends: at the comma or brace that belongs to what is around it; −1 if nowhere. */
function valueEnd(chars: Uint8Array, at: number, end: number): number {
  for (let [next, depth] = [at, 0]; next < end; next++) {
    const char = chars[next] as number;
    if (isStructure[char] === 0) continue;
    if (char === quote) {
      next = stringEnd(chars, next, end) - 1;
      if (next < 0) return -1;
    } else if (char === brace.open || char === bracket.open) depth++;
    else if (depth === 0 && (char === comma || char === brace.close)) return next;
    else if (char !== comma) depth--;
  }
  return -1;
}
