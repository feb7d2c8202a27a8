import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LateStarts } from './late-starts.ts';

test('what waits for half a second begins, once, and what is over before does not', ({ mock: { timers } }) => {
  timers.enable({ apis: ['setInterval'] });
  const late = new LateStarts();
  const begun: string[] = [];
  const add = (name: string): number => late.add({ begin: () => void begun.push(name) });
  add('first');
  timers.tick(100);
  add('second');
  const short = add('short');
  timers.tick(399);
  assert.deepEqual(begun, []);
  late.over(short);
  timers.tick(250);
  assert.deepEqual(begun.toSorted(), ['first', 'second']);
  timers.tick(10_000);
  assert.equal(begun.length, 2);
});

test('a place that was given up is another’s, with a time of its own, and the clock stands still between them', ({
  mock: { timers },
}) => {
  timers.enable({ apis: ['setInterval'] });
  const late = new LateStarts();
  const begun: string[] = [];
  const place = late.add({ begin: () => void begun.push('gone') });
  timers.tick(400);
  late.over(place);
  timers.tick(10_000);
  assert.equal(late.add({ begin: () => void begun.push('next') }), place);
  timers.tick(499);
  assert.deepEqual(begun, []);
  timers.tick(126);
  assert.deepEqual(begun, ['next']);
});
