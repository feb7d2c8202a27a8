/** Characters that are not seen: joiners, marks of direction, soft hyphens, tags, variation selectors. */
const unseen = /\p{Default_Ignorable_Code_Point}/gu;
const plainAscii = /^[\x20-\x7e]*$/;

/**
 * What two spellings of one value have in common: compatibility form (NFKC), lower case, white space as single blanks,
 * nothing invisible. Letters of other scripts that only look alike stay other letters, on purpose: a look-alike is
 * another value.
 */
export function fold(text: string): string {
  const seen = plainAscii.test(text) ? text : text.replace(unseen, '').normalize('NFKC');
  return seen.toLowerCase().replace(/\s+/g, ' ').trim();
}

/** Numbers of accounts, cards and telephones are written with and without blanks, dashes, dots and brackets. */
export function squeezed(folded: string): string {
  return folded.replace(/[\s().\-–/]/g, '');
}

/** True for what reads as one number whatever its grouping: mostly digits, and nothing but digits, letters and separators. */
export function isGrouped(folded: string): boolean {
  if (!/^\+?[\p{L}\p{N}][\p{L}\p{N}\s().\-–/]*$/u.test(folded)) return false;
  const digits = folded.replace(/\D/g, '').length;
  return digits >= 7 && digits * 2 >= squeezed(folded).length;
}

/** Letters and digits alone. */
export function bared(text: string): string {
  return fold(text).replace(/[^\p{L}\p{N}]/gu, '');
}
