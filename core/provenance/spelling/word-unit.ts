const letterOrDigit = /[\p{L}\p{N}]/u;

/** For each UTF-16 unit 1 if it is part of a word, 2 if it is not, 0 if nobody has asked. Half a surrogate pair is not. */
const known = new Uint8Array(0x1_0000);

/** A letter or a digit, of any script of the basic plane. */
export function isWordUnit(unit: number): boolean {
  const sort = known[unit];
  if (sort !== 0) return sort === 1;
  const is = letterOrDigit.test(String.fromCharCode(unit));
  known[unit] = is ? 1 : 2;
  return is;
}

/** Runs of at least two letters; a value that is cut out at its ends takes its own with it, and no other. */
export function wordCountOf(text: string): number {
  let count = 0;
  for (const _ of text.matchAll(word)) count++;
  return count;
}

/** As many such runs, or more. One pass, whatever stands between them. */
export function hasWords(text: string, min: number): boolean {
  let count = 0;
  for (const _ of text.matchAll(word)) if (++count >= min) return true;
  return min === 0;
}

const word = /\p{L}{2,}/gu;

/** A value with fewer words beside it stands in no sentence. */
export const sentenceWordsMin = 2;
