import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type CallSignal, Cancellation } from './call-signal.ts';

type Step = readonly ['listen' | 'leave' | 'abort', number];

/** What three listeners hear of a cancellation, in order; the first also takes the second away when it hears of it. */
function heard(end: { abort: () => void }, signal: CallSignal, steps: readonly Step[]): string[] {
  const told: string[] = [];
  const listeners = [0, 1, 2].map(one => () => {
    told.push(`${one} heard`);
    if (one === 0) signal.removeEventListener('abort', listeners[1] ?? assert.fail());
  });
  for (const [what, one] of steps) {
    const listener = listeners[one] ?? assert.fail();
    if (what === 'listen') signal.addEventListener('abort', listener, { once: true });
    else if (what === 'leave') signal.removeEventListener('abort', listener);
    else end.abort();
    told.push(what);
  }
  return told;
}

test('a cancellation is heard of as that of an AbortController is', () => {
  const step: fc.Arbitrary<Step> = fc.tuple(
    fc.constantFrom('listen', 'listen', 'leave', 'abort'),
    fc.integer({ min: 0, max: 2 }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), steps => {
      const own = new Cancellation();
      const platform = new AbortController();
      assert.deepEqual(heard(own, own, steps), heard(platform, platform.signal, steps));
      assert.equal(own.aborted, platform.signal.aborted);
    }),
    { numRuns: 500 },
  );
});

test('a listener that throws keeps the news from nobody, and is not told again', () => {
  const signal = new Cancellation();
  const told: string[] = [];
  signal.addEventListener('abort', () => {
    told.push('first');
    throw new Error('first failed');
  });
  signal.addEventListener('abort', () => void told.push('second'));
  assert.throws(() => signal.abort(), /first failed/);
  signal.abort();
  assert.deepEqual([signal.aborted, told], [true, ['first', 'second']]);
});
