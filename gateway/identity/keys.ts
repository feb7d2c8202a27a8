import { readFileSync } from 'node:fs';
import { type Proven, proven, unproven } from '@sallyport/core/identity/fault.ts';
import { type KeySet, type KeyUse, keySetCharsMax, readKeySet } from '@sallyport/core/identity/key-set.ts';
import type { Instant } from '@sallyport/core/model/ids.ts';
import { parseJson, stringMember } from '@sallyport/core/model/json.ts';
import { fetchText, type OutsideRequest, outsideMillisMax } from './outside.ts';
import type { KeySource } from './trust-config.ts';

/** The public keys of one issuer, as they were last seen. */
export interface Keys {
  /** Those at hand, fetched first if there are none or they are too old to be believed. */
  readonly current: () => Promise<Proven<KeySet>>;
  /** After a token named a key that is not there: asks once more, unless that was just done. */
  readonly lookAgain: () => Promise<Proven<KeySet>>;
}

type Fetch = (asked: OutsideRequest) => Promise<string>;

export interface KeysPorts {
  readonly now: () => Instant;
  readonly fetch?: Fetch;
}

/** Asked for again after this, beside the calls; a SPIFFE bundle may ask for another time. */
const refreshMillis = 5 * 60_000;
/** Believed for this long while the issuer cannot be asked; then its proofs are refused. */
const keysLifeMillis = 60 * 60_000;
/** Between two questions that unknown keys gave rise to: whoever invents key names cannot make us flood the issuer. */
const againMillis = 10_000;
/** An issuer that just failed is not waited for again at once. */
const pauseMillis = 1_000;

export function createKeys(source: KeySource, use: KeyUse, ports: KeysPorts): Keys {
  const { now } = ports;
  const fetch = ports.fetch ?? fetchText;
  let held: { readonly set: KeySet; readonly at: Instant } | undefined;
  let asking: Promise<Proven<KeySet>> | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  let failed: Proven<KeySet> | undefined;

  async function ask(): Promise<Proven<KeySet>> {
    askedAt = now();
    const read = await readFrom(source, use, fetch);
    failed = read.ok ? undefined : read;
    if (!read.ok) return read;
    // The same keys stay the same object: what was verified with them need not be verified again.
    held = { set: held !== undefined && sameKeys(held.set, read.value) ? held.set : read.value, at: now() };
    return proven(held.set);
  }

  /** However many wait, one question is asked. */
  function refresh(): Promise<Proven<KeySet>> {
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  }

  const age = (): number => (held === undefined ? Number.POSITIVE_INFINITY : now() - held.at);
  return {
    current: async () => {
      const hintMillis = (held?.set.refreshHintSeconds ?? Number.POSITIVE_INFINITY) * 1000;
      const since = now() - askedAt;
      if (held !== undefined && age() <= keysLifeMillis) {
        if (age() > Math.min(refreshMillis, hintMillis) && since >= againMillis) void refresh();
        return proven(held.set);
      }
      return asking === undefined && failed !== undefined && since < pauseMillis ? failed : refresh();
    },
    lookAgain: async () => {
      if (held !== undefined && now() - Math.max(askedAt, held.at) < againMillis) return proven(held.set);
      const fresh = await refresh();
      return fresh.ok || held === undefined || age() > keysLifeMillis ? fresh : proven(held.set);
    },
  };
}

async function readFrom(source: KeySource, use: KeyUse, fetch: Fetch): Promise<Proven<KeySet>> {
  try {
    return readKeySet(await textOf(source, fetch), use);
  } catch (thrown) {
    return unproven('keys-unavailable', `the issuer's keys: ${thrown instanceof Error ? thrown.message : 'a fault'}`);
  }
}

async function textOf(source: KeySource, fetch: Fetch): Promise<string> {
  if (source.kind === 'file') return fromFile(source.file);
  const asking = {
    bytesMax: keySetCharsMax,
    ca: source.ca === undefined ? undefined : fromFile(source.ca),
    signal: AbortSignal.timeout(outsideMillisMax),
    headers: source.tokenFile === undefined ? {} : { authorization: `Bearer ${fromFile(source.tokenFile).trim()}` },
  };
  if (source.kind === 'url') return fetch({ ...asking, url: source.url });
  return fetch({ ...asking, url: await jwksUri(source.issuer, asking, fetch) });
}

/** OpenID Connect Discovery §4: the document has to name the very issuer that it was asked for. */
async function jwksUri(issuer: string, asking: Omit<OutsideRequest, 'url'>, fetch: Fetch): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const limits = {
    charsMax: keySetCharsMax,
    depthMax: 16,
    valuesMax: 10_000,
    numberCharsMax: 32,
    reservedMembers: 'keep',
  } as const;
  const parsed = parseJson(await fetch({ ...asking, url }), limits);
  const document = parsed.ok ? parsed.node : undefined;
  const uri = stringMember(document, 'jwks_uri');
  if (stringMember(document, 'issuer') !== issuer) throw new Error('its metadata names another issuer');
  if (uri === undefined || !URL.canParse(uri)) throw new Error('its metadata names no keys');
  if (new URL(uri).protocol !== 'https:' && new URL(uri).origin !== new URL(issuer).origin)
    throw new Error('its metadata names keys at an address that is not https');
  return uri;
}

function fromFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new Error('the file cannot be read');
  }
}

function sameKeys(a: KeySet | undefined, b: KeySet): boolean {
  return a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}
