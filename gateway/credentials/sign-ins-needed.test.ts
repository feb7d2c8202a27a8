import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSignInsNeeded } from './sign-ins-needed.ts';

const emma = 'user:emma' as never;

test('of the scope that a server asks for, people see words of scopes alone, and no more than they read', () => {
  const needed = createSignInsNeeded(
    () => 'http://127.0.0.1:5000/oauth/connect',
    () => 0 as never,
  );
  const turnedAway = (scope: string): void =>
    needed.turnedAway(emma, { status: 403, error: 'insufficient_scope', scope });
  turnedAway('mail.read \u001b[2Jcleared \u009b31m \u202etxt "quoted" mail.send');
  assert.equal(needed.state()?.why, 'user:emma: its server wants more than it may: mail.read mail.send');
  assert.deepEqual(needed.moreScope(), ['mail.read', 'mail.send']);
  turnedAway('\u009b');
  assert.match(needed.state()?.why ?? '', /it does not say what$/);
  for (let at = 0; at < 1_000; at++) turnedAway(`${'x'.repeat(100)}${at} y${at} z${at} ${'w'.repeat(190)}`);
  assert.ok((needed.state()?.why?.length ?? 0) < 400);
  assert.equal(needed.moreScope().length, 50);
});
