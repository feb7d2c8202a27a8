/** A shorter value is found in answers by accident. */
const secretCharsMin = 8;

/**
 * What must not come back of these secrets, in each spelling in which a server that repeats them would have them: as they are,
 * in JSON, in JSON that is a text in JSON, in base64 and its URL-safe form wherever in a longer text they began, in
 * hexadecimal digits and behind percent signs. Made once, and looked for in every answer.
 */
export function searchable(secrets: readonly string[]): Buffer[] {
  const long = secrets.filter(secret => secret.length >= secretCharsMin);
  // Whoever repeats the longer one repeats the shorter.
  const shortest = long.filter(secret => !long.some(other => other !== secret && secret.includes(other)));
  return [...new Set(shortest.flatMap(spellingsOf))].map(spelling => Buffer.from(spelling));
}

function spellingsOf(secret: string): string[] {
  const hex = Buffer.from(secret).toString('hex');
  const percent = encodeURIComponent(secret.toWellFormed());
  return [
    secret,
    inJson(secret),
    inJson(inJson(secret)),
    ...[0, 1, 2].flatMap(before => base64After(before, secret)),
    hex,
    hex.toUpperCase(),
    percent,
    percent.replace(/%../g, sign => sign.toLowerCase()),
  ];
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Digits that are the secret's alone where so many bytes, or three more each time, stand before it. */
function base64After(before: number, secret: string): string[] {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
  const [first, end] = [Math.ceil((before * 4) / 3), Math.floor((bytes.length * 4) / 3)];
  return [bytes.toString('base64').slice(first, end), bytes.toString('base64url').slice(first, end)];
}

/** True if one of the secrets that went out stands in what came back. */
export function repeatsSecret(bytes: Buffer, { secrets }: { readonly secrets: readonly Buffer[] }): boolean {
  if (secrets.length === 0) return false;
  if (holdsOne(bytes, secrets)) return true;
  const plain = unescaped(bytes);
  return plain !== undefined && holdsOne(plain, secrets);
}

function holdsOne(bytes: Buffer, secrets: readonly Buffer[]): boolean {
  return secrets.some(secret => bytes.includes(secret));
}

const [backslash, slash, smallU, digit0] = Buffer.from('\\/u0') as unknown as [number, number, number, number];

/**
 * Many writers of JSON put an escape in the place of `/`, `+`, `=` or `&`, also in JSON that is a text in JSON: any number of
 * backslashes before `/`, or before `u00` and two digits of a visible sign. Undefined where nothing is written so. Each byte is
 * looked at once: what a server answers must not be able to take longer than it is long.
 */
function unescaped(bytes: Buffer): Buffer | undefined {
  if (!bytes.includes('\\/') && !bytes.includes('\\u00')) return undefined;
  const plain = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; ) {
    const run = at;
    while (bytes[at] === backslash) at++;
    const sign = at === run || bytes[at] === slash ? bytes[at] : signAt(bytes, at);
    if (sign === undefined) {
      // Backslashes that are no part of such an escape stand for themselves.
      length += bytes.copy(plain, length, run, at);
      continue;
    }
    plain[length++] = sign;
    at += at === run || bytes[at] === slash ? 1 : 'u0000'.length;
  }
  return plain.subarray(0, length);
}

/** What `u00` and two digits stand for there, if it is a sign that a secret may have. */
function signAt(bytes: Buffer, at: number): number | undefined {
  if (bytes[at] !== smallU || bytes[at + 1] !== digit0 || bytes[at + 2] !== digit0) return undefined;
  const digits = bytes.toString('latin1', at + 3, at + 5);
  return /^[2-7][0-9a-f]$/i.test(digits) ? Number.parseInt(digits, 16) : undefined;
}
