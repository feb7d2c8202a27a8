import { digitsIn } from './fold.ts';

/** What a value is by its looks alone. */
export type Shape =
  | 'email'
  | 'url'
  | 'host'
  | 'phone'
  | 'account'
  | 'handle'
  | 'path'
  | 'id'
  | 'date'
  | 'number'
  | 'word'
  | 'phrase';

const email = /^(?:[a-z]{2,16}:)?[\p{L}\p{N}.!#$%&*+/=?^_{|}~-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.)+[\p{L}\p{N}-]{2,63}$/u;
const named = /^[\p{L} ."',-]{1,64}<[^<>\s][^<>\s@]*@[^<>\s]+>$/u;
const url = /^(?:[a-z][a-z0-9+.-]{1,20}:\/\/|www\.)\S+$/;
const endings =
  'com|net|org|edu|gov|mil|int|io|dev|app|info|biz|name|pro|me|co|ai|xyz|site|online|link|click|top|shop|store|tech|cloud|page|blog|live|news|space|website|example|test|local|internal|invalid|ru|cn|jp|uk|de|fr|ch|at|it|es|nl|be|pl|se|no|fi|dk|eu|us|ca|au|br|in|ie|pt|cz|kr|tv|cc|to|ly|gg';
const host = new RegExp(
  `^(?:[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]{0,62})\\.)+(?:${endings})\\.?(?::\\d{1,5})?(?:/\\S*)?$`,
  'u',
);
const address = /^\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?:\/\S*)?$/;
const iban = /^[a-z]{2}\d{2}(?: ?[a-z0-9]){10,30}$/;
const date =
  /^(?:\d{4}-\d{1,2}(?:-\d{1,2})?(?:[t ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:z| ?[+-]\d{2}:?\d{2})?)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]m)?)$/;
const fileEnding = /\.(?:[a-z]{2,4}\d?|md|7z)$/;
const commonFiles =
  /\.(?:docx?|xlsx?|pptx?|pdf|txt|csv|tsv|md|json|ya?ml|xml|html?|png|jpe?g|gif|svg|zip|gz|tar|log|py|js|ts|sh|sql|ini|cfg|toml|conf|eml|ics|mp[34]|wav|parquet|ipynb)$/;

const number = /^[+-]?\d[\d,]*(?:\.\d+)?$/;
const longNumber = /\d{4}/;
const wallet = /^0x[0-9a-f]{20,64}$/;
const phone = /^\+?[\d\s().-]{7,22}$/;
const handle = /^@[\p{L}\p{N}_.-]{2,64}$/u;
const space = /\s/;
const slash = /[/\\]/;
const digit = /\d/;
const besideDigits = /[\p{L}_#:-]/u;
const idSign = /[_:#]/;
/** What has none of these is made of words. */
const telling = /[\d@<.:/\\_#]/;

const [plus, minus, atSign] = [0x2b, 0x2d, 0x40];
const phoneCharsMax = 23;

/**
 * `folded`: see `fold`. Its patterns stand outside: one that stands in a function is an object anew at each use. Each is asked only
 * about what has the sign that it cannot do without.
 */
export function shapeOf(folded: string): Shape {
  if (!telling.test(folded)) return space.test(folded) ? 'phrase' : 'word';
  const first = folded.charCodeAt(0);
  const isNumeral = first >= 0x30 && first <= 0x39;
  const hasDot = folded.includes('.');
  if (isNumeral && date.test(folded)) return 'date';
  if ((isNumeral || first === plus || first === minus) && number.test(folded))
    return digitsIn(folded) > 9 ? 'account' : 'number';
  if (folded.includes('@') && (email.test(folded) || named.test(folded))) return 'email';
  if ((hasDot || folded.includes(':')) && url.test(folded)) return 'url';
  if (iban.test(folded) && longNumber.test(folded)) return 'account';
  if (isNumeral && wallet.test(folded)) return 'account';
  if (hasDot && isNumeral && address.test(folded)) return 'host';
  if (hasDot && host.test(folded) && !commonFiles.test(folded)) return 'host';
  if (folded.length <= phoneCharsMax && digitsIn(folded) >= 7 && phone.test(folded)) return 'phone';
  if (first === atSign && handle.test(folded)) return 'handle';
  if (!space.test(folded)) {
    if (slash.test(folded) || fileEnding.test(folded)) return 'path';
    if (digit.test(folded) && besideDigits.test(folded)) return 'id';
    if (idSign.test(folded)) return 'id';
    return 'word';
  }
  return 'phrase';
}

/** Shapes of values that say where something goes. */
export function isAddress(shape: Shape): boolean {
  return addresses.has(shape);
}

const addresses: ReadonlySet<Shape> = new Set(['email', 'url', 'host', 'phone', 'account', 'handle']);

const embeddedUrl = /\b(?:[a-z][a-z0-9+.-]{1,20}:\/\/|www\.)[^\s<>"'`{}|^\])]+/gi;
const embeddedEmail = /[\p{L}\p{N}.!#$%&*+/=?^_{|}~-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.)+[\p{L}\p{N}-]{2,63}/gu;
const embeddedIban = /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g;
/** In a folded text its words follow in the same case: behind the bank a group has a digit. */
const foldedIban =
  /\b[a-z]{2}\d{2}(?: ?[a-z]{4})?(?: ?(?=[a-z]{0,3}\d)[a-z0-9]{4}){2,7}(?: ?(?=[a-z]{0,2}\d)[a-z0-9]{1,3})?\b/g;
const embeddedPhone = /(?<![\p{L}\p{N}.-])\+?\(?\d{2,4}\)?(?:[ .-]?\d{2,4}){2,5}(?![\p{L}\p{N}-])/gu;
const embeddedHost = new RegExp(
  `(?<![\\p{L}\\p{N}.@/-])(?:[\\p{L}\\p{N}-]{2,63}\\.)+(?:${endings})\\b(?:/[^\\s<>"'\`{}|^\\])]*)?`,
  'giu',
);

/** Addresses inside a longer text: links, mail addresses, accounts and telephone numbers, as they stand there. */
export function addressesIn(text: string, max: number): string[] {
  return matchesIn(text, max, embedded);
}

/** The same in a folded text, and all of them: one that a bound leaves out could be any. */
export function foldedAddressesIn(folded: string): string[] {
  return matchesIn(folded, Number.POSITIVE_INFINITY, embeddedFolded);
}

function matchesIn(text: string, max: number, sorts: typeof embedded): string[] {
  const signs = addressSignsIn(text);
  if (signs === 0) return [];
  let matches: Set<string> | undefined;
  for (const { pattern, sign, needs } of sorts) {
    if ((signs & sign) === 0 || !needs.test(text)) continue;
    for (const [match] of text.matchAll(pattern)) {
      if ((matches?.size ?? 0) >= max) break;
      const value = match.replace(lastSigns, '');
      if (pattern === embeddedPhone && isDateOrSmall(value)) continue;
      matches ??= new Set();
      matches.add(value);
    }
  }
  return matches === undefined ? [] : [...matches];
}

const lastSigns = /(?<![.,;:!?])[.,;:!?]+$/;

/** Bits for signs that an address cannot do without: a dot, a colon, an `@`, two digits, six of them. */
const [dot, colon, ampersat, twoDigits, sixDigits] = [1, 2, 4, 8, 16];

/** Most texts have none: what an address cannot do without is looked for first, and costs next to nothing. */
const embedded = [
  { pattern: embeddedUrl, sign: dot | colon, needs: /:\/\/|www\./i },
  { pattern: embeddedEmail, sign: ampersat, needs: /@/ },
  { pattern: embeddedIban, sign: twoDigits, needs: /[A-Z]{2}\d\d/ },
  { pattern: embeddedHost, sign: dot, needs: /\./ },
  { pattern: embeddedPhone, sign: sixDigits, needs: /\d\d\)?[ .-]?\d{2,4}[ .-]?\d\d/ },
];
const embeddedFolded = embedded.map(one =>
  one.pattern === embeddedIban ? { pattern: foldedIban, sign: twoDigits, needs: /[a-z]{2}\d\d/ } : one,
);

function addressSignsIn(text: string): number {
  let signs = 0;
  let digits = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 0x40) continue;
    if (unit === 0x2e) signs |= dot;
    else if (unit === 0x3a) signs |= colon;
    else if (unit === 0x40) signs |= ampersat;
    else if (unit >= 0x30 && unit <= 0x39) digits++;
  }
  return signs | (digits >= 2 ? twoDigits : 0) | (digits >= 6 ? sixDigits : 0);
}

function isDateOrSmall(text: string): boolean {
  return (
    digitsIn(text) < 7 ||
    date.test(text.toLowerCase()) ||
    /^\d{4}-\d{2}-\d{2}/.test(text) ||
    /^\d{1,2}[.-]\d{1,2}[.-]\d{2,4}/.test(text)
  );
}

/** A link without what makes no difference to where it leads: scheme, `www.`, a last slash. */
export function bareAddress(folded: string): string {
  if (!addressSign.test(folded)) return folded;
  const plain = folded.replace(mailScheme, '');
  return (displayedIn(plain)?.address ?? plain).replace(scheme, '').replace(worldWideWeb, '').replace(lastSteps, '');
}

/** What has none of these is as bare as it can be. */
const addressSign = /[:<./]/;
const mailScheme = /^[a-z]{2,16}:(?=[^/\s]+@)/;
const scheme = /^[a-z][a-z0-9+.-]{1,20}:\/\//;
const worldWideWeb = /^www\./;
const lastSteps = /(?<![/.])[/.]+$/;

/** `ann lee <ann@example.org>`: what is shown for an address, and the address. */
export function displayedIn(folded: string): { readonly name: string; readonly address: string } | undefined {
  const open = folded.endsWith('>') ? folded.lastIndexOf('<') : -1;
  if (open < 0) return undefined;
  const address = folded.slice(open + 1, -1);
  const at = address.indexOf('@', 1);
  if (at < 0 || at === address.length - 1 || address.includes('>')) return undefined;
  return { name: folded.slice(0, open), address };
}

/**
 * `example.org` of `https://www.example.org:8443/a?b`, and of `ann@example.org`. With a backslash in it whatever stands there, which is
 * nobody's name: of `a.example\@b.example` readers take the one or the other.
 */
export function hostIn(folded: string): string {
  const named = /^[^/?#]*/.exec(bareAddress(folded))?.[0] ?? '';
  return named.includes('\\') ? named : named.replace(/^.*@/, '').replace(/:\d{1,5}$/, '');
}
