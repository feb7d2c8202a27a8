/** Lower case, white space as single spaces: what two spellings of one value have in common. */
export function normalised(text: string): string {
  return text.toLowerCase().replace(/\s+/g, ' ').trim();
}

const wordCharacter = /[\p{L}\p{N}]/u;

/** True if `part` stands in `text` and neither end of it cuts a word. Both are normalised. */
export function containsText(text: string, part: string): boolean {
  if (part === '') return false;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
    if (!cuts(text[at - 1], part[0]) && !cuts(part.at(-1), text[at + part.length])) return true;
  }
  return false;
}

function cuts(left: string | undefined, right: string | undefined): boolean {
  return left !== undefined && right !== undefined && wordCharacter.test(left) && wordCharacter.test(right);
}

/**
 * True if the number stands in `text`, not as a part of a longer one. `1000` is also found as `1,000` and `1000.00`;
 * `50` is not found in `150`, `50.5` or `x50y`.
 */
export function containsNumber(text: string, number: string): boolean {
  const [whole = '', fraction] = number.replace('-', '').split('.', 2);
  if (!/^\d+$/.test(whole)) return containsText(text, number);
  const digits = whole.replace(/\d(?=(?:\d{3})+$)/g, '$&,?');
  const end = fraction === undefined ? '(?:[.,]0{1,2})?' : `[.,]${fraction.replace(/\D/g, '')}0*`;
  return new RegExp(`(?<![\\p{L}\\d]|\\d[.,])${digits}${end}(?![\\p{L}\\d]|[.,]\\d)`, 'u').test(text);
}
