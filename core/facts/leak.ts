import { maySecret } from '../journal/secret-scan.ts';
import { assignment, isSecretName, looksRandom, secretShapes } from '../journal/secret-signs.ts';
import { bankNumbersIn } from './bank-numbers.ts';

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
const leakCharsMax = 1_048_576;

/** `all`: these are all texts that there are. */
export function readLeak(texts: readonly string[], all = true): LeakFacts {
  const secrets = new Set<string>(all ? [] : ['unsearched']);
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
  for (const { kind } of bankNumbersIn(text)) personal.add(kind);
}

/** `password=changeme` in a manual is no secret: what is one is long, or mixed. */
function isKept(value: string): boolean {
  return looksRandom(value) || (value.length >= 8 && /\d/.test(value) && /[A-Za-z]/.test(value));
}

/** Base64, hex and percent-encoded runs of a text, decoded: one step, long ones only, printable ones only. */
export function* decodings(text: string): Generator<string> {
  if (/%[0-9a-f]{2}/i.test(text)) yield text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => charOf(hex));
  for (const [run] of text.matchAll(/(?:[0-9a-f]{2}){12,}/gi)) {
    const bytes = run.replace(/../g, charOf);
    if (isPrintable(bytes)) yield bytes;
  }
  for (const [run] of text.matchAll(/[\w+/-]{16,}={0,2}/g)) {
    const bytes = base64Text(run);
    if (bytes !== undefined && isPrintable(bytes)) yield bytes;
  }
}

function charOf(hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}

function base64Text(run: string): string | undefined {
  try {
    const standard = run
      .replaceAll('-', '+')
      .replaceAll('_', '/')
      .replace(/(?<!=)=+$/, '');
    return atob(standard.slice(0, standard.length - (standard.length % 4 === 1 ? 1 : 0)));
  } catch {
    return undefined;
  }
}

function isPrintable(text: string): boolean {
  return /^[\t\n\r\x20-\x7e]+$/.test(text);
}
