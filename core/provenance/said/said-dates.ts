const months = ['jan', 'feb', 'mar', 'apr', 'ma[yi]', 'jun', 'jul', 'aug', 'sep', 'o[ck]t', 'nov', 'de[cz]'];

const year = '((?:19|20)\\d\\d)\\b';
const dayMonth = new RegExp(
  `\\b(\\d{1,2})(?:st|nd|rd|th|\\.)?\\s+(?:of\\s+|de\\s+)?(${months.join('|')})\\p{L}*(?:\\.?\\s+(?:de\\s+)?${year})?`,
  'gu',
);
const monthDay = new RegExp(
  `\\b(${months.join('|')})\\p{L}*\\.?\\s+(\\d{1,2})(?:st|nd|rd|th)?\\b(?:,?\\s+${year})?`,
  'gu',
);
/** `3 to 5 March`, `3rd and 5th of March`: the first day of the two. */
const firstOfTwo = new RegExp(
  `\\b(\\d{1,2})(?:st|nd|rd|th|\\.)?\\s*(?:-|–|to|and|until|till|bis|und|al?|au|et|y|e|t\\/m|tot|en)\\s*(\\d{1,2})(?:st|nd|rd|th|\\.)?\\s+(?:of\\s+|de\\s+)?(${months.join('|')})\\p{L}*(?:\\.?\\s+(?:de\\s+)?${year})?`,
  'gu',
);
/** `12.3.`, `31-12-2026`, `21/05/2026`: the day first, as most of the world writes it. */
const dayInDigits = /(?<![\d./-])(\d{1,2})([./-])(\d{1,2})(?:\2((?:19|20)\d\d)(?!\d)|\.(?!\d))/gu;
const isoDay = /(?<![\p{L}\p{N}-])((?:19|20)\d\d)-(\d\d)-(\d\d)(?!\d|-\d)/gu;
const ordinal = /\bthe\s+(\d{1,2})(?:st|nd|rd|th)\b/gu;

/**
 * The days that a text names: `5-2` for the second of May, `5-2-2026` where it says the year too, and `2` for "the 2nd". Folded.
 */
export function saidDates(folded: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [, day, month, of] of folded.matchAll(dayMonth)) found.add(keyOf(numberOf(month), day, of));
  for (const [, month, day, of] of folded.matchAll(monthDay)) found.add(keyOf(numberOf(month), day, of));
  for (const [, day, , month, of] of folded.matchAll(firstOfTwo)) found.add(keyOf(numberOf(month), day, of));
  for (const [, day, , month, of] of folded.matchAll(dayInDigits)) found.add(keyOf(Number(month), day, of));
  for (const [, of, month, day] of folded.matchAll(isoDay)) found.add(keyOf(Number(month), day, of));
  for (const [, day] of folded.matchAll(ordinal)) found.add(String(Number(day)));
  return found;
}

function keyOf(month: number, day: string | undefined, year: string | undefined): string {
  return year === undefined ? `${month}-${Number(day)}` : `${month}-${Number(day)}-${year}`;
}

function numberOf(month: string | undefined): number {
  return months.findIndex(pattern => new RegExp(`^${pattern}`, 'u').test(month ?? '')) + 1;
}

/**
 * A date of a call (`2026-05-02`, with or without a time) is one that was said: that day of the year that was said, or of any where
 * none was. Which year is likely then takes a clock (`farYear`).
 */
export function isSaidDate(folded: string, said: ReadonlySet<string>): boolean {
  const [, of, month, day] = isoDate.exec(folded) ?? [];
  if (of === undefined || month === undefined || day === undefined) return false;
  const key = keyOf(Number(month), day, undefined);
  return said.has(`${key}-${of}`) || said.has(key) || said.has(String(Number(day)));
}

const isoDate = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:$|[t ])/;

/** `on Friday`, `tomorrow`, `the night after`, in the languages whose verbs are known. */
export function saysRelativeDay(folded: string): boolean {
  return relative.test(folded);
}

const relative =
  /(?<!\p{L})(?:today|tonight|tomorrow|yesterday|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|weekend|week|heute|morgen|gestern|(?:mon|diens|donners|frei|sams|sonn)tags?|mittwochs?|wochenende|woche|hoy|mañana|ayer|lunes|martes|miércoles|jueves|viernes|sábado|domingo|semana|aujourd'hui|demain|hier|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|semaine|oggi|domani|ieri|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|settimana|vandaag|gisteren|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|hoje|amanhã|ontem|(?:day|night|month|year) (?:after|before|later|earlier)|(?:next|last|this) (?:month|year|night|day)|(?:days?|nights?|months?) longer)(?!\p{L})/u;

/** Of a date of a call, the same day of the other years that were said: `2026-11-01`. */
export function otherYears(folded: string, said: ReadonlySet<string>): readonly string[] {
  const [, of, month, day] = isoDate.exec(folded) ?? [];
  if (of === undefined || month === undefined || day === undefined) return [];
  const key = `${keyOf(Number(month), day, undefined)}-`;
  const years = [...said].filter(one => one.startsWith(key)).map(one => one.slice(key.length));
  return years.filter(one => one !== of).map(one => `${one}-${month}-${day}`);
}

/** The year of a date of a call that lies more than a year before or after `now`, milliseconds since the epoch. */
export function farYear(folded: string, now: number): string | undefined {
  const [, of, month, day] = isoDate.exec(folded) ?? [];
  if (of === undefined) return undefined;
  const away = Math.abs(Date.UTC(Number(of), Number(month) - 1, Number(day)) - now);
  return away > yearMillis ? of : undefined;
}

/** A leap year, and a day for where on earth it is which day. */
const yearMillis = 367 * 24 * 3_600_000;
