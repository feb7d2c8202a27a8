/**
 * Ids as the index looks for them: the letter, and the first six of the 26 characters as a number of 30 bits, of which 28
 * are random. Several ids may share a name: whoever looks for one holds it against the entry itself.
 */
export interface Name {
  /** Which of the prefixes of `IdPrefix`; 0 for what is no id of ours, and then `mark` is one that ours do not have. */
  readonly letter: number;
  readonly mark: number;
}

/** The names of all ids that begin alike: those of these letters from one mark to another, and all of letter 0 if it is one of them. */
export interface NameRange {
  readonly letters: readonly number[];
  readonly from: number;
  readonly to: number;
}

const letters = ['', 'd', 'o', 't', 'ap', 'w', 'e', 'l'] as const;
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const markChars = 6;
const charBits = 5;
const foreign = 0xff;
const valueOfUnit = new Uint8Array(256).fill(foreign);
for (let value = 0; value < alphabet.length; value++) valueOfUnit[alphabet.charCodeAt(value)] = value;

const markMax = 2 ** (markChars * charBits) - 1;
const noName: Name = { letter: 0, mark: markMax };

export function nameOf(id: string): Name {
  const end = id.indexOf('_');
  const letter = letterOf(id, end);
  const mark = letter === 0 ? undefined : markOf(id, end + 1, markChars);
  return mark === undefined ? noName : { letter, mark };
}

export function namesLike({ letter, mark }: Name): NameRange {
  return { letters: [letter], from: mark, to: mark };
}

/** What the ids that begin with `prefix` are named. Those that are none of ours may begin with anything. */
export function namesFrom(prefix: string): NameRange {
  const end = prefix.indexOf('_');
  if (end < 0) {
    const possible = letters.flatMap((letter, at) => (`${letter}_`.startsWith(prefix) || letter === '' ? [at] : []));
    return { letters: possible, from: 0, to: markMax };
  }
  const letter = letterOf(prefix, end);
  const known = Math.min(markChars, prefix.length - end - 1);
  const mark = markOf(prefix, end + 1, known);
  if (letter === 0 || mark === undefined) return namesLike(noName);
  const open = (markChars - known) * charBits;
  return { letters: [0, letter], from: mark * 2 ** open, to: (mark + 1) * 2 ** open - 1 };
}

/** Most entries are decisions and their outcomes. */
function letterOf(id: string, end: number): number {
  if (end === 1) {
    if (id.charCodeAt(0) === 0x64) return 1;
    if (id.charCodeAt(0) === 0x6f) return 2;
  }
  return Math.max(0, letters.indexOf(id.slice(0, Math.max(0, end)) as (typeof letters)[number]));
}

/** Undefined where a character stands in none of our ids, or is missing. */
function markOf(id: string, start: number, chars: number): number | undefined {
  if (id.length < start + chars) return undefined;
  let mark = 0;
  for (let at = start; at < start + chars; at++) {
    const value = valueOfUnit[id.charCodeAt(at)] ?? foreign;
    if (value === foreign) return undefined;
    mark = (mark << charBits) | value;
  }
  return mark;
}
