import type { Sha256 } from '../model/action.ts';

/**
 * Commitments that can be opened part by part (docs/formats/receipt.md): the text of a body is cut at its members or
 * theirs, each part has a salt of its own, and the commitment is over all of them. Whoever is shown some parts learns
 * nothing of the others, not even whether a guess is right.
 */

/** One part of a body: where it stands, and its JSON text as it was kept. */
export interface Part {
  /** JSON array of member names, at most two; `[]` is the list of all paths, `*` the whole of a text that is not cut. */
  readonly path: string;
  readonly value: string;
}

export const allPaths = '[]';
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

/** `count` salts out of one secret seed; who knows some of them knows nothing of the seed or of the others. */
export type Salts = (seed: string, count: number) => readonly string[];

/** The parts of a JSON text in normal form: first the list of paths, then the parts in the order of the text. */
export function partsOf(text: string, depth: 1 | 2): readonly Part[] {
  const parts: Part[] = [];
  const end = addMembers(text, 0, '', depth, parts);
  if (end !== text.length || parts.length >= partsMax) return [{ path: wholeText, value: text }];
  parts.unshift({ path: allPaths, value: `[${parts.map(part => part.path).join()}]` });
  return parts;
}

export function partHash(field: string, salt: string, { path, value }: Part, sha256: Sha256): string {
  return sha256(`${partHeads.get(field) ?? partHead(field)}${path}\n${salt}\n${value}`);
}

/** Each piece of a text that is put together is garbage: what is the same for all parts is one. */
function partHead(field: string): string {
  return `sallyport part v1\n${field}\n`;
}

const partHeads: ReadonlyMap<string, string> = new Map([...partedFields.keys()].map(field => [field, partHead(field)]));

/** The commitment to a body of these parts. */
export function partsCommitment(field: string, hashes: readonly string[], sha256: Sha256): string {
  return sha256(`sallyport parts v1\n${field}\n${hashes.join('\n')}`);
}

/**
 * Adds the members of the object at `at`, or theirs, under the names in `above`. After its closing brace; −1, and nothing is
 * added, if this is no object as our own writer writes it.
 */
function addMembers(text: string, at: number, above: string, depth: number, parts: Part[]): number {
  if (text.charCodeAt(at) !== 0x7b) return -1;
  if (text.charCodeAt(at + 1) === 0x7d) return at + 2;
  const before = parts.length;
  for (let start = at + 1; ; ) {
    const colon = text.charCodeAt(start) === 0x22 ? stringEnd(text, start) : -1;
    if (colon < 0 || text.charCodeAt(colon) !== 0x3a) break;
    const to = valueEnd(text, colon + 1);
    if (to <= colon + 1) break;
    const path = above + text.slice(start, colon);
    const known = parts.length;
    if (depth > 1) addMembers(text, colon + 1, `${path},`, depth - 1, parts);
    if (parts.length === known) parts.push({ path: `[${path}]`, value: text.slice(colon + 1, to) });
    if (text.charCodeAt(to) === 0x7d) return to + 1;
    if (text.charCodeAt(to) !== 0x2c) break;
    start = to + 1;
  }
  parts.length = before;
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
