import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Secrets that the gateway makes itself: a prefix that says what it opens (so that a leaked one is recognised) and 256
 * random bits in base64url. Nobody chooses one: a short, shared or placeholder secret cannot come about, and one that
 * was put into a file by hand is refused (D-9).
 */
export type SecretPrefix =
  /** The operator's key. */
  | 'spo'
  /** An agent's bearer token. */
  | 'spa'
  /** A local client entry's secret. */
  | 'spe'
  /** A task token. */
  | 'spt'
  /** The key of the digests of actions. */
  | 'spd'
  /** A sign-in link of the console, used once. */
  | 'spl'
  /** A link in a message to one person: one question, once. */
  | 'spq'
  /** A signed-in session of the console. */
  | 'sps';

export function newSecret(prefix: SecretPrefix): string {
  return `${prefix}_${randomBytes(32).toString('base64url')}`;
}

/** SHA-256, base64url: what is kept of a secret that only has to be recognised. 256 random bits need no salt. */
export function secretHash(secret: string): string {
  return hash('sha256', secret, 'base64url');
}

/** Constant in time whatever the two hold and however long they are. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'));
}

/** Of 43 random characters fewer than this many different ones do not happen; of a hand-made text they do. */
const differentCharsMin = 16;

export function isWellMade(prefix: SecretPrefix, text: string): boolean {
  const match = /^(sp[oaetdls])_([A-Za-z0-9_-]{43})$/.exec(text);
  return match?.[1] === prefix && new Set(match[2]).size >= differentCharsMin;
}
