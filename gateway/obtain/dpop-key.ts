import { hash, randomUUID } from 'node:crypto';

/** A key of our own that tokens are bound to; it never leaves this process. */
export interface DpopKey {
  /** A proof for one request (RFC 9449 §4.2). */
  readonly proof: (
    method: string,
    url: string,
    token: string | undefined,
    nonce: string | undefined,
  ) => Promise<string>;
}

export async function createDpopKey(): Promise<DpopKey> {
  const { exportJWK, generateKeyPair, SignJWT } = await import('jose');
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  return {
    proof: (method, url, token, nonce) => {
      const target = new URL(url);
      const said = {
        ...{ jti: randomUUID(), htm: method, htu: target.origin + target.pathname },
        ...(token === undefined ? {} : { ath: hash('sha256', token, 'base64url') }),
        ...(nonce === undefined ? {} : { nonce }),
      };
      return new SignJWT(said)
        .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
        .setIssuedAt()
        .sign(privateKey);
    },
  };
}
