import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { ProofReason } from '@sallyport/core/identity/fault.ts';
import { startIssuer, type TestIssuer } from '@sallyport/testkit/identity/issuer.ts';
import { CompactSign, exportSPKI, generateKeyPair, importJWK, UnsecuredJWT } from 'jose';
import { outsideMillisMax } from './outside.ts';
import type { TrustConfig } from './trust-config.ts';
import { createWorkloads, type Workloads } from './workloads.ts';

const terms = { exchangeOnly: false, singleUse: false, principalClaim: 'sub' };
const us = 'http://gateway/oauth';
let issuer: TestIssuer;
let spire: TestIssuer;
let workloads: Workloads;

function trust(kind: TrustConfig['kind'], of: string, keys: TrustConfig['keys'], name: string = kind): TrustConfig {
  return {
    name,
    kind,
    issuer: of,
    keys,
    audience: undefined,
    lifeSecondsMax: 86_400,
    ...terms,
  };
}

before(async () => {
  [issuer, spire] = await Promise.all([startIssuer(), startIssuer({ use: 'jwt-svid' })]);
  const trusts = [
    trust('oidc', issuer.url, { kind: 'issuer', issuer: issuer.url, ca: undefined, tokenFile: undefined }),
    trust('spiffe', 'example.org', { kind: 'url', url: `${spire.url}/jwks`, ca: undefined, tokenFile: undefined }),
  ];
  workloads = createWorkloads({ trusts, audience: () => us, now: Date.now });
});
after(() => Promise.all([issuer.close(), spire.close()]));

async function reasonOf(token: string): Promise<ProofReason | 'accepted'> {
  const result = await workloads.token(token);
  return result.ok ? 'accepted' : result.fault.reason;
}

const good = { sub: 'job-7', aud: us };
const seconds = (): number => Math.floor(Date.now() / 1000);

test('a token of a trusted issuer for us proves what it says', async () => {
  const result = await workloads.token(await issuer.token({ ...good, jti: 'j1', project_id: 7, ok: true, deep: {} }));
  assert.ok(result.ok);
  const { evidence } = result.value;
  assert.deepEqual([evidence.kind, evidence.trust, evidence.subject, evidence.id], ['oidc', 'oidc', 'job-7', 'j1']);
  assert.deepEqual(Object.fromEntries(evidence.attributes), {
    ...{ sub: 'job-7', aud: us, iss: issuer.url, jti: 'j1', project_id: '7', ok: 'true' },
    ...{ iat: evidence.attributes.get('iat'), exp: evidence.attributes.get('exp') },
  });
});

describe('D-1 algorithms and keys', () => {
  test('no signature at all', async () => {
    const unsecured = new UnsecuredJWT({ ...good, iss: issuer.url, exp: seconds() + 60 }).encode();
    assert.equal(await reasonOf(unsecured), 'encoding');
    for (const alg of ['none', 'None', 'nOnE', 'NONE']) {
      const header = Buffer.from(JSON.stringify({ alg, kid: issuer.kid })).toString('base64url');
      const parts = (await issuer.token(good)).split('.');
      assert.equal(await reasonOf(`${header}.${parts[1]}.${parts[2]}`), 'algorithm');
    }
  });

  test('the public key as a secret', async () => {
    const key = await importJWK(issuer.publicJwk, 'ES256', { extractable: true });
    const [, body] = (await issuer.token(good)).split('.');
    for (const secret of [await exportSPKI(key as never), JSON.stringify(issuer.publicJwk)]) {
      const signed = `${Buffer.from(JSON.stringify({ alg: 'HS256', kid: issuer.kid })).toString('base64url')}.${body}`;
      assert.equal(
        await reasonOf(`${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`),
        'algorithm',
      );
    }
  });

  test('an algorithm that the key is not for', async () => {
    const rsa = await generateKeyPair('RS256');
    const text = JSON.stringify({ ...good, iss: issuer.url, exp: seconds() + 60 });
    const token = await new CompactSign(new TextEncoder().encode(text))
      .setProtectedHeader({ alg: 'RS256', kid: issuer.kid })
      .sign(rsa.privateKey);
    assert.equal(await reasonOf(token), 'key-unfit');
  });

  test('a key that the token brings or points at, and every other header', async () => {
    for (const extra of [
      { jwk: issuer.publicJwk },
      { jku: 'https://evil.example/jwks' },
      { x5u: 'https://evil.example/x5u' },
      { x5c: [] },
      { crit: ['b64'], b64: false },
      { zip: 'DEF' },
      { cty: 'JWT' },
      { enc: 'A256GCM' },
    ]) {
      const [, body, signature] = (await issuer.token(good)).split('.');
      const header = Buffer.from(JSON.stringify({ alg: 'ES256', kid: issuer.kid, ...extra })).toString('base64url');
      assert.equal(await reasonOf(`${header}.${body}.${signature}`), 'header', JSON.stringify(extra));
    }
  });

  test('a member that stands twice, in header or claims', async () => {
    const [head, body, signature] = (await issuer.token(good)).split('.');
    const twice = (text: string) => Buffer.from(text).toString('base64url');
    assert.equal(await reasonOf(`${twice('{"alg":"none","alg":"ES256"}')}.${body}.${signature}`), 'malformed');
    assert.equal(await reasonOf(`${head}.${twice('{"sub":"a","sub":"b"}')}.${signature}`), 'malformed');
  });

  test('names of keys that are no names, and keys that nobody published', async () => {
    for (const kid of ['../../dev/null', "' OR 1=1 --", 'x'.repeat(257), '', 'a\nb'])
      assert.match(await reasonOf(await issuer.token(good, { kid })), /^(key-unknown|header)$/);
    assert.equal(await reasonOf(await issuer.token(good, { kid: 'x'.repeat(1_000_000) })), 'too-large');
  });

  test('r and s of nothing, and another signature', async () => {
    const [head, body] = (await issuer.token(good)).split('.');
    assert.equal(await reasonOf(`${head}.${body}.${Buffer.alloc(64).toString('base64url')}`), 'signature');
    const other = (await issuer.token({ ...good, sub: 'other' })).split('.')[2];
    assert.equal(await reasonOf(`${head}.${body}.${other}`), 'signature');
  });
});

test('D-2 DF13 no other spelling of a good token is taken', async () => {
  const token = await issuer.token(good);
  const [head = '', body = '', signature = ''] = token.split('.');
  const last = signature.at(-1) ?? '';
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const neighbour = alphabet[alphabet.indexOf(last) ^ 1] ?? '';
  const spellings = [
    ...[`${token}=`, `${token}==`, ` ${token}`, `${token} `, `${token}\n`, `${head}.${body}. ${signature}`],
    ...[`${head}.${body}.${signature.slice(0, -1)}${neighbour}`, `${head}=.${body}.${signature}`],
    ...[
      `${head}.${body}.${signature}.`,
      `.${token}`,
      `${head}..${signature}`,
      token.replaceAll('-', '+').replaceAll('_', '/'),
    ],
  ].filter(text => text !== token);
  for (const text of spellings) assert.match(await reasonOf(text), /^(encoding|malformed)$/, text.slice(-12));
  assert.equal(await reasonOf(token), 'accepted');
});

test('D-3 the audience is exactly us', async () => {
  for (const aud of [undefined, [], '', [us, 'https://other'], `${us}/`, us.toUpperCase(), [us, us], 7, { a: us }])
    assert.equal(await reasonOf(await issuer.token({ ...good, aud })), 'audience', JSON.stringify(aud));
  assert.equal(await reasonOf(await issuer.token({ ...good, aud: [us] })), 'accepted');
  const other = await workloads.token(await issuer.token({ ...good, aud: 'https://other' }));
  assert.ok(
    !other.ok && other.fault.detail === `\`aud\` does not name us: it has to be ${us}`,
    'it says what to ask the issuer for',
  );
});

test('D-3 the issuer is exactly the one that is trusted', async () => {
  for (const iss of [`${issuer.url}/`, issuer.url.toUpperCase(), 'https://elsewhere', undefined, 7])
    assert.equal(await reasonOf(await issuer.token({ ...good, iss })), 'issuer');
});

test('D-3 a token of another kind is none of a workload', async () => {
  for (const typ of ['at+jwt', 'oauth-id-jag+jwt', 'dpop+jwt', 'logout+jwt', 'jwt', 'application/jwt', 'secevent+jwt'])
    assert.equal(await reasonOf(await issuer.token(good, { typ })), 'token-type', typ);
});

test('D-5 times: half a minute of difference between clocks, and no more', async () => {
  const now = seconds();
  const times: [object, ProofReason | 'accepted'][] = [
    [{ exp: now - 20 }, 'accepted'],
    [{ exp: now - 40 }, 'expired'],
    [{ exp: undefined }, 'claim'],
    [{ exp: 'soon' }, 'claim'],
    [{ exp: now * 1000 }, 'claim'],
    [{ nbf: now + 20 }, 'accepted'],
    [{ nbf: now + 40 }, 'not-yet-valid'],
    [{ iat: now + 40, exp: now + 300 }, 'not-yet-valid'],
    [{ iat: undefined, exp: now + 80_000 }, 'accepted'],
    [{ iat: undefined, exp: now + 90_000 }, 'too-long-lived'],
    [{ iat: now - 10, exp: now + 86_400 }, 'too-long-lived'],
    [{ exp: 2 ** 31 + 10 }, 'too-long-lived'],
    [{ iat: -1 }, 'claim'],
  ];
  for (const [claims, reason] of times)
    assert.equal(await reasonOf(await issuer.token({ ...good, ...claims })), reason, JSON.stringify(claims));
});

describe('SPIFFE', () => {
  const svid = { iss: undefined, sub: 'spiffe://example.org/ns/billing/sa/invoice', aud: us };
  test('a JWT-SVID proves its ID', async () => {
    const result = await workloads.token(await spire.token(svid));
    assert.ok(result.ok);
    assert.deepEqual([result.value.evidence.kind, result.value.evidence.subject], ['spiffe-jwt', svid.sub]);
  });
  test('the ID has one spelling and lies in the trust domain', async () => {
    for (const path of ['/a/../b', '/a//b', '/a/', '/./a', '/a%20b', '/a?b', '/a#b', ':8443/a'])
      assert.notEqual(await reasonOf(await spire.token({ ...svid, sub: `spiffe://example.org${path}` })), 'accepted');
    assert.equal(await reasonOf(await spire.token({ ...svid, sub: 'spiffe://other.org/a' })), 'issuer');
    assert.equal(await reasonOf(await spire.token({ ...svid, sub: 'spiffe://EXAMPLE.org/a' })), 'issuer');
  });
  test('its header holds nothing that is not named', async () =>
    assert.equal(await reasonOf(await spire.token(svid, { x5t: 'abc' })), 'header'));
});

test('keys that cannot be had: those at hand count, and nothing is waited for longer than it may be', async () => {
  let now = Date.now();
  const lone = await startIssuer({ now: () => now });
  try {
    const source = { kind: 'issuer', issuer: lone.url, ca: undefined, tokenFile: undefined } as const;
    const one = createWorkloads({ trusts: [trust('oidc', lone.url, source)], audience: () => us, now: () => now });
    const ask = async () => {
      const result = await one.token(await lone.token(good));
      return result.ok ? 'accepted' : result.fault.reason;
    };
    lone.fail('hang');
    const began = performance.now();
    assert.equal(await ask(), 'keys-unavailable');
    assert.ok(performance.now() - began < outsideMillisMax + 500);
    assert.equal(await ask(), 'keys-unavailable');
    // Two slow answers one after the other are one wait.
    lone.fail('slow');
    now += 2_000;
    const again = performance.now();
    assert.equal(await ask(), 'keys-unavailable');
    assert.ok(performance.now() - again < outsideMillisMax + 500);
    lone.fail('no');
    now += 5_000;
    assert.equal(await ask(), 'accepted');
    lone.fail('refuse');
    now += 59 * 60_000;
    assert.equal(await ask(), 'accepted');
    now += 2 * 60_000;
    assert.equal(await ask(), 'keys-unavailable');
  } finally {
    await lone.close();
  }
});

test('a new key is found, and invented names of keys do not flood the issuer', async () => {
  let now = Date.now();
  const lone = await startIssuer({ now: () => now });
  try {
    const source = { kind: 'issuer', issuer: lone.url, ca: undefined, tokenFile: undefined } as const;
    const one = createWorkloads({ trusts: [trust('oidc', lone.url, source)], audience: () => us, now: () => now });
    assert.ok((await one.token(await lone.token(good))).ok);
    now += 11_000;
    await lone.rotate();
    assert.ok((await one.token(await lone.token(good))).ok);
    const asked = lone.asked();
    for (let index = 0; index < 20; index++)
      assert.equal((await one.token(await lone.token(good, { kid: `invented-${index}` }))).ok, false);
    assert.equal(lone.asked(), asked);
  } finally {
    await lone.close();
  }
});
