import { singleBlanks } from '../../model/blanks.ts';

/** Characters that are not seen: joiners, marks of direction, soft hyphens, tags, variation selectors. */
const unseen = /\p{Default_Ignorable_Code_Point}/gu;
const plainAscii = /^[\x20-\x7e]*$/;
/** Digits of other scripts: `٩` says what `9` says. */
const otherDigits = /(?![0-9])\p{Nd}/gu;
const decimal = /^\p{Nd}$/u;
const separators = /[\s().\-–/]/g;
const grouped = /^\+?[\p{L}\p{N}][\p{L}\p{N}\s().\-–/]*$/u;
const groupedDigitsMin = 7;
const noLetterOrDigit = /[^\p{L}\p{N}]/gu;

/**
 * What two spellings of one value have in common: compatibility form (NFKC), lower case, ASCII digits, white space as single
 * blanks, nothing invisible. Letters of other scripts that only look alike stay other letters, on purpose: a look-alike is
 * another value.
 */
export function fold(text: string): string {
  if (isFolded(text)) return text;
  const seen = plainAscii.test(text)
    ? text
    : text.replace(unseen, '').normalize('NFKC').replace(otherDigits, asciiDigit);
  return singleBlanks(seen.toLowerCase()).trim();
}

/** Digits of one script stand in a row, from zero to nine. */
function asciiDigit(digit: string): string {
  const found = digitsKnown.get(digit);
  if (found !== undefined) return found;
  const point = digit.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 9 && decimal.test(String.fromCodePoint(point - value - 1))) value++;
  digitsKnown.set(digit, String(value));
  return String(value);
}

/** There are some hundred of them. */
const digitsKnown = new Map<string, string>();

/** Most short values: printable ASCII without a capital, and no blanks but single ones between others. */
function isFolded(text: string): boolean {
  let before = blank;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < blank || unit > 0x7e || (unit >= 0x41 && unit <= 0x5a)) return false;
    if (unit === blank && before === blank) return false;
    before = unit;
  }
  return before !== blank;
}

const blank = 0x20;

/** Numbers of accounts, cards and telephones are written with and without blanks, dashes, dots and brackets. */
export function squeezed(folded: string): string {
  return folded.replace(separators, '');
}

/** True for what reads as one number whatever its grouping: mostly digits, and nothing but digits, letters and separators. */
export function isGrouped(folded: string): boolean {
  // Most values are short and hold fewer digits; a long one is told by its first sign that does not belong there.
  if ((folded.length <= 64 && digitsIn(folded) < groupedDigitsMin) || !grouped.test(folded)) return false;
  const digits = digitsIn(folded);
  return digits >= groupedDigitsMin && digits * 2 >= squeezed(folded).length;
}

/** More words than this, with single blanks between them. */
export function isLongerThan(text: string, words: number): boolean {
  let count = 1;
  for (let at = text.indexOf(' '); at >= 0 && count <= words; at = text.indexOf(' ', at + 1)) count++;
  return count > words;
}

/** ASCII digits. */
export function digitsIn(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 0x30 && unit <= 0x39) count++;
  }
  return count;
}

/** Letters and digits alone. */
export function bared(text: string): string {
  return fold(text).replace(noLetterOrDigit, '');
}
