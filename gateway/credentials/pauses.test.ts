import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refused } from '@sallyport/core/model/refusal.ts';
import { createPauses } from './pauses.ts';

const no = refused({ code: 'credential-unavailable', what: 'credential db', why: 'no' });

test('what cannot be had is asked for at once, then less and less, and twelve times an hour in the end', () => {
  let millis = 0;
  const pauses = createPauses(() => millis);
  const attempts: number[] = [];
  for (; millis < 24 * 3_600_000; millis += 250) {
    if (pauses.answer('k') !== undefined) continue;
    attempts.push(millis);
    pauses.failed('k', 'db', no);
  }
  assert.deepEqual(attempts.slice(0, 5), [0, 250, 750, 1_750, 3_750]);
  assert.ok(attempts.length < 300, `${attempts.length} attempts a day`);
  assert.equal(attempts.filter(at => at >= 23 * 3_600_000).length, 12);
  assert.equal(pauses.answer('other'), undefined);
  pauses.end('mail');
  assert.equal(pauses.answer('k'), no);
  pauses.end('db');
  assert.equal(pauses.answer('k'), undefined);
  pauses.failed('k', 'db', no);
  millis += 250;
  assert.equal(pauses.answer('k'), undefined, 'and it begins anew');
});
