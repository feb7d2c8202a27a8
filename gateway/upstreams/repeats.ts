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

/** Many writers of JSON put an escape in the place of `/`, `+`, `=` or `&`, also in JSON that is a text in JSON. */
const escaped = /\\+(?:\/|u00([2-7][0-9a-f]))/gi;

/** Undefined where nothing is written so. */
function unescaped(bytes: Buffer): Buffer | undefined {
  if (!bytes.includes('\\/') && !bytes.includes('\\u00')) return undefined;
  const sign = (_: string, code?: string): string =>
    code === undefined ? '/' : String.fromCharCode(Number.parseInt(code, 16));
  return Buffer.from(bytes.toString('latin1').replace(escaped, sign), 'latin1');
}
