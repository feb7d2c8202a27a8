import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cookieFor, SignIns } from './sign-ins.ts';

const signIns = new SignIns(() => 1_000);
const ended = /this sign-in has ended, or was begun in another browser/;

test('the cookie of a sign-in is for this host alone, over TLS alone where there is TLS, and no script reads it', () => {
  const begun = signIns.begin(undefined);
  const pair = `sallyport-${begun.id.slice(0, 8)}=${begun.browser}`;
  assert.equal(cookieFor(begun, true), `__Host-${pair}; Path=/; HttpOnly; SameSite=Lax; Max-Age=600; Secure`);
  assert.equal(cookieFor(begun, false), `${pair}; Path=/; HttpOnly; SameSite=Lax; Max-Age=600`);
});

test('where there is TLS only the cookie counts that no other host can set', () => {
  const begun = signIns.begin(undefined);
  const sent = (secure: boolean): string => cookieFor(begun, secure).split(';', 1)[0] ?? '';
  for (const secure of [true, false]) {
    assert.equal(signIns.find(begun.id, `other=1; ${sent(secure)}`, secure).id, begun.id);
    assert.throws(() => signIns.find(begun.id, sent(!secure), secure), ended);
    assert.throws(() => signIns.find(begun.id, undefined, secure), ended);
    assert.throws(() => signIns.find(begun.id, `${sent(secure)}x`, secure), ended);
  }
});

test('a sign-in that took too long, or that has ended, is none, although its browser comes back', () => {
  let now = 1_000;
  const others = new SignIns(() => now);
  const begun = others.begin(undefined);
  const sent = cookieFor(begun, true).split(';', 1)[0];
  now += 600_000;
  assert.equal(others.find(begun.id, sent, true).id, begun.id);
  now += 1;
  assert.throws(() => others.find(begun.id, sent, true), ended);
  const next = others.begin(undefined);
  others.end(next);
  assert.throws(() => others.find(next.id, cookieFor(next, true).split(';', 1)[0], true), ended);
});
