import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import type { Instant } from '@sallyport/core/model/ids.ts';
import { sameSecret } from '../secret/secret.ts';

/** Nonces for DPoP proofs (RFC 9449 §8) and the proofs that were used within their time. */
export interface DpopNonces {
  readonly current: () => string;
  readonly counts: (nonce: string) => boolean;
  /** Takes the name of a proof, once. */
  readonly use: (name: string, until: Instant) => boolean;
}

const windowMillis = 60_000;
const proofsKeptMax = 200_000;

/**
 * A nonce is the time window under a key of this run, so none has to be stored, and after a restart, when the used
 * proofs are forgotten, no proof from before counts. It holds for two windows.
 */
export function createDpopNonces(now: () => Instant): DpopNonces {
  const key = createSecretKey(randomBytes(32));
  const used = new Map<string, Instant>();
  const nonceAt = (window: number): string =>
    createHmac('sha256', key).update(String(window)).digest('base64url').slice(0, 22);
  const window = (): number => Math.floor(now() / windowMillis);
  let sweptAt = now();

  function sweep(): void {
    if (now() - sweptAt < windowMillis && used.size < proofsKeptMax) return;
    sweptAt = now();
    for (const [name, until] of used) if (until < now()) used.delete(name);
  }

  return {
    current: () => nonceAt(window()),
    counts: nonce => [nonceAt(window()), nonceAt(window() - 1)].some(good => sameSecret(nonce, good)),
    use: (name, until) => {
      sweep();
      // Full of proofs that still count: rather none than one twice.
      if (used.has(name) || used.size >= proofsKeptMax) return false;
      used.set(name, until);
      return true;
    },
  };
}
