/** A part of a text, and the names that lead to it: places in the text, quotes of names included. */
export interface NamedPart {
  /** Of its value, up to before `end`. */
  readonly start: number;
  readonly end: number;
  /** Of its name, which ends at the colon before the value. */
  readonly name: number;
  /** Of the name of the member that it is a member of, up to before `aboveEnd`; both 0 where there is none. */
  readonly above: number;
  readonly aboveEnd: number;
}

/**
 * The paths of `parts`, a JSON array of arrays of names as they stand in `text`, whose characters are `chars`. Bodies of one kind
 * nearly always have the same names: those of the last are kept, by the most names of a path, and are not made again.
 */
export function pathsOf(text: string, chars: Uint8Array, parts: readonly NamedPart[], depth: 1 | 2): string {
  const length = spell(chars, parts);
  if (length === undefined) return pathsInWords(text, parts);
  const known = last[depth];
  if (isSpelled(known.bytes, length)) return known.paths;
  const bytes = page.slice(0, length);
  last[depth] = { bytes, paths: decoder.decode(bytes) };
  return last[depth].paths;
}

interface Known {
  readonly bytes: Uint8Array;
  readonly paths: string;
}

const nothing: Known = { bytes: new Uint8Array(0), paths: '' };
const last: Record<1 | 2, Known> = { 1: nothing, 2: nothing };
const page = new Uint8Array(4 * 1024);
const decoder = new TextDecoder();

const open = 0x5b;
const close = 0x5d;
const comma = 0x2c;
const asciiMax = 0x7f;

/** Writes the paths into the page and returns their length; undefined if they do not fit, or are not ASCII. */
function spell(chars: Uint8Array, parts: readonly NamedPart[]): number | undefined {
  let at = 0;
  for (let index = 0; index < parts.length; index++) {
    const { name, start, above, aboveEnd } = parts[index] as NamedPart;
    // Brackets, a comma in front, and one between the names.
    if (at + (aboveEnd - above) + (start - name) + 4 > page.length) return undefined;
    page[at++] = index === 0 ? open : comma;
    page[at++] = open;
    for (let from = above; from < aboveEnd; from++) {
      const char = chars[from] as number;
      if (char > asciiMax) return undefined;
      page[at++] = char;
    }
    if (aboveEnd > above) page[at++] = comma;
    for (let from = name; from < start - 1; from++) {
      const char = chars[from] as number;
      if (char > asciiMax) return undefined;
      page[at++] = char;
    }
    page[at++] = close;
  }
  page[at++] = close;
  return at;
}

function isSpelled(known: Uint8Array, length: number): boolean {
  if (known.length !== length) return false;
  for (let at = 0; at < length; at++) if (known[at] !== page[at]) return false;
  return true;
}

function pathsInWords(text: string, parts: readonly NamedPart[]): string {
  const paths = parts.map(({ name, start, above, aboveEnd }) =>
    [text.slice(above, aboveEnd), text.slice(name, start - 1)].filter(word => word !== ''),
  );
  return `[${paths.map(words => `[${words.join(',')}]`).join(',')}]`;
}
