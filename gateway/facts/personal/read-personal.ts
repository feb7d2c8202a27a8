import { bankNumbersIn } from '@sallyport/core/facts/bank-numbers.ts';
import type { PersonalSpan } from '@sallyport/core/facts/personal.ts';

/** What libraries know about numbers of people. */
export interface NumberBooks {
  /** An international number, `+44 20 7946 0958`, that its country's numbering plan has. */
  readonly isPhone: (text: string) => boolean;
  /**
   * A person's number in some country's register, with right check digits where it has them: `written` as that country
   * writes it, or `bare` in digits alone, which many a number is by chance.
   */
  readonly nationalId: (text: string) => 'written' | 'bare' | undefined;
}

/** Numbers of one text that registers are asked about; each costs most of a millisecond. */
const registersAskedMax = 200;

const email = /[\p{L}\p{N}.!#$%&*+/=?^_{|}~-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.)+[\p{L}\p{N}-]{2,63}/gu;
const international = /(?<![\p{L}\p{N}+])\+\d[\d\s().-]{6,22}\d/gu;
/** A number in its country's own form is one of a telephone only where something says so. */
const calledPhone =
  /\b(?:phones?|telephone|tel|mobile|cell(?:ular)?|fax|whatsapp|telefon|t[ée]l[ée]phone|tel[ée]fono|telefone|handy|dial|call)\b[^\d\n+]{0,24}?((?:\(\d{1,5}\)|\d)[\d\s().-]{4,18}\d)/giu;
const phoneName = /(?:^|[_\W])(?:phone|telephone|tel|mobile|cell|fax|whatsapp)(?:$|[_\W]|number|no$)|Phone|Mobile|Fax/i;
/** Groups of digits, or of digits and letters, set apart as registers write them; never a date. */
const numbered =
  /(?<![\p{L}\p{N}.@/_-])(?=[\p{L}\p{N}./-]*\d[\p{L}\p{N}./-]*\d)[\p{L}\p{N}][\p{L}\p{N}./-]{6,18}[\p{L}\p{N}](?![\p{L}\p{N}@/_-])/gu;
const date = /^(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4})$/;
const calledId =
  /(?:\bssn\b|social.?security|national.?(?:id|insurance|number)|identity.?(?:card|number)|personal.?(?:id|number|code)|tax.?(?:id|number)|\bnino\b|\bcpf\b|passport|personnummer|steuer-?id|codice.?fiscale)/i;
const callCharsMax = 40;

/** Addresses and numbers of people in a text, longest first where two begin at one place. */
export function readPersonal(text: string, name: string | undefined, books: NumberBooks): PersonalSpan[] {
  const found: PersonalSpan[] = [...bankNumbersIn(text)];
  if (text.includes('@'))
    for (const { 0: run, index } of text.matchAll(email))
      found.push({ kind: 'email', start: index, end: index + run.length });
  if (/\d{2}/.test(text)) found.push(...phonesIn(text, name, books), ...idsIn(text, name, books));
  return inOrder(found);
}

function* phonesIn(text: string, name: string | undefined, { isPhone }: NumberBooks): Generator<PersonalSpan> {
  for (const { 0: run, index } of text.matchAll(international))
    if (isPhone(run)) yield { kind: 'phone', start: index, end: index + run.length };
  for (const { 0: run, 1: number = '', index } of text.matchAll(calledPhone))
    if (countOfDigits(number) >= 7 && !date.test(number.trim()))
      yield { kind: 'phone', start: index + run.length - number.length, end: index + run.length };
  const whole = text.trim();
  if (name !== undefined && phoneName.test(name) && /^[+\d\s().-]{6,24}$/.test(whole) && countOfDigits(whole) >= 6)
    yield { kind: 'phone', start: 0, end: text.length };
}

function* idsIn(text: string, name: string | undefined, { nationalId }: NumberBooks): Generator<PersonalSpan> {
  let asked = 0;
  for (const { 0: run, index } of text.matchAll(numbered)) {
    if (countOfDigits(run) < 5 || date.test(run)) continue;
    const before = `${name ?? ''} ${text.slice(Math.max(0, index - callCharsMax), index)}`;
    const isCalled = calledId.test(before);
    // Digits alone, and digits behind one word, are what orders and invoices have as well.
    const isTelling = /\d[./-]\d/.test(run) || /^\p{L}{2,}\d+\p{L}[\p{L}\d]*$/u.test(run);
    if (!isCalled && !isTelling) continue;
    if (asked++ >= registersAskedMax) return;
    const how = nationalId(run);
    if (how === 'written' || (isCalled && how === 'bare'))
      yield { kind: 'national-id', start: index, end: index + run.length };
  }
}

function countOfDigits(text: string): number {
  return text.replace(/\D/g, '').length;
}

function inOrder(found: readonly PersonalSpan[]): PersonalSpan[] {
  const kept: PersonalSpan[] = [];
  for (const span of found.toSorted((a, b) => a.start - b.start || b.end - a.end))
    if (span.start >= (kept.at(-1)?.end ?? 0)) kept.push(span);
  return kept;
}
