const plainWhole = /^[1-9]\d{0,14}$/;
const groupedDecimal = /^-?(?:0|[1-9]\d{0,2}(?:,?\d{3})*)(?:\.\d+)?$/;

/** `1,250.00` and `1250.0` are `1250`; undefined for what is no number, or holds leading zeros. */
export function plainNumber(folded: string): string | undefined {
  if (plainWhole.test(folded)) return folded;
  if (!groupedDecimal.test(folded)) return undefined;
  const plain = folded.replaceAll(',', '');
  return plain.includes('.') ? plain.replace(/(?:\.|(?<![.0]))0+$/, '') : plain;
}

/**
 * The numbers of a text, plain, none of them a part of a longer one or of a word: `1,250.00` is in it as `1250`, and `50` is
 * not in `150`, `50.5` or `x50y`.
 */
export function numbersIn(text: string): Set<string> {
  const found = new Set<string>();
  for (const [match] of text.matchAll(numbers)) found.add(plainNumber(match) ?? match);
  // `84,20` and `1.250,00`, as much of Europe writes them.
  for (const [match] of text.matchAll(commaNumbers)) {
    const dotted = match.replaceAll('.', '').replace(',', '.');
    found.add(plainNumber(dotted) ?? dotted);
  }
  return found;
}

const commaNumbers = /(?<![\p{L}\d.,])\d{1,3}(?:\.?\d{3})*,\d{1,2}(?![\p{L}\d]|[.,]\d)/gu;
const numbers = /(?<![\p{L}\d]|\d[.,])\d+(?:,\d{3})*(?:\.\d+)?(?![\p{L}\d]|[.,]\d)/gu;

const quantity = /^(?:([a-z]{3}|[€$£¥]) ?)?(-?\d[\d.,]*\d|-?\d)(?: ?([a-z]{1,4}|[€$£¥%]))?$/;

/** `1,900 EUR`, `€ 12`, `4.5 kg`: how much, and of what. Folded. */
export function measured(folded: string): { readonly number: string; readonly unit: string } | undefined {
  const match = quantity.exec(folded);
  if (match === null) return undefined;
  const [, before, number = '', after] = match;
  const unit = before ?? after;
  if (unit === undefined || (before !== undefined && after !== undefined)) return undefined;
  const [plain] = numbersIn(number);
  return plain === undefined ? undefined : { number: plain, unit };
}
