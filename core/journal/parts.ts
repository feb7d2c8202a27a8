import type { Sha256 } from '../model/action.ts';

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
  const cut = { text, paths: '', parts: [] };
  const end = addMembers(cut, 0, ',[', depth);
  const count = cut.parts.length;
  if (end !== text.length || count === 0 || count >= partsMax)
    return { text, paths: wholeText, parts: [{ start: 0, end: text.length }] };
  return { text, paths: `[${cut.paths.slice(1)}]`, parts: cut.parts };
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

interface Growing extends CutText {
  paths: string;
  readonly parts: Part[];
}

/**
 * Adds the members of the object at `at`, or theirs, under the names in `above`. After its closing brace; −1, and nothing is
 * added, if this is no object as our own writer writes it.
 */
function addMembers(cut: Growing, at: number, above: string, depth: number): number {
  const { text, parts } = cut;
  if (text.charCodeAt(at) !== 0x7b) return -1;
  if (text.charCodeAt(at + 1) === 0x7d) return at + 2;
  const [before, pathsBefore] = [parts.length, cut.paths];
  for (let start = at + 1; ; ) {
    const colon = text.charCodeAt(start) === 0x22 ? stringEnd(text, start) : -1;
    if (colon < 0 || text.charCodeAt(colon) !== 0x3a) break;
    const to = valueEnd(text, colon + 1);
    if (to <= colon + 1) break;
    const [known, pathsKnown] = [parts.length, cut.paths];
    const inner = depth > 1 ? addMembers(cut, colon + 1, `${above}${text.slice(start, colon)},`, depth - 1) : -1;
    if (parts.length === known || inner !== to) {
      parts.length = known;
      cut.paths = pathsKnown;
      parts.push({ start: colon + 1, end: to });
      cut.paths += `${above}${text.slice(start, colon)}]`;
    }
    if (text.charCodeAt(to) === 0x7d) return to + 1;
    if (text.charCodeAt(to) !== 0x2c) break;
    start = to + 1;
  }
  parts.length = before;
  cut.paths = pathsBefore;
  return -1;
}

/** After the closing quote of the string that begins at `at`; −1 if there is none. */
function stringEnd(text: string, at: number): number {
  for (let quote = text.indexOf('"', at + 1); quote > 0; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return -1;
}

/** Where the value that begins at `at` ends: at the comma or brace that belongs to what is around it; −1 if nowhere. */
function valueEnd(text: string, at: number): number {
  for (let [end, depth] = [at, 0]; end < text.length; end++) {
    const unit = text.charCodeAt(end);
    if (unit === 0x22) {
      end = stringEnd(text, end) - 1;
      if (end < 0) return -1;
    } else if (unit === 0x7b || unit === 0x5b) depth++;
    else if (depth === 0 && (unit === 0x2c || unit === 0x7d)) return end;
    else if (unit === 0x7d || unit === 0x5d) depth--;
  }
  return -1;
}
