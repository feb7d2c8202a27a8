import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Proof } from '@sallyport/core/model/agent.ts';
import { createFakeJournal } from '@sallyport/testkit/fakes/journal.ts';
import { testId } from '@sallyport/testkit/rooms/tasks.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { secretHash } from '../secret/secret.ts';
import { createDpopNonces } from '../tokens/dpop-nonces.ts';
import { createTokenIssuer } from '../tokens/issuer.ts';
import { openSigningKeys } from '../tokens/signing-keys.ts';
import { createAccessTokens } from './access.ts';

test('E-10 D-6 one call asks several times with one proof: possession counts once, revocation every time', async () => {
  using folder = temporaryFolder();
  let now = 1_800_000_000_000;
  const clock = () => now;
  const revoked = new Set<string>();
  const keys = await openSigningKeys(folder.file('keys.json'), clock);
  const nonces = createDpopNonces(clock);
  const issuer = () => 'http://us/oauth';
  const store = {
    revoke: async (name: string) => void revoked.add(name),
    isRevoked: (name: string) => revoked.has(name),
  };
  const tokens = createTokenIssuer({
    keys,
    store,
    journal: createFakeJournal(clock),
    issuer,
    now: clock,
    newId: testId,
  });
  const access = createAccessTokens({
    ...{
      issuer,
      keys: keys.published,
      isRevoked: store.isRevoked,
      now: clock,
      addressesOf: at => [`http://us${at.path}`],
    },
    dpop: { sha256: secretHash, nonceCounts: nonces.counts, use: nonces.use },
  });
  const pair = await generateKeyPair('ES256');
  const jwk = await exportJWK(pair.publicKey);
  const agents = new Map([['a', { id: 'a', classes: [], principal: 'user:emma' }]]);
  const order = { agent: 'a', principal: 'a', audience: 'http://us/mcp', seconds: 3_600 };
  const { token, jti } = await tokens.issueToken({ ...order, cnf: { jkt: await calculateJwkThumbprint(jwk) } });
  const at = { method: 'POST', host: 'us', path: '/mcp' };
  const said = {
    htm: 'POST',
    htu: 'http://us/mcp',
    ath: secretHash(token),
    nonce: nonces.current(),
    jti: 'one',
    iat: now / 1000,
  };
  const proof = await new SignJWT(said)
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
    .sign(pair.privateKey);
  const call: Extract<Proof, { kind: 'dpop' }> = { kind: 'dpop', token, proof, at };
  const ask = async (sent: typeof call): Promise<string> => {
    const agent = await access.prove(sent, agents);
    return agent.ok ? agent.value.id : agent.fault.reason;
  };
  assert.equal(await ask(call), 'a');
  assert.equal(await ask({ ...call }), 'replayed', 'another call brought the same proof');
  now += 600_000;
  assert.equal(await ask(call), 'a', 'a call that waited long was cut');
  assert.equal(await ask({ ...call }), 'nonce');
  agents.clear();
  assert.equal(await ask(call), 'no-agent', 'its agent was taken out of the configuration');
  agents.set('a', { id: 'a', classes: [], principal: 'user:emma' });
  await tokens.revoke(jti);
  assert.equal(await ask(call), 'revoked');
});
