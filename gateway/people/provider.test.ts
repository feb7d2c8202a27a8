import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { createProvider } from './provider.ts';

/** A provider at a real address that gives out whatever ID token it is told to, and says that it may use any algorithm. */
const clientId = 'sallyport';
const redirectUri = 'http://127.0.0.1:7420/people/back';
const [ours, foreign] = [0, 1].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }));
assert.ok(ours && foreign);
const jwk = { ...ours.publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'ES256' };
let issuer = '';
let idToken: string | undefined;

const server = createServer((req, res) => {
  const said: Readonly<Record<string, object>> = {
    '/.well-known/openid-configuration': {
      ...{ issuer, jwks_uri: `${issuer}/keys`, token_endpoint: `${issuer}/token` },
      authorization_endpoint: `${issuer}/sign-in`,
      id_token_signing_alg_values_supported: ['none', 'HS256', 'RS256', 'ES256'],
    },
    '/keys': { keys: [jwk] },
    '/token': { access_token: 'a', token_type: 'bearer', ...(idToken === undefined ? {} : { id_token: idToken }) },
  };
  res.setHeader('content-type', 'application/json').end(JSON.stringify(said[req.url ?? ''] ?? {}));
});
before(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => server.closeAllConnections());
after(() => server.close());

const text = (value: object | string): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function token(claims: object, header: object = {}, key: KeyObject | string = ours?.privateKey ?? ''): string {
  const head = { alg: 'ES256', kid: 'one', ...header };
  const body = `${text(head)}.${text(claims)}`;
  if (head.alg === 'none') return `${body}.`;
  const made =
    typeof key === 'string'
      ? createHmac('sha256', key).update(body).digest()
      : sign('sha256', Buffer.from(body), { key, dsaEncoding: 'ieee-p1363' });
  return `${body}.${made.toString('base64url')}`;
}

const seconds = Math.floor(Date.now() / 1000);
const good = () => ({
  iss: issuer,
  sub: 'emma',
  aud: clientId,
  iat: seconds,
  exp: seconds + 300,
  email: 'emma@example.com',
});

/** Comes back with this ID token, made for the nonce that was sent. */
async function comeBack(
  make: (nonce: string) => string | undefined,
  back: (state: string) => string = state => `code=c&state=${state}`,
) {
  const config = { issuer, clientId, clientSecretFile: undefined, nameClaim: 'sub', groupsClaim: 'groups' };
  const provider = createProvider(config as never, Date.now);
  const { pending } = await provider.begin('the-state', redirectUri);
  idToken = make(pending.nonce);
  return await provider.finish(new URLSearchParams(back('the-state')), 'the-state', pending);
}

const pem = ours.publicKey.export({ type: 'spki', format: 'pem' }).toString();

const forged: Readonly<Record<string, (nonce: string) => string | undefined>> = {
  'no algorithm': nonce => token({ ...good(), nonce }, { alg: 'none' }),
  'the public key as a secret': nonce => token({ ...good(), nonce }, { alg: 'HS256' }, pem),
  'the client’s name as a secret': nonce => token({ ...good(), nonce }, { alg: 'HS256' }, clientId),
  'another key under the same name': nonce => token({ ...good(), nonce }, {}, foreign.privateKey),
  'a key that is not published': nonce => token({ ...good(), nonce }, { kid: 'two' }, foreign.privateKey),
  'a key in the header': nonce =>
    token({ ...good(), nonce }, { jwk: foreign.publicKey.export({ format: 'jwk' }) }, foreign.privateKey),
  'an address of keys in the header': nonce =>
    token({ ...good(), nonce }, { jku: 'http://127.0.0.1:9/keys', kid: 'two' }, foreign.privateKey),
  'an extension that must be understood': nonce => token({ ...good(), nonce }, { crit: ['b64'], b64: false }),
  'another algorithm of the same key': nonce => token({ ...good(), nonce }, { alg: 'RS256' }),
  'claims of another token': nonce => {
    const [head, , made] = token({ ...good(), nonce, sub: 'mallory' }).split('.');
    return `${head}.${text({ ...good(), nonce })}.${made}`;
  },
  'for another client': nonce => token({ ...good(), nonce, aud: 'other' }),
  'for two clients, by nobody': nonce => token({ ...good(), nonce, aud: [clientId, 'other'] }),
  'for two clients, by the other': nonce => token({ ...good(), nonce, aud: [clientId, 'other'], azp: 'other' }),
  'of another issuer': nonce => token({ ...good(), nonce, iss: 'https://evil.example' }),
  'of an issuer spelled otherwise': nonce => token({ ...good(), nonce, iss: `${issuer}/` }),
  'without a nonce': () => token(good()),
  'of an earlier sign-in': () => token({ ...good(), nonce: 'an-earlier-one' }),
  over: nonce => token({ ...good(), nonce, exp: seconds - 60 }),
  'without an end': nonce => token({ ...good(), nonce, exp: undefined }),
  'with an end in words': nonce => token({ ...good(), nonce, exp: '9999999999' }),
  'without a beginning': nonce => token({ ...good(), nonce, iat: undefined }),
  'not yet good': nonce => token({ ...good(), nonce, nbf: seconds + 600 }),
  'about nobody': nonce => token({ ...good(), nonce, sub: undefined }),
  none: () => undefined,
};

test('E-3 a sign-in ends with whom its provider names', async () => {
  const { name, issuer: of } = await comeBack(nonce => token({ ...good(), nonce }));
  assert.deepEqual([name, of], ['emma', issuer]);
});

for (const [what, make] of Object.entries(forged))
  test(`E-3 an ID token ${what} signs nobody in`, async () => {
    await assert.rejects(comeBack(make));
  });

const backs: Readonly<Record<string, string>> = {
  'another state': 'code=c&state=other',
  'no state': 'code=c',
  'two states': 'code=c&state=the-state&state=other',
  'two codes': 'code=c&code=d&state=the-state',
  'another issuer': 'code=c&state=the-state&iss=https%3A%2F%2Fevil.example',
  'no code': 'state=the-state',
  'an error': 'error=access_denied&state=the-state',
  'a token in the address': 'code=c&state=the-state&id_token=x',
};
for (const [what, back] of Object.entries(backs))
  test(`E-3 who comes back with ${what} is not signed in`, async () => {
    await assert.rejects(
      comeBack(
        nonce => token({ ...good(), nonce }),
        () => back,
      ),
    );
  });
