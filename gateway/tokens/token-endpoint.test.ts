import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { AccessToken } from '@sallyport/core/identity/access-token.ts';
import { proven } from '@sallyport/core/identity/fault.ts';
import { emptyObject } from '@sallyport/core/model/json.ts';
import { exportJWK, SignJWT } from 'jose';
import { secretHash } from '../secret/secret.ts';
import { HeaderList } from '../transports/http/headers.ts';
import type { Exchange } from '../transports/http/router.ts';
import { createDpopNonces } from './dpop-nonces.ts';
import type { TokenOrder } from './issuer.ts';
import { OAuthFault } from './oauth-fault.ts';
import { createResources } from './resources.ts';
import { taskDetails } from './task-tokens.ts';
import { type TokenEndpointPorts, tokenEndpoint } from './token-endpoint.ts';
import { introspect, revoke } from './token-status.ts';

const now = 1_800_000_000_000;
const url = 'http://us/oauth/token';
const held: AccessToken = {
  ...{ jti: 'tok_1', issuedAt: now, expiresAt: now + 90_500, audience: 'http://us/mcp', clientId: 'a' },
  ...{ subject: 'user:emma', agent: 'a', proof: 'bearer', trust: 'sallyport', scope: ['tools:read'], task: undefined },
  ...{ jkt: undefined, family: undefined, ancestors: [], actors: [], claims: emptyObject, origin: undefined },
};

function opened(token: Partial<AccessToken> = {}) {
  const orders: TokenOrder[] = [];
  const revoked: string[] = [];
  const nonces = createDpopNonces(() => now);
  const agents = ['a', 'b'].map(id => ({ id, classes: [], principal: 'system:x', proofs: [] }));
  const ports = {
    ...{
      agents,
      nonces,
      now: () => now,
      sha256: secretHash,
      addressesOf: () => [url],
      issuer: () => 'http://us/oauth',
    },
    tokens: {
      agentOf: (asked: { token: string }) => /^secret-([ab])$/.exec(asked.token)?.[1],
      nameOf: () => undefined,
    },
    resources: createResources(
      () => 'http://us',
      () => ['http://us'],
    ),
    tokenIssuer: {
      issueToken: async (order: TokenOrder) => {
        orders.push(order);
        return { token: 'issued', jti: 'tok_2', expiresAt: now + 60_999 };
      },
      revoke: async (name: string) => void revoked.push(name),
    },
    refreshTokens: { revoke: async () => {} },
    access: { read: async () => proven({ ...held, ...token }) },
  } as unknown as TokenEndpointPorts;
  return { orders, revoked, nonces, ports };
}

function exchangeOf(form: Record<string, string>, dpop?: string): Exchange {
  const type = ['content-type', 'application/x-www-form-urlencoded', 'host', 'us'];
  return {
    ...{
      method: 'POST',
      path: '/oauth/token',
      rest: '',
      req: Readable.from([Buffer.from(`${new URLSearchParams(form)}`)]),
    },
    headers: new HeaderList(dpop === undefined ? type : [...type, 'dpop', dpop]),
  } as unknown as Exchange;
}

const asking = { grant_type: 'client_credentials', client_id: 'a', client_secret: 'secret-a' };
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });

async function proofOf(claims: object, header: object = {}): Promise<string> {
  return await new SignJWT({ htm: 'POST', htu: url, jti: randomUUID(), iat: now / 1000, ...claims })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: await exportJWK(pair.publicKey), ...header })
    .sign(pair.privateKey);
}

test('D-6 whoever shows a key gets a token bound to it, and whoever shows none a bearer token', async () => {
  const { orders, nonces, ports } = opened();
  const bearer = await tokenEndpoint(exchangeOf(asking), ports);
  assert.deepEqual(bearer, {
    access_token: 'issued',
    token_type: 'Bearer',
    expires_in: 60,
    scope: 'tools:read tools:call',
  });
  const proof = await proofOf({ nonce: nonces.current() });
  assert.deepEqual(await tokenEndpoint(exchangeOf(asking, proof), ports), { ...bearer, token_type: 'DPoP' });
  assert.deepEqual(
    orders.map(({ cnf }) => typeof cnf?.jkt),
    ['undefined', 'string'],
  );
});

test('D-6 a proof that does not hold gets no token, not even an unbound one', async () => {
  const { orders, nonces, ports } = opened();
  const nonce = nonces.current();
  const used = await proofOf({ nonce });
  await tokenEndpoint(exchangeOf(asking, used), ports);
  orders.length = 0;
  const last = used.at(-3) === 'A' ? 'B' : 'A';
  for (const [proof, code, inside] of [
    ['', 'invalid_dpop_proof', 'malformed'],
    [used, 'invalid_dpop_proof', 'replayed'],
    [`${used.slice(0, -3)}${last}${used.slice(-2)}`, 'invalid_dpop_proof', 'signature'],
    [await proofOf({}), 'use_dpop_nonce', undefined],
    [await proofOf({ nonce: 'x' }), 'use_dpop_nonce', undefined],
    [await proofOf({ nonce, htm: 'GET' }), 'invalid_dpop_proof', 'binding'],
    [await proofOf({ nonce, htu: 'http://us/mcp' }), 'invalid_dpop_proof', 'binding'],
    [await proofOf({ nonce }, { typ: 'JWT' }), 'invalid_dpop_proof', 'token-type'],
  ] as const)
    await assert.rejects(tokenEndpoint(exchangeOf(asking, proof), ports), thrown => {
      assert.ok(thrown instanceof OAuthFault, String(thrown));
      assert.deepEqual([thrown.code, thrown.inside?.reason], [code, inside]);
      return true;
    });
  assert.deepEqual(orders, []);
});

test('D-6 introspection says which key a token is bound to, and says nothing of another agent’s', async () => {
  const asked = { client_id: 'a', client_secret: 'secret-a', token: 'x' };
  const about = (token: Partial<AccessToken>) => introspect(exchangeOf(asked), opened(token).ports);
  const plain = {
    ...{ active: true, client_id: 'a', sub: 'user:emma', aud: 'http://us/mcp', jti: 'tok_1', iss: 'http://us/oauth' },
    ...{ scope: 'tools:read', exp: (now + 90_000) / 1000, iat: now / 1000 },
  };
  assert.deepEqual(await about({}), { ...plain, token_type: 'Bearer' });
  assert.deepEqual(await about({ jkt: 'thumb' }), { ...plain, token_type: 'DPoP', cnf: { jkt: 'thumb' } });
  assert.deepEqual(await about({ task: 't_1' }), { ...plain, token_type: 'Bearer', task_id: 't_1' });
  for (const none of [{ agent: 'b' }, { expiresAt: now }]) assert.deepEqual(await about(none), { active: false });
  await assert.rejects(introspect(exchangeOf({ client_id: 'a', token: 'x' }), opened().ports), /proves a known client/);
});

test('RFC 9396 a token is asked for with one detail of the one type there is, or with none', () => {
  const one = '[{"type":"agent_task","purpose":"sum up"}]';
  assert.equal(taskDetails(one), '{"type":"agent_task","purpose":"sum up"}');
  assert.equal(taskDetails(undefined), undefined);
  const wrong = ['', '{}', '[]', '"agent_task"', '[1]', '[{"type":"other"}]', '[{}]', '{"type":"agent_task"}'];
  for (const text of [...wrong, '[{"type":"agent_task"},{"type":"agent_task"}]'])
    assert.throws(() => taskDetails(text), { code: 'invalid_authorization_details' }, text);
});

test('D-8 a token is ended by its agent, whichever client got it, or by the client that got it, and by no other', async () => {
  const { ports, revoked } = opened({ agent: 'a', clientId: 'https://app.example' });
  const end = async (client_id: string, secret: object = {}): Promise<number> => {
    assert.deepEqual(await revoke(exchangeOf({ client_id, token: 'x', ...secret }), ports), {});
    return revoked.splice(0).length;
  };
  assert.equal(await end('b', { client_secret: 'secret-b' }), 0);
  assert.equal(await end('https://other.example'), 0);
  assert.equal(await end('a'), 0, 'who only says its name');
  assert.equal(await end('a', { client_secret: 'secret-a' }), 1);
  assert.equal(await end('https://app.example'), 1);
});
