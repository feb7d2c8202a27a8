import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isUsable, leaseEnd } from './lease.ts';

test('C-6 a lease ends with whatever ends first: its task, the operator’s bound, the issuer’s, or a day', () => {
  const instant = fc.integer({ min: 1, max: 200_000_000 });
  const missing = { nil: undefined };
  const bounds = fc.record({
    now: fc.constant(1_000),
    taskEndsAt: fc.option(instant, missing),
    secondsMax: fc.option(fc.integer({ min: 1, max: 100_000 }), missing),
    issuerEndsAt: fc.option(instant, missing),
  });
  fc.assert(
    fc.property(bounds, ({ now, taskEndsAt, secondsMax = 24 * 3_600, issuerEndsAt }) => {
      const all = [now + secondsMax * 1_000, taskEndsAt, issuerEndsAt].filter(end => end !== undefined);
      const [first] = all.sort((a, b) => a - b);
      assert.equal(leaseEnd({ now, taskEndsAt, secondsMax, issuerEndsAt }), first);
    }),
    { seed: 20261122 },
  );
  assert.equal(
    leaseEnd({ now: 1_000, taskEndsAt: undefined, secondsMax: undefined, issuerEndsAt: undefined }),
    86_401_000,
  );
});

test('a secret that ends in less than five seconds is not begun with', () => {
  assert.deepEqual(
    [5_001, 5_000, 4_999, 0].map(until => isUsable(until, 0)),
    [true, true, false, false],
  );
});
