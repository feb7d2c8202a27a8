const months = ['jan', 'feb', 'mar', 'apr', 'ma[yi]', 'jun', 'jul', 'aug', 'sep', 'o[ck]t', 'nov', 'de[cz]'];

const dayMonth = new RegExp(
  `\\b(\\d{1,2})(?:st|nd|rd|th|\\.)?\\s+(?:of\\s+|de\\s+)?(${months.join('|')})\\p{L}*`,
  'gu',
);
const monthDay = new RegExp(`\\b(${months.join('|')})\\p{L}*\\.?\\s+(\\d{1,2})(?:st|nd|rd|th)?\\b`, 'gu');
const ordinal = /\bthe\s+(\d{1,2})(?:st|nd|rd|th)\b/gu;

/** The days that a text names, as `5-2` for the second of May and `2` for "the 2nd". Folded. */
export function saidDates(folded: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [, day, month] of folded.matchAll(dayMonth)) found.add(`${numberOf(month)}-${Number(day)}`);
  for (const [, month, day] of folded.matchAll(monthDay)) found.add(`${numberOf(month)}-${Number(day)}`);
  for (const [, day] of folded.matchAll(ordinal)) found.add(String(Number(day)));
  return found;
}

function numberOf(month: string | undefined): number {
  return months.findIndex(pattern => new RegExp(`^${pattern}`, 'u').test(month ?? '')) + 1;
}

/** A date of a call (`2026-05-02`, with or without a time) is one that was said. */
export function isSaidDate(folded: string, said: ReadonlySet<string>): boolean {
  const [, month, day] = /^\d{4}-(\d{1,2})-(\d{1,2})(?:$|[t ])/.exec(folded) ?? [];
  if (month === undefined || day === undefined) return false;
  return said.has(`${Number(month)}-${Number(day)}`) || said.has(String(Number(day)));
}
