import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Turns } from './turns.ts';

test('Calls that come together begin two in each turn of the event loop, in their order', async () => {
  const turns = new Turns();
  const begun: number[] = [];
  const calls = [1, 2, 3, 4, 5].map(async call => {
    const turn = turns.begin();
    if (turn !== undefined) await turn;
    begun.push(call);
  });
  assert.deepEqual(begun, [1, 2]);
  await nextTurn();
  assert.deepEqual(begun, [1, 2, 3, 4]);
  await Promise.all(calls);
  assert.deepEqual(begun, [1, 2, 3, 4, 5]);
});

test('One that comes later does not overtake those that wait, and nobody waits once they have begun', async () => {
  const turns = new Turns();
  const [first, second, third] = [turns.begin(), turns.begin(), turns.begin()];
  assert.deepEqual([first, second], [undefined, undefined]);
  await third;
  // The turn of the third has room for one more.
  assert.equal(turns.begin(), undefined);
  const after = turns.begin();
  assert.ok(after instanceof Promise);
  await after;
  await nextTurn();
  await nextTurn();
  assert.equal(turns.begin(), undefined);
});
