import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readPrivateRecord, writePrivate } from '../secret/private-file.ts';

/** What ends at an authorization server when one access token of a sign-in is revoked. */
export type RevocationEffect = 'token' | 'sign-in';

/**
 * RFC 7009 §2.1 lets a server end the whole sign-in with one token, and does not let anybody ask beforehand: it is found
 * out once for each credential and kept in a private file.
 */
export interface RevocationEffects {
  /** Undefined: nobody knows yet. */
  readonly of: (credential: string, issuer: string) => RevocationEffect | undefined;
  /** Durable once it returns. */
  readonly learn: (credential: string, issuer: string, effect: RevocationEffect) => void;
}

interface Known {
  readonly issuer: string;
  readonly effect: RevocationEffect;
}

export function openRevocationEffects(dir: string): RevocationEffects {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const fileOf = (credential: string): string => join(dir, `${credential}.revoking.json`);
  const read = new Map<string, Known | undefined>();
  const known = (credential: string): Known | undefined => {
    if (!read.has(credential)) read.set(credential, knownIn(readPrivateRecord(fileOf(credential))));
    return read.get(credential);
  };
  return {
    of: (credential, issuer) => {
      const found = known(credential);
      return found?.issuer === issuer ? found.effect : undefined;
    },
    learn: (credential, issuer, effect) => {
      writePrivate(fileOf(credential), `${JSON.stringify({ v: 1, issuer, effect })}\n`);
      read.set(credential, { issuer, effect });
    },
  };
}

/** What another version wrote is found out anew. */
function knownIn({ v, ...known }: ReturnType<typeof readPrivateRecord> = {}): Known | undefined {
  return v === 1 ? (known as unknown as Known) : undefined;
}
