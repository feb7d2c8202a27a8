import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

/** An issuer of tokens as platforms run them: it signs what it is told to, and publishes its keys at a real address. */
export interface TestIssuer {
  readonly url: string;
  readonly kid: string;
  /** With good times; members of `claims` and `header` go before what would otherwise stand there. */
  readonly token: (
    claims: Readonly<Record<string, unknown>>,
    header?: Readonly<Record<string, unknown>>,
  ) => Promise<string>;
  readonly key: CryptoKey;
  readonly publicJwk: JWK;
  /** Takes another key; the one before is no longer published. */
  readonly rotate: () => Promise<void>;
  /** How often its keys were asked for. */
  readonly asked: () => number;
  /** From now on it does not answer: `hang` keeps the connection, `slow` takes 1.5 s for each, `refuse` says 503. */
  readonly fail: (how: 'hang' | 'slow' | 'refuse' | 'no') => void;
  readonly close: () => Promise<void>;
}

const slowMillis = 1_500;

export async function startIssuer(
  options: { readonly now?: () => number; readonly use?: string; readonly alg?: string } = {},
): Promise<TestIssuer> {
  const { now = Date.now, use, alg = 'ES256' } = options;
  let made = await makeKey(alg);
  let asked = 0;
  let failing: 'hang' | 'slow' | 'refuse' | 'no' = 'no';
  const answer = (path: string | undefined, res: ServerResponse): void => {
    if (path === '/.well-known/openid-configuration')
      return void res.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/jwks` }));
    asked++;
    res.end(JSON.stringify({ keys: [{ ...made.publicJwk, kid: made.kid, ...(use === undefined ? {} : { use }) }] }));
  };
  const server = createServer((req, res) => {
    if (failing === 'hang') return;
    if (failing === 'slow') return void setTimeout(() => answer(req.url, res), slowMillis);
    if (failing === 'refuse') return void res.writeHead(503).end();
    answer(req.url, res);
  });
  await listening(server);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    get kid() {
      return made.kid;
    },
    get key() {
      return made.privateKey;
    },
    get publicJwk() {
      return made.publicJwk;
    },
    asked: () => asked,
    fail: how => {
      failing = how;
    },
    rotate: async () => {
      made = await makeKey(alg);
    },
    token: (claims, header = {}) => {
      const seconds = Math.floor(now() / 1000);
      return new SignJWT({ iss: url, iat: seconds, exp: seconds + 300, ...claims })
        .setProtectedHeader({ alg, kid: made.kid, ...header })
        .sign(made.privateKey);
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function makeKey(alg: string): Promise<{ privateKey: CryptoKey; publicJwk: JWK; kid: string }> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const publicJwk = await exportJWK(publicKey);
  return { privateKey, publicJwk, kid: await calculateJwkThumbprint(publicJwk) };
}

function listening(server: Server): Promise<void> {
  return new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
}
