import { maySecret } from '../journal/secret-scan.ts';
import { assignment, isSecretName, looksRandom, secretShapes } from '../journal/secret-signs.ts';

/** What an action's arguments would give away, whoever gets them: also where it is encoded. */
export interface LeakFacts {
  /** Kinds of secrets: the rule's name (`aws-key`, `pem`, …) or `assignment`. Never the secret. */
  readonly secrets: readonly string[];
  /** Kinds of personal numbers, each with a right check digit: `card`, `iban`. */
  readonly personal: readonly string[];
  /** Some of it was found only after decoding. */
  readonly encoded: boolean;
}

/** Text beyond this is not searched; it is then `unsearched`, which counts as a secret. */
export const leakCharsMax = 1_048_576;
const decodedMax = 64;

export function readLeak(texts: readonly string[]): LeakFacts {
  const secrets = new Set<string>();
  const personal = new Set<string>();
  let encoded = false;
  let chars = 0;
  for (const text of texts) {
    chars += text.length;
    if (chars > leakCharsMax) {
      secrets.add('unsearched');
      break;
    }
    const before = secrets.size + personal.size;
    search(text, secrets, personal);
    const plain = secrets.size + personal.size;
    for (const inner of decodings(text)) search(inner, secrets, personal);
    encoded ||= secrets.size + personal.size > plain && plain === before;
  }
  return { secrets: [...secrets], personal: [...personal], encoded };
}

function search(text: string, secrets: Set<string>, personal: Set<string>): void {
  if (maySecret(text)) {
    for (const { rule, pattern } of secretShapes) {
      pattern.lastIndex = 0;
      if (pattern.test(text)) secrets.add(rule);
      pattern.lastIndex = 0;
    }
    for (const [, name = '', quoted, bare] of text.matchAll(assignment))
      if (isSecretName(name) && isKept(quoted ?? bare ?? '')) secrets.add('assignment');
  }
  if (cards(text)) personal.add('card');
  if (ibans(text)) personal.add('iban');
}

/** `password=changeme` in a manual is no secret: what is one is long, or mixed. */
function isKept(value: string): boolean {
  return looksRandom(value) || (value.length >= 8 && /\d/.test(value) && /[A-Za-z]/.test(value));
}

/** Base64, hex and percent-encoded runs of a text, decoded: one step, long ones only, printable ones only. */
export function* decodings(text: string): Generator<string> {
  let count = 0;
  if (/%[0-9a-f]{2}/i.test(text)) yield text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => charOf(hex));
  for (const [run] of text.matchAll(/(?:[0-9a-f]{2}){12,}/gi)) {
    if (++count > decodedMax) return;
    const bytes = run.replace(/../g, charOf);
    if (isPrintable(bytes)) yield bytes;
  }
  for (const [run] of text.matchAll(/[\w+/-]{16,}={0,2}/g)) {
    if (++count > decodedMax) return;
    const bytes = base64Text(run);
    if (bytes !== undefined && isPrintable(bytes)) yield bytes;
  }
}

function charOf(hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}

function base64Text(run: string): string | undefined {
  try {
    const standard = run.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
    return atob(standard.slice(0, standard.length - (standard.length % 4 === 1 ? 1 : 0)));
  } catch {
    return undefined;
  }
}

function isPrintable(text: string): boolean {
  return /^[\t\n\r\x20-\x7e]+$/.test(text);
}

/** 13 to 19 digits in groups, with a right check digit (ISO/IEC 7812-1 annex B, "Luhn"), of a known first digit. */
function cards(text: string): boolean {
  for (const [run] of text.matchAll(/(?<![\d.])[2-6]\d{3}(?:[ -]?\d{3,4}){2,4}(?![\d.])/g)) {
    const digits = run.replace(/\D/g, '');
    if (digits.length >= 13 && digits.length <= 19 && new Set(digits).size > 3 && luhn(digits)) return true;
  }
  return false;
}

function luhn(digits: string): boolean {
  let sum = 0;
  for (let at = digits.length - 1, even = false; at >= 0; at--, even = !even) {
    const digit = digits.charCodeAt(at) - 48;
    sum += even ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit;
  }
  return sum % 10 === 0;
}

/** ISO 13616: two letters, two check digits, up to 30 more; the whole is 1 modulo 97. */
function ibans(text: string): boolean {
  for (const [run] of text.matchAll(/\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b/g)) {
    const plain = run.replaceAll(' ', '');
    for (let end = plain.length; end >= 15; end--)
      if (mod97(plain.slice(4, end) + plain.slice(0, 4)) === 1) return true;
  }
  return false;
}

function mod97(text: string): number {
  let rest = 0;
  for (const char of text) rest = Number(`${rest}${Number.parseInt(char, 36)}`) % 97;
  return rest;
}
