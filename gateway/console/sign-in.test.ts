import assert from 'node:assert/strict';
import { test } from 'node:test';
import { theOperator as operator } from '@sallyport/testkit/fakes/the-operator.ts';
import { createSignIn, linkSecondsMax, sessionSecondsMax } from './sign-in.ts';

function open() {
  const clock = { now: 1_000_000 };
  return { clock, signIn: createSignIn(() => clock.now) };
}

test('a link works once, for the role it was made for', async () => {
  const { signIn } = open();
  const { link } = await signIn.link('viewer', operator);
  const first = await signIn.redeem(`Bearer ${link}`);
  assert.ok(first.ok);
  assert.equal(signIn.callerOf(`Bearer ${first.value.token}`)?.role, 'viewer');
  const second = await signIn.redeem(`Bearer ${link}`);
  assert.ok(!second.ok && second.error.code === 'operator-proof');
  assert.equal(signIn.callerOf(`Bearer ${link}`), undefined, 'a link is no session');
});

test('of a hundred who use one link at once exactly one is signed in', async () => {
  const { signIn } = open();
  const { link } = await signIn.link('admin', operator);
  const all = await Promise.all(Array.from({ length: 100 }, () => signIn.redeem(`Bearer ${link}`)));
  assert.equal(all.filter(({ ok }) => ok).length, 1);
});

test('links and sessions end by themselves', async () => {
  const { signIn, clock } = open();
  const { link } = await signIn.link('admin', operator);
  clock.now += linkSecondsMax * 1_000;
  assert.equal((await signIn.redeem(`Bearer ${link}`)).ok, false);
  const { token } = signIn.open({ name: 'oidc:anna', role: 'approver', groups: [], proof: 'separate-uid' });
  clock.now += sessionSecondsMax * 1_000;
  assert.equal(signIn.callerOf(`Bearer ${token}`), undefined);
});

test('L-3 other spellings of a link or a session are not it', async () => {
  const { signIn } = open();
  const { token } = signIn.open({ name: 'oidc:anna', role: 'approver', groups: [], proof: 'separate-uid' });
  for (const other of [` ${token}`, `${token} `, `${token}=`, token.toUpperCase(), token.slice(0, -1), '', 'sps_'])
    assert.equal(signIn.callerOf(`Bearer ${other}`), undefined, other);
});

test('signing out ends what streams with it', async () => {
  const { signIn } = open();
  const { token } = signIn.open({ name: 'oidc:anna', role: 'approver', groups: [], proof: 'separate-uid' });
  const caller = signIn.callerOf(`Bearer ${token}`);
  await signIn.end(`Bearer ${token}`);
  assert.equal(caller?.ended?.aborted, true);
  assert.equal(signIn.callerOf(`Bearer ${token}`), undefined);
});

test('memory does not grow with links and sessions', async () => {
  const { signIn } = open();
  const first = signIn.open({ name: 'a', role: 'viewer', groups: [], proof: 'separate-uid' });
  const ended = signIn.callerOf(`Bearer ${first.token}`)?.ended;
  for (let at = 0; at < 300; at++) signIn.open({ name: 'a', role: 'viewer', groups: [], proof: 'separate-uid' });
  assert.equal(signIn.callerOf(`Bearer ${first.token}`), undefined);
  assert.equal(ended?.aborted, true);
});
