import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readJws } from '@sallyport/core/identity/jws.ts';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Client } from './client-auth.ts';
import { Parameters } from './form.ts';
import { createIdJags, idJagType } from './id-jag.ts';
import { OAuthFault } from './oauth-fault.ts';
import { createResources } from './resources.ts';

const now = 1_800_000_000_000;
const issuer = 'https://id.example';
const pair = await generateKeyPair('ES256');
const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k' }] });
const client: Client = {
  ...{ kind: 'agent', clientId: 'a', agent: { id: 'a' } as never, proof: 'kubernetes', trust: 'cluster' },
  ...{ origin: undefined, family: 'fam_1' },
};
const claims = { iss: issuer, aud: 'http://us/oauth', client_id: 'a', sub: 'emma', jti: 'one', iat: now / 1000 };

async function redeemed(over: object, form: Record<string, string> = {}, jkt?: string) {
  const text = await new SignJWT({ ...claims, exp: now / 1000 + 90, ...over })
    .setProtectedHeader({ typ: idJagType, alg: 'ES256', kid: 'k' })
    .sign(pair.privateKey);
  const jws = readJws(text);
  assert.ok(jws.ok);
  const keys = { kind: 'issuer', issuer, ca: undefined, tokenFile: undefined } as const;
  const idJags = createIdJags({
    ...{ issuers: [{ name: 'enterprise', issuer, keys, principalClaim: 'sub' }], store: { useOnce: async () => true } },
    ...{ issuer: () => 'http://us/oauth', now: () => now },
    fetch: async ({ url }) =>
      url.endsWith('openid-configuration') ? JSON.stringify({ issuer, jwks_uri: `${issuer}/k` }) : jwks,
    resources: createResources(
      () => 'http://us',
      () => ['http://us'],
    ),
  });
  const granted = await idJags.redeem(jws.value, { form: new Parameters(new Map(Object.entries(form))), client, jkt });
  return 'order' in granted ? granted.order : assert.fail('a session');
}

test('D-7 an assertion gives its person, its client’s proof and end, and is bound to the key that was shown', async () => {
  const order = await redeemed({});
  assert.deepEqual(
    [order.agent, order.principal, order.proof, order.trust, order.origin, order.family, order.seconds, order.cnf],
    ['a', 'user:emma', 'kubernetes', 'cluster', { issuer, subject: 'emma', id: 'one' }, 'fam_1', 90, undefined],
  );
  assert.deepEqual((await redeemed({}, {}, 'thumb')).cnf, { jkt: 'thumb' });
});

test('D-7 what is asked for lies within what the assertion is for', async () => {
  const within = await redeemed({ resource: 'http://us/mcp' }, { resource: 'http://us/mcp/notes' });
  assert.equal(within.audience, 'http://us/mcp/notes');
  assert.equal((await redeemed({ resource: 'http://us/mcp/notes' })).audience, 'http://us/mcp/notes');
  for (const [over, form, code] of [
    [{ resource: 'http://us/mcp/notes' }, { resource: 'http://us/mcp/bank' }, 'invalid_target'],
    [{ resource: 'http://us/mcp/notes' }, { resource: 'http://us/mcp' }, 'invalid_target'],
    [{ scope: 'tools:read' }, { scope: 'tools:call' }, 'invalid_scope'],
    [{ client_id: 'b' }, {}, 'invalid_grant'],
    [{ sub: undefined }, {}, 'invalid_grant'],
  ] as const)
    await assert.rejects(redeemed(over, form), thrown => thrown instanceof OAuthFault && thrown.code === code);
});
