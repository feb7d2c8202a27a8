import type { SignatureAlgorithm } from '@sallyport/core/identity/algorithm.ts';
import type { VerificationKey } from '@sallyport/core/identity/key-set.ts';
import type { CryptoKey, JWK } from 'jose';

const imported = new WeakMap<VerificationKey, Map<SignatureAlgorithm, Promise<CryptoKey | Uint8Array>>>();

/**
 * The signature check itself, by `jose`. Which key, which algorithm and whether the text has one spelling was settled
 * before (core/identity): `jose` alone also takes padded and spaced texts (DF13).
 */
export async function verifySignature(jws: string, key: VerificationKey, alg: SignatureAlgorithm): Promise<boolean> {
  const { compactVerify, errors } = await import('jose');
  try {
    await compactVerify(jws, await keyFor(key, alg), { algorithms: [alg] });
    return true;
  } catch (thrown) {
    // A key that no signature can be checked with makes none.
    if (thrown instanceof errors.JOSEError || thrown instanceof TypeError || thrown instanceof DOMException)
      return false;
    throw thrown;
  }
}

function keyFor(key: VerificationKey, alg: SignatureAlgorithm): Promise<CryptoKey | Uint8Array> {
  const known = imported.get(key) ?? new Map<SignatureAlgorithm, Promise<CryptoKey | Uint8Array>>();
  imported.set(key, known);
  // `use` of a SPIFFE bundle is not one that the importer knows.
  const { use: _use, key_ops: _operations, x5c: _chain, ...jwk } = JSON.parse(key.jwk) as JWK;
  const found = known.get(alg) ?? import('jose').then(({ importJWK }) => importJWK(jwk, alg));
  known.set(alg, found);
  return found;
}
