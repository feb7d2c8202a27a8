import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConnectPages } from './connect-pages.ts';
import { Parameters, parseParameters } from './form.ts';
import { SignIns } from './sign-ins.ts';

function opened() {
  const clock = { now: 1_000_000 };
  const now = () => clock.now;
  const never = async () => assert.fail('nobody signs in here');
  const issuer = () => 'http://us/oauth';
  const pages = createConnectPages({ signIns: new SignIns(now), begin: never, finish: never, issuer, now });
  return { clock, pages, open: (link: string) => pages.invited(parseParameters(new URL(link).search.slice(1))) };
}

const over = /was used already, or is too old/;

test('an invitation is good for ten minutes, once, for whom it was made; whoever brings none was not invited', () => {
  const { clock, pages, open } = opened();
  const [first, late] = [pages.invite('mail', 'user:emma'), pages.invite('wiki', 'user:paul')];
  clock.now += 600_000;
  const { credential, principal } = open(first) ?? assert.fail('not invited');
  assert.deepEqual([credential, principal], ['mail', 'user:emma']);
  assert.throws(() => open(first), over);
  clock.now += 1;
  assert.throws(() => open(late), over);
  assert.throws(() => open('http://us/oauth/connect?invitation=guessed'), over);
  assert.equal(pages.invited(new Parameters(new Map())), undefined);
});

test('of a thousand invitations that nobody took up the oldest makes room', () => {
  const { pages, open } = opened();
  const links = Array.from({ length: 1_001 }, (_, n) => pages.invite('mail', `user:${n}`));
  assert.throws(() => open(links[0] ?? ''), over);
  assert.equal(open(links[1] ?? '')?.principal, 'user:1');
  assert.equal(open(links[1_000] ?? '')?.principal, 'user:1000');
});
