import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeLimits } from '@sallyport/testkit/fakes/task.ts';
import fc from 'fast-check';
import { noUse, offer, replyBytesMin, widened } from './limits.ts';

const limits = fakeLimits({ callsMax: 3, spendCentsMax: 500, secondsMax: 60, bytesMax: 10_000 });
const wish = { bytes: 100, replyBytesMax: 4_000 };

test('a call reserves itself, its bytes and the most that its answer may have', () => {
  assert.deepEqual(offer({ limits, used: noUse, reserved: noUse }, wish), {
    kind: 'granted',
    reserved: { calls: 1, bytes: 4_100, spendCents: 0 },
    replyBytesMax: 4_000,
  });
});

test('what is used up is refused by the name of its limit', () => {
  assert.deepEqual(offer({ limits, used: { ...noUse, calls: 3, bytes: 0 }, reserved: noUse }, wish), {
    kind: 'refused',
    code: 'limit-calls',
  });
  assert.deepEqual(offer({ limits, used: { ...noUse, calls: 0, bytes: 9_900 }, reserved: noUse }, wish), {
    kind: 'refused',
    code: 'limit-bytes',
  });
});

test('what would cost more than is left is refused, and money that is only set aside is waited for', () => {
  const dear = { ...wish, spendCents: 200 };
  assert.deepEqual(offer({ limits, used: { ...noUse, spendCents: 301 }, reserved: noUse }, dear), {
    kind: 'refused',
    code: 'limit-spend',
  });
  const reserved = { ...noUse, calls: 1, spendCents: 301 };
  assert.equal(offer({ limits, used: noUse, reserved }, dear).kind, 'wait');
  const granted = offer({ limits, used: { ...noUse, spendCents: 300 }, reserved: noUse }, dear);
  assert.equal(granted.kind === 'granted' && granted.reserved.spendCents, 200);
});

test('K-9 what is only reserved is waited for, never refused', () => {
  const calls = offer(
    { limits, used: { ...noUse, calls: 1, bytes: 0 }, reserved: { ...noUse, calls: 2, bytes: 200 } },
    wish,
  );
  assert.equal(calls.kind, 'wait');
  const bytes = offer({ limits, used: noUse, reserved: { ...noUse, calls: 1, bytes: 8_000 } }, wish);
  assert.equal(bytes.kind, 'wait');
});

test('the last bytes of a task go to a call that is alone, and bound its answer', () => {
  const last = offer({ limits, used: { ...noUse, calls: 1, bytes: 9_000 }, reserved: noUse }, wish);
  assert.deepEqual(last, { kind: 'granted', reserved: { ...noUse, calls: 1, bytes: 1_000 }, replyBytesMax: 900 });
});

test('an action for whose answer no room is left is not begun', () => {
  const room = (bytes: number) =>
    offer({ limits, used: { ...noUse, calls: 0, bytes: limits.bytesMax - bytes }, reserved: noUse }, wish).kind;
  assert.equal(room(wish.bytes + replyBytesMin), 'granted');
  assert.equal(room(wish.bytes + replyBytesMin - 1), 'refused');
});

test('used and reserved together never exceed a limit, whatever is asked', () => {
  const use = fc.record({ spendCents: fc.nat(600), calls: fc.nat(6), bytes: fc.nat(20_000) });
  fc.assert(
    fc.property(use, use, fc.nat(5_000), fc.nat(20_000), fc.nat(600), (used, reserved, bytes, replyBytesMax, cents) => {
      const offered = offer({ limits, used, reserved }, { bytes, replyBytesMax, spendCents: cents });
      if (offered.kind !== 'granted') return;
      assert.ok(used.calls + reserved.calls + 1 <= limits.callsMax);
      assert.ok(used.bytes + reserved.bytes + offered.reserved.bytes <= limits.bytesMax);
      assert.ok(used.spendCents + reserved.spendCents + cents <= limits.spendCentsMax);
      assert.ok(offered.replyBytesMax <= replyBytesMax);
      assert.equal(offered.reserved.bytes, bytes + offered.replyBytesMax);
    }),
    { numRuns: 2_000 },
  );
});

test('limits only narrow: the first that would widen is named', () => {
  assert.equal(widened(limits, { ...limits, callsMax: 1 }), undefined);
  assert.equal(widened(limits, { ...limits, bytesMax: 10_001 }), 'bytesMax');
  assert.equal(widened(limits, { ...limits, callsMax: 4, secondsMax: 61, bytesMax: 1 }), 'callsMax');
  const idle = (outer: number | undefined, asked: number | undefined) =>
    widened(
      { ...limits, ...(outer && { idleSecondsMax: outer }) },
      { ...limits, ...(asked && { idleSecondsMax: asked }) },
    );
  assert.deepEqual([idle(60, 60), idle(undefined, 60), idle(undefined, undefined)], [undefined, undefined, undefined]);
  for (const wide of [61, undefined]) assert.equal(idle(60, wide), 'idleSecondsMax', String(wide));
  assert.equal(widened({ ...limits, idleSecondsMax: 60 }, { ...limits, idleSecondsMax: Number.NaN }), 'idleSecondsMax');
});
