import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { createFakeJournal } from '@sallyport/testkit/fakes/journal.ts';
import { testId } from '@sallyport/testkit/rooms/tasks.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { createAccessTokens } from '../identity/access.ts';
import { secretHash } from '../secret/secret.ts';
import { openTokenStore } from '../stores/tokens/token-store.ts';
import { createDpopNonces } from './dpop-nonces.ts';
import { createTokenIssuer, type TokenOrder, tokenSecondsMax } from './issuer.ts';
import { keySecondsMax, openSigningKeys } from './signing-keys.ts';

async function opened(folder: string, now: () => number, ranBefore = false) {
  const store = openTokenStore({ file: `${folder}/tokens.sqlite`, tenant: 'local', now, ranBefore });
  const keys = await openSigningKeys(`${folder}/signing-keys.json`, now, store.knownSince);
  const journal = createFakeJournal(now);
  const us = () => 'http://us/oauth';
  const issuer = createTokenIssuer({ keys, store, journal, issuer: us, now, newId: testId });
  const access = createAccessTokens({
    ...{ issuer: us, keys: keys.published, isRevoked: store.isRevoked, addressesOf: () => [], now },
    dpop: { sha256: secretHash, nonceCounts: () => false, use: () => false },
  });
  const good = async (token: string) => {
    const read = await access.read(token, audience => audience === 'http://us/mcp');
    return read.ok ? 'good' : read.fault.reason;
  };
  return { keys, store, issuer, good };
}

const order: TokenOrder = { agent: 'a', principal: 'user:emma', audience: 'http://us/mcp', seconds: 600 };

test('D-8 a revoked token, family or task is revoked after a restart as well, and others are not', async () => {
  using folder = temporaryFolder();
  const now = () => 1_800_000_000_000;
  const first = await opened(folder.path, now);
  const [one, two, three] = await Promise.all([
    first.issuer.issueToken(order),
    first.issuer.issueToken({ ...order, family: 'fam_x' }),
    first.issuer.issueToken({ ...order, task: 't_00000000000000000000000001' }),
  ]);
  const last = await first.issuer.issueToken(order);
  const all = [one, two, three, last].map(({ token }) => token);
  assert.deepEqual(await Promise.all(all.map(first.good)), ['good', 'good', 'good', 'good']);
  await first.issuer.revoke(one.jti);
  await first.issuer.revoke('fam_x');
  await first.issuer.revoke('t_00000000000000000000000001');
  assert.deepEqual(await Promise.all(all.map(first.good)), ['revoked', 'revoked', 'revoked', 'good']);
  first.store.close();
  const again = await opened(folder.path, now);
  assert.deepEqual(await Promise.all(all.map(again.good)), ['revoked', 'revoked', 'revoked', 'good']);
  again.store.close();
});

test('D-8 a list that was lost lets no token of before count, nor a proof that may have been used', async () => {
  for (const lose of [(file: string) => rmSync(file), (file: string) => writeFileSync(file, '')]) {
    using folder = temporaryFolder();
    const file = folder.file('tokens.sqlite');
    let at = 1_800_000_000_000;
    const now = () => at;
    const first = await opened(folder.path, now);
    const before = await first.issuer.issueToken(order);
    assert.equal(await first.store.useOnce('proof', at + 600_000, undefined), true, 'nothing was lost in a new folder');
    await first.issuer.revoke(before.jti);
    first.store.close();
    lose(file);
    at += 1_000;
    const then = at;
    for (const run of [1, 2]) {
      const again = await opened(folder.path, now, true);
      assert.deepEqual([again.store.isNew, again.store.knownSince], [run === 1, then]);
      assert.notEqual(await again.good(before.token), 'good');
      const after = await again.issuer.issueToken(order);
      assert.equal(await again.good(after.token), 'good');
      for (const issuedAt of [then - 60_000, then, undefined])
        assert.equal(await again.store.useOnce(`of ${issuedAt}`, at + 600_000, issuedAt), false, String(issuedAt));
      assert.equal(await again.store.useOnce(`new ${run}`, at + 600_000, then + 60_000), true);
      at += 120_000;
      again.store.close();
    }
    const kids = (JSON.parse(readFileSync(folder.file('signing-keys.json'), 'utf8')) as { keys: unknown[] }).keys;
    assert.equal(kids.length, 2, 'new keys are made once');
  }
});

test('a name counts once, also after a restart; one tenant does not see another’s', async () => {
  using folder = temporaryFolder();
  const file = folder.file('tokens.sqlite');
  let now = 1_000;
  const local = openTokenStore({ file, tenant: 'local', now: () => now, ranBefore: false });
  assert.equal(await local.useOnce('a', 10_000, now), true);
  assert.equal(await local.useOnce('a', 10_000, now), false);
  const other = openTokenStore({ file, tenant: 'other', now: () => now, ranBefore: false });
  assert.equal(await other.useOnce('a', 10_000, now), true);
  await other.revoke('x', 10_000);
  assert.equal(local.isRevoked('x'), false);
  local.close();
  other.close();
  const again = openTokenStore({ file, tenant: 'local', now: () => now, ranBefore: false });
  assert.equal(await again.useOnce('a', 10_000, now), false);
  now = 200_000;
  assert.equal(await again.useOnce('a', 300_000, now), true, 'what has ended by itself need not be remembered');
  again.close();
});

test('D-8 whatever was revoked or used stands in the one file, also while it is open: what lies beside it may be lost', async () => {
  using folder = temporaryFolder();
  const [file, copy] = [folder.file('tokens.sqlite'), folder.file('copy.sqlite')];
  const ports = { tenant: 'local', now: () => 1_000, ranBefore: false };
  const killed = openTokenStore({ file, ...ports });
  await killed.revoke('fam_x', 10_000);
  assert.equal(await killed.useOnce('proof', 10_000, 1_000), true);
  copyFileSync(file, copy);
  killed.close();
  const next = openTokenStore({ file: copy, ...ports });
  assert.equal(next.isRevoked('fam_x'), true);
  assert.equal(await next.useOnce('proof', 10_000, 1_000), false);
  next.close();
});

test('a damaged list of what was revoked stops the start instead of beginning anew', () => {
  using folder = temporaryFolder();
  const file = folder.file('tokens.sqlite');
  writeFileSync(file, 'not a database, and long enough to be read as one'.repeat(50), { mode: 0o600 });
  assert.throws(
    () => openTokenStore({ file, tenant: 'local', now: Date.now, ranBefore: true }),
    /cannot be read: restore it/,
  );
});

test('the next key is published before it signs, and the one before verifies what it signed', async () => {
  using folder = temporaryFolder();
  let now = 1_800_000_000_000;
  const { keys, issuer, good, store } = await opened(folder.path, () => now);
  const { token } = await issuer.issueToken(order);
  const before = JSON.parse(keys.jwks()) as { keys: { kid: string; d?: string }[] };
  now += 60_000;
  await keys.rotate();
  assert.ok(
    before.keys.some(({ kid }) => kid === keys.current().kid),
    'the new key was not published before',
  );
  assert.equal(await good(token), 'good');
  assert.equal(await good((await issuer.issueToken(order)).token), 'good');
  assert.ok(!keys.jwks().includes('"d"'));
  const kid = keys.current().kid;
  await keys.rotateIfDue();
  assert.equal(keys.current().kid, kid);
  now += keySecondsMax * 1000 + 1;
  await keys.rotateIfDue();
  assert.notEqual(keys.current().kid, kid);
  assert.ok((JSON.parse(keys.jwks()) as { keys: unknown[] }).keys.length <= 3);
  store.close();
});

test('D-5 a token has an end, and nobody gets one for longer than there are', async () => {
  using folder = temporaryFolder();
  let now = 1_800_000_000_000;
  const { issuer, good, store } = await opened(folder.path, () => now);
  for (const seconds of [0, -1, tokenSecondsMax + 1, Number.NaN, Number.POSITIVE_INFINITY])
    await assert.rejects(issuer.issueToken({ ...order, seconds }), RangeError);
  const { token } = await issuer.issueToken(order);
  now += 629_000;
  assert.equal(await good(token), 'good');
  now += 2_000;
  assert.equal(await good(token), 'expired');
  store.close();
});

test('D-9 a file of signing keys that is none stops the start', async () => {
  using folder = temporaryFolder();
  const file = folder.file('signing-keys.json');
  for (const text of ['', '{}', '{"v":2,"keys":[]}', '{"v":1,"keys":[{"kid":"x"}]}']) {
    writeFileSync(file, text, { mode: 0o600 });
    await assert.rejects(openSigningKeys(file, Date.now), /signing keys/);
  }
  assert.equal(readFileSync(file, 'utf8'), '{"v":1,"keys":[{"kid":"x"}]}', 'it was written over');
});

test('D-6 a nonce counts for two minutes at most and not after a restart; a proof counts once', () => {
  let now = 1_800_000_000_000;
  const nonces = createDpopNonces(() => now);
  const nonce = nonces.current();
  assert.ok(nonces.counts(nonce));
  assert.equal(createDpopNonces(() => now).counts(nonce), false);
  for (const other of ['', nonce.slice(1), `${nonce}A`, nonce.toUpperCase()]) assert.equal(nonces.counts(other), false);
  now += 60_000;
  assert.ok(nonces.counts(nonce));
  now += 60_000;
  assert.equal(nonces.counts(nonce), false);
  assert.deepEqual(
    [nonces.use('a', now + 10), nonces.use('a', now + 10), nonces.use('b', now + 10)],
    [true, false, true],
  );
});
