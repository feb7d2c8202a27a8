import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { unproven } from '@sallyport/core/identity/fault.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { AgentConfig } from '../identity/config.ts';
import { createPrivateKeys } from '../identity/private-key.ts';
import { HeaderList } from '../transports/http/headers.ts';
import { assertionTypes, authenticateClient, type ClientPorts } from './client-auth.ts';
import { Parameters } from './form.ts';
import { OAuthFault } from './oauth-fault.ts';

const us = 'https://us.example/oauth';
const now = 1_800_000_000_000;
const claims = { iss: 'signer', sub: 'signer', aud: us, jti: 'one', iat: now / 1000, exp: now / 1000 + 60 };

async function signer() {
  const folder = temporaryFolder();
  const [own, other] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')]);
  writeFileSync(folder.file('k.jwks'), JSON.stringify({ keys: [await exportJWK(own.publicKey)] }));
  const keys = { kind: 'file', file: folder.file('k.jwks') } as const;
  const agents: AgentConfig[] = [
    {
      ...({ id: 'signer', classes: [], principal: 'system:n' } as unknown as AgentConfig),
      proofs: [{ kind: 'private-key', keys }],
    },
  ];
  const privateKeys = createPrivateKeys(agents, { now: () => now });
  const sign = (over: object = {}, header: object = {}, key = own.privateKey): Promise<string> =>
    new SignJWT({ ...claims, ...over }).setProtectedHeader({ alg: 'ES256', ...header }).sign(key);
  return { agents, privateKeys, sign, other: other.privateKey, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

test('D-3 an assertion counts where its own key signed it, for us, for the moment, about itself; else it says why not', async () => {
  using it = await signer();
  const { sign } = it;
  const rows: readonly (readonly [string, Promise<string>])[] = [
    ['signer one', sign()],
    ['signer one', sign({ aud: `${us}/token` }, { typ: 'JWT' })],
    ['signer one', sign({}, { typ: 'client-authentication+jwt' })],
    ['token-type', sign({}, { typ: 'at+jwt' })],
    ['token-type', sign({}, { typ: 'dpop+jwt' })],
    ['signature', sign({}, {}, it.other)],
    ['audience', sign({ aud: 'https://other.example' })],
    ['audience', sign({ aud: [us, 'https://other.example'] })],
    ['expired', sign({ iat: 1, exp: 2 })],
    ['too-long-lived', sign({ exp: now / 1000 + 301 })],
    ['subject', sign({ sub: 'admin' })],
    ['subject', sign({ sub: undefined })],
    ['claim', sign({ jti: undefined })],
    ['nobody', sign({ iss: 'admin', sub: 'admin' })],
    ['nobody', sign({ iss: undefined })],
    ['nobody', Promise.resolve('no.to.ken')],
  ];
  for (const [expected, token] of rows) {
    const proven = await it.privateKeys.verify(await token, [us, `${us}/token`]);
    const found =
      proven === undefined
        ? 'nobody'
        : proven.ok
          ? `${proven.value.agent} ${proven.value.evidence.id}`
          : proven.fault.reason;
    assert.equal(found, expected);
  }
});

test('D-12 a client proves itself in one way, which counts once, and is told nothing of what did not hold', async () => {
  using it = await signer();
  const used = new Set<string>();
  const ports: ClientPorts = {
    ...{ agents: it.agents, selectors: [], privateKeys: it.privateKeys, issuer: () => us, now: () => now },
    tokens: { agentOf: ({ token }) => (token === 'spa_1' ? 'signer' : undefined), nameOf: () => 'n' },
    workloads: { token: async () => unproven('issuer', 'no configured trust is for its issuer') } as never,
    store: { useOnce: async name => used.size < used.add(name).size },
  };
  const ask = async (form: Record<string, string>, authorization?: string): Promise<string> => {
    const headers = new HeaderList(authorization === undefined ? [] : ['authorization', authorization]);
    return await authenticateClient(new Parameters(new Map(Object.entries(form))), headers, ports).then(
      client => `${client.kind} ${client.clientId}`,
      (thrown: unknown) => (thrown instanceof OAuthFault ? thrown.code : String(thrown)),
    );
  };
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  const assertion = { client_assertion: await it.sign(), client_assertion_type: assertionTypes.jwt };
  assert.equal(await ask({ client_id: 'signer', client_secret: 'spa_1' }), 'agent signer');
  assert.equal(await ask({}, basic('signer:spa_1')), 'agent signer');
  assert.equal(await ask({ client_id: 'vendor' }), 'public vendor');
  assert.equal(await ask({ client_secret: 'spa_1' }, basic('signer:spa_1')), 'invalid_request');
  assert.equal(await ask({ ...assertion, client_secret: 'spa_1' }), 'invalid_request');
  assert.equal(await ask({ ...assertion, client_assertion_type: 'urn:other' }), 'invalid_request');
  assert.equal(await ask({ ...assertion, client_id: 'admin' }), 'invalid_client');
  assert.equal(await ask({ ...assertion, client_id: 'signer' }), 'agent signer');
  assert.equal(await ask(assertion), 'invalid_client', 'it was used');
  for (const wrong of [basic('signer'), basic(':spa_1'), basic('signer:%zz'), basic('admin:spa_1'), basic('signer:')])
    assert.equal(await ask({}, wrong), 'invalid_client', wrong);
  const unsigned = { ...assertion, client_assertion: await it.sign({ jti: 'two' }, {}, it.other) };
  const stranger = { ...assertion, client_assertion: await it.sign({ iss: 'x', sub: 'x' }) };
  for (const wrong of [unsigned, stranger, { ...stranger, client_assertion_type: assertionTypes.spiffe }])
    assert.equal(await ask(wrong), 'invalid_client');
});
