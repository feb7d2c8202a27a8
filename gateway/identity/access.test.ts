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

type TokenProof = Extract<Proof, { kind: 'bearer' | 'dpop' }>;

async function scene(folder: ReturnType<typeof temporaryFolder>) {
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
  const agents = new Map([['a', { id: 'a', classes: [], principal: 'user:emma' }]]);
  const ask = async (sent: TokenProof): Promise<string> => {
    const agent = await access.prove(sent, agents);
    return agent.ok ? agent.value.id : agent.fault.reason;
  };
  const wait = (millis: number): void => {
    now += millis;
  };
  return { ask, agents, tokens, nonces, now: clock, wait };
}

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;

async function proofOf(
  pair: Pair,
  of: { readonly token: string; nonce: string; jti: string; at: number },
): Promise<string> {
  const { token, nonce, jti } = of;
  const said = { htm: 'POST', htu: 'http://us/mcp', ath: secretHash(token), nonce, jti, iat: of.at / 1000 };
  return new SignJWT(said)
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: await exportJWK(pair.publicKey) })
    .sign(pair.privateKey);
}

const order = { agent: 'a', principal: 'a', audience: 'http://us/mcp', seconds: 3_600 };
const at = { method: 'POST', host: 'us', path: '/mcp' };

test('E-10 D-6 one call asks several times with one proof: possession counts once, revocation every time', async () => {
  using folder = temporaryFolder();
  const { ask, agents, tokens, nonces, now, wait } = await scene(folder);
  const pair = await generateKeyPair('ES256');
  const jwk = await exportJWK(pair.publicKey);
  const { token, jti } = await tokens.issueToken({ ...order, cnf: { jkt: await calculateJwkThumbprint(jwk) } });
  const proof = await proofOf(pair, { token, nonce: nonces.current(), jti: 'one', at: now() });
  const call: Extract<Proof, { kind: 'dpop' }> = { kind: 'dpop', token, proof, at };
  assert.equal(await ask(call), 'a');
  assert.equal(await ask({ ...call }), 'replayed', 'another call brought the same proof');
  wait(600_000);
  assert.equal(await ask(call), 'a', 'a call that waited long was cut');
  assert.equal(await ask({ ...call }), 'nonce');
  agents.clear();
  assert.equal(await ask(call), 'no-agent', 'its agent was taken out of the configuration');
  agents.set('a', { id: 'a', classes: [], principal: 'user:emma' });
  await tokens.revoke(jti);
  assert.equal(await ask(call), 'revoked');
});

test('D-3 D-5 D-6 a token counts where it was issued for, as it was issued, and until it ends, however often it was used before', async () => {
  using folder = temporaryFolder();
  const { ask, tokens, nonces, now, wait } = await scene(folder);
  const { token } = await tokens.issueToken(order);
  const bound = await tokens.issueToken({ ...order, cnf: { jkt: 'x'.repeat(43) } });
  const shown: TokenProof = { kind: 'bearer', token, at };
  assert.equal(await ask(shown), 'a');
  assert.equal(await ask({ ...shown, at: { ...at, path: '/mcp/files' } }), 'audience');
  assert.equal(await ask({ kind: 'bearer', token }), 'audience', 'nobody knows where');
  assert.equal(await ask({ ...shown, token: bound.token }), 'binding', 'it counts only with the key');
  const pair = await generateKeyPair('ES256');
  for (const one of [token, bound.token]) {
    const proof = await proofOf(pair, { token: one, nonce: nonces.current(), jti: one.slice(-8), at: now() });
    assert.equal(await ask({ kind: 'dpop', token: one, proof, at }), 'binding', 'bound to no key, and to another');
  }
  wait(3_000_000);
  assert.equal(await ask(shown), 'a');
  wait(700_000);
  assert.equal(await ask(shown), 'expired');
});
