import { hash } from 'node:crypto';
import { type KeySet, readKeySet } from '@sallyport/core/identity/key-set.ts';
import type { Instant } from '@sallyport/core/model/ids.ts';
import type { CryptoKey, JWK } from 'jose';
import { PrivateFileError, readPrivate, writePrivate } from '../secret/private-file.ts';

/** The keys that our tokens are signed with (ES256), and what we publish of them. */
export interface SigningKeys {
  /** What to sign with now. */
  readonly current: () => { readonly kid: string; readonly key: CryptoKey };
  /** To verify with: the current key, the one before while its tokens live, and the next one. */
  readonly published: () => KeySet;
  /** JSON text of the JWK set, for `/oauth/jwks`. */
  readonly jwks: () => string;
  /** The next key becomes the current one. Durable once it resolves. */
  readonly rotate: () => Promise<void>;
  /** Rotates if the current key is older than it should become. */
  readonly rotateIfDue: () => Promise<void>;
}

/** A key signs for this long; its successor was published all that time, so that nobody meets an unknown key. */
export const keySecondsMax = 30 * 86_400;
/** Longer than any token lives. */
const keptSeconds = 2 * 86_400;

const es256 = { name: 'ECDSA', namedCurve: 'P-256' };

interface StoredKey {
  readonly jwk: JWK;
  readonly kid: string;
  /** When it began to sign; undefined: it is the next one. */
  readonly since: Instant | undefined;
  /** When it stopped. */
  readonly until: Instant | undefined;
}

/** `knownSince`: keys that signed before that are given up, and their tokens with them: which were revoked is not known. */
export async function openSigningKeys(file: string, now: () => Instant, knownSince: Instant = 0): Promise<SigningKeys> {
  const read = parse(file, readPrivate(file));
  const kept = read.filter(({ since }) => since === undefined || since >= knownSince);
  let stored: readonly StoredKey[] = kept.length < read.length && currentOf(kept) === undefined ? [] : kept;
  if (stored.length === 0) await replace([{ ...(await newKey()), since: now() }, await newKey()]);
  let signing = await signer(stored);
  let set = publishedOf(stored);

  async function replace(next: readonly StoredKey[]): Promise<void> {
    writePrivate(file, `${JSON.stringify({ v: 1, keys: next }, null, 2)}\n`);
    stored = next;
  }

  async function rotate(): Promise<void> {
    const kept = stored.filter(key => key.until === undefined || key.until > now() - keptSeconds * 1000);
    const next = kept.map(key => {
      if (key.until !== undefined) return key;
      return key.since === undefined ? { ...key, since: now() } : { ...key, until: now() };
    });
    await replace([...next, await newKey()]);
    signing = await signer(stored);
    set = publishedOf(stored);
  }

  return {
    current: () => signing,
    published: () => set,
    jwks: () => jwksText(stored),
    rotate,
    rotateIfDue: async () => {
      const since = currentOf(stored)?.since ?? 0;
      if (now() - since > keySecondsMax * 1000) await rotate();
    },
  };
}

async function newKey(): Promise<StoredKey> {
  const { privateKey } = await crypto.subtle.generateKey(es256, true, ['sign', 'verify']);
  const { kty = '', crv = '', x = '', y = '', d = '' } = await crypto.subtle.exportKey('jwk', privateKey);
  // RFC 7638 §3: the members that make the key, in this order.
  const kid = hash('sha256', JSON.stringify({ crv, kty, x, y }), 'base64url');
  return { jwk: { kty, crv, x, y, d }, kid, since: undefined, until: undefined };
}

function currentOf(keys: readonly StoredKey[]): StoredKey | undefined {
  return keys.find(key => key.since !== undefined && key.until === undefined);
}

async function signer(keys: readonly StoredKey[]): Promise<{ kid: string; key: CryptoKey }> {
  const current = currentOf(keys);
  if (current === undefined) throw new PrivateFileError('the file of signing keys names none to sign with; delete it');
  return { kid: current.kid, key: await crypto.subtle.importKey('jwk', current.jwk, es256, false, ['sign']) };
}

function jwksText(keys: readonly StoredKey[]): string {
  const publics = keys.map(({ jwk: { kty, crv, x, y }, kid }) => ({ kty, crv, x, y, kid, use: 'sig', alg: 'ES256' }));
  return JSON.stringify({ keys: publics });
}

function publishedOf(keys: readonly StoredKey[]): KeySet {
  const read = readKeySet(jwksText(keys), 'sig');
  if (!read.ok) throw new PrivateFileError(`the file of signing keys cannot be used: ${read.fault.detail}`);
  return read.value;
}

function parse(file: string, text: string | undefined): readonly StoredKey[] {
  if (text === undefined) return [];
  try {
    const { v, keys } = JSON.parse(text) as { v: number; keys: StoredKey[] };
    if (v === 1 && Array.isArray(keys) && keys.every(key => key.jwk?.kty === 'EC' && typeof key.kid === 'string'))
      return keys;
  } catch {
    // Said below.
  }
  throw new PrivateFileError(`${file} does not hold signing keys; restore it, or delete it: its tokens end with it`);
}
