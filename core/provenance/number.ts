/** `1,250.00` and `1250.0` are `1250`; undefined for what is no number, or holds leading zeros. */
export function plainNumber(folded: string): string | undefined {
  if (!/^-?(?:0|[1-9]\d{0,2}(?:,?\d{3})*)(?:\.\d+)?$/.test(folded)) return undefined;
  const plain = folded.replaceAll(',', '');
  return plain.includes('.') ? plain.replace(/\.?0+$/, '') : plain;
}

/** True if the number stands in `text`: see `numberTest`. */
export function containsNumber(text: string, number: string): boolean {
  return numberTest(number)(text);
}

/**
 * Whether the number stands in a text, not as a part of a longer one. `1000` is also found as `1,000` and `1000.00`;
 * `50` is not found in `150`, `50.5` or `x50y`.
 */
export function numberTest(number: string): (text: string) => boolean {
  const [whole = '', fraction] = number.replace('-', '').split('.', 2);
  if (!/^\d+$/.test(whole)) return text => text.includes(number);
  const digits = whole.replace(/\d(?=(?:\d{3})+$)/g, '$&,?');
  const end = fraction === undefined ? '(?:[.,]0{1,2})?' : `[.,]${fraction.replace(/\D/g, '')}0*`;
  const pattern = new RegExp(`(?<![\\p{L}\\d]|\\d[.,])${digits}${end}(?![\\p{L}\\d]|[.,]\\d)`, 'u');
  const first = whole.slice(0, 1);
  return text => text.includes(first) && pattern.test(text);
}
