import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refused } from '@sallyport/core/model/refusal.ts';
import { createPauses } from './pauses.ts';

const tickMillis = 250;
const minuteMillis = 60_000;
const dayMillis = 24 * 60 * minuteMillis;
const no = refused({ code: 'credential-unavailable', what: 'credential db', why: 'no' });

test('what cannot be had is asked for at once, then less and less, and once an hour in the end', () => {
  let millis = 0;
  const pauses = createPauses(() => millis);
  const attempts: number[] = [];
  for (; millis < 3 * dayMillis; millis += tickMillis) {
    if (pauses.answer('k') !== undefined) continue;
    attempts.push(millis);
    pauses.failed('k', 'db', no);
  }
  assert.deepEqual(attempts.slice(0, 5), [0, 250, 750, 1_750, 3_750]);
  const within = (from: number, to: number): number[] => attempts.filter(at => at >= from && at < to);
  assert.equal(within(30 * minuteMillis, 60 * minuteMillis).length, 6, 'who mends it soon waits five minutes at most');
  const isQuick = (at: number, next = attempts.indexOf(at) + 1): boolean =>
    (attempts[next] ?? at) - at <= Math.max(5 * minuteMillis, at / 12) + tickMillis;
  assert.ok(
    attempts.every(at => isQuick(at)),
    'and never more than a twelfth of the time that it was missing',
  );
  assert.ok(within(0, dayMillis).length < 70, `${within(0, dayMillis).length} attempts on the first day`);
  assert.equal(within(2 * dayMillis, 3 * dayMillis).length, 24);
  assert.equal(pauses.answer('other'), undefined);
  pauses.end('mail');
  assert.equal(pauses.answer('k'), no);
  pauses.end('db');
  assert.equal(pauses.answer('k'), undefined);
  pauses.failed('k', 'db', no);
  millis += 250;
  assert.equal(pauses.answer('k'), undefined, 'and it begins anew');
});
