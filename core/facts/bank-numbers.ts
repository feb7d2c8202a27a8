/** A number that somebody can be charged or paid by, and where in a text it stands. */
export interface BankNumber {
  readonly kind: 'card' | 'iban';
  readonly start: number;
  readonly end: number;
}

/** Cards and accounts in a text, each with a right check digit. */
export function* bankNumbersIn(text: string): Generator<BankNumber> {
  yield* cards(text);
  yield* ibans(text);
}

/** 13 to 19 digits in groups, with a right check digit (ISO/IEC 7812-1 annex B, "Luhn"), of a known first digit. */
function* cards(text: string): Generator<BankNumber> {
  for (const { 0: run, index } of text.matchAll(/(?<![\d.])[2-6]\d{3}(?:[ -]?\d{3,4}){2,4}(?![\d.])/g)) {
    const digits = run.replace(/\D/g, '');
    if (digits.length >= 13 && digits.length <= 19 && new Set(digits).size > 3 && luhn(digits))
      yield { kind: 'card', start: index, end: index + run.length };
  }
}

function luhn(digits: string): boolean {
  let sum = 0;
  for (let at = digits.length - 1, even = false; at >= 0; at--, even = !even) {
    const digit = digits.charCodeAt(at) - 48;
    sum += even ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit;
  }
  return sum % 10 === 0;
}

/** ISO 13616: two letters, two check digits, up to 30 more; the whole is 1 modulo 97. Words behind it are no part of it. */
function* ibans(text: string): Generator<BankNumber> {
  for (const { 0: run, index } of text.matchAll(/\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b/g))
    for (let end = run.length; end >= 15; end--) {
      const plain = run.slice(0, end).replaceAll(' ', '');
      if (plain.length < 15 || run[end - 1] === ' ') continue;
      if (mod97(plain.slice(4) + plain.slice(0, 4)) !== 1) continue;
      yield { kind: 'iban', start: index, end: index + end };
      break;
    }
}

function mod97(text: string): number {
  let rest = 0;
  for (const char of text) rest = Number(`${rest}${Number.parseInt(char, 36)}`) % 97;
  return rest;
}
