import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reservation } from '@sallyport/core/mediate/ports.ts';
import type { TaskOpened } from '@sallyport/core/model/entry.ts';
import type { Checked } from '@sallyport/core/model/refusal.ts';
import type { TaskLimits, Use } from '@sallyport/core/model/task.ts';
import { noUse, offer, plus } from '@sallyport/core/task/limits.ts';
import { standingOf } from '@sallyport/core/task/standing.ts';
import { emptyState, type State } from '@sallyport/core/task/state.ts';
import { endTask, openTask } from '@sallyport/core/task/task.ts';
import { fakeLimits } from '@sallyport/testkit/fakes/task.ts';
import fc from 'fast-check';
import { createReservations, type Reservations, waitingCallsMax } from './reservations.ts';

const id = 't_00000000000000000000000001';
const never = new AbortController().signal;
const turn = (): Promise<void> => new Promise(setImmediate);

function setUp(
  limits: Partial<TaskLimits>,
  committed: () => void = () => {},
): { state: State; reservations: Reservations; used: () => Use } {
  const state = emptyState();
  const draft: TaskOpened = {
    kind: 'task.opened',
    id,
    task: id,
    agent: 'a',
    principal: 'user:p',
    taskKind: 'opened',
    opener: 'operator',
    manifest: { tools: undefined },
    limits: { callsMax: 1_000, secondsMax: 60, bytesMax: 1_000_000_000, ...limits },
    labels: [],
  };
  openTask(state, draft, 0, '');
  const reservations = createReservations(state, {
    standing: task => standingOf(state, task, 'a', 1),
    committed,
  });
  return { state, reservations, used: () => state.tasks.get(id)?.task.used ?? noUse };
}

function granted(checked: Checked<Reservation> | undefined): Reservation {
  assert.ok(checked?.ok, 'not granted');
  return checked.value;
}

test('K-9 of N+k calls at once exactly N are granted; the others wait, and are refused once N were sent', {
  timeout: 30_000,
}, async () => {
  const { reservations, used } = setUp({ callsMax: 50 });
  const answers: Checked<Reservation>[] = [];
  const all = Array.from({ length: 70 }, async () => {
    answers.push(await reservations.reserve(id, { bytes: 10, replyBytesMax: 1_000 }, never));
  });
  await turn();
  assert.equal(answers.length, 50);
  for (const answer of [...answers]) granted(answer).commit(20);
  await Promise.all(all);
  assert.equal(answers.filter(answer => answer.ok).length, 50);
  const codes = answers.flatMap(answer => (answer.ok ? [] : [answer.refusal.code]));
  assert.deepEqual(new Set(codes), new Set(['limit-calls']));
  assert.deepEqual(used(), { calls: 50, bytes: 1_000, spendCents: 0 });
  assert.deepEqual(reservations.reserved(id), noUse);
});

test('K-9 of calls at once each is told what those before it may use, also once these have ended', {
  timeout: 30_000,
}, async () => {
  const { reservations } = setUp({ spendCentsMax: 1_000 });
  const wish = { bytes: 10, replyBytesMax: 1_000, spendCents: 90 };
  const [first, second, third] = await Promise.all(
    [1, 2, 3].map(async () => granted(await reservations.reserve(id, wish, never))),
  );
  const told = (hold: Reservation | undefined): unknown => [hold?.before?.calls, hold?.before?.spendCents];
  assert.deepEqual([first, second, third].map(told), [
    [0, 0],
    [1, 90],
    [2, 180],
  ]);
  first?.commit(20);
  second?.release();
  third?.commit(20);
  const last = granted(await reservations.reserve(id, wish, never));
  assert.deepEqual(told(last), [2, 180]);
  last.release();
});

test('E-10 what is under way when its agent, its task, its server or everybody is stopped stays stopped; nothing else does', async () => {
  const wish = { bytes: 1, replyBytesMax: 1_000 };
  for (const [scope, stopped] of [
    [{ kind: 'all' }, [true, true]],
    [{ kind: 'agent', agent: 'a' }, [true, true]],
    [{ kind: 'task', task: id }, [true, true]],
    [{ kind: 'server', server: 'mail' }, [true, false]],
    [{ kind: 'agent', agent: 'b' }, [false, false]],
  ] as const) {
    const { reservations } = setUp({});
    const mail = granted(await reservations.reserve(id, { ...wish, server: 'mail' }, never));
    const files = granted(await reservations.reserve(id, { ...wish, server: 'files' }, never));
    reservations.stop(scope);
    assert.deepEqual([mail.stopped, files.stopped], stopped, JSON.stringify(scope));
    const later = granted(await reservations.reserve(id, { ...wish, server: 'mail' }, never));
    assert.equal(later.stopped, false, 'whoever comes after the stop is refused by the stop itself');
  }
});

test('K-9 denied calls cost nothing: a hundred at once within a limit of one are all decided', {
  timeout: 30_000,
}, async () => {
  const { reservations, used } = setUp({ callsMax: 1 });
  const outcomes = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const reservation = await reservations.reserve(id, { bytes: 10, replyBytesMax: 1_000 }, never);
      await turn();
      granted(reservation).release();
      return reservation.ok;
    }),
  );
  assert.deepEqual(new Set(outcomes), new Set([true]));
  assert.deepEqual(used(), noUse);
  granted(await reservations.reserve(id, { bytes: 1, replyBytesMax: 1_000 }, never));
});

test('K-9 a hundred parallel calls whose worst cases together exceed the bytes all pass', {
  timeout: 30_000,
}, async () => {
  const { reservations, used } = setUp({ bytesMax: 10_000_000 });
  await Promise.all(
    Array.from({ length: 100 }, async () => {
      const reservation = granted(await reservations.reserve(id, { bytes: 100, replyBytesMax: 4_000_000 }, never));
      await turn();
      reservation.commit(600);
    }),
  );
  assert.deepEqual(used(), { calls: 100, bytes: 60_000, spendCents: 0 });
});

test('a reservation settles once', { timeout: 30_000 }, async () => {
  const { reservations, used } = setUp({});
  const reservation = granted(await reservations.reserve(id, { bytes: 1, replyBytesMax: 1_000 }, never));
  reservation.commit(5);
  reservation.release();
  reservation.commit(7);
  assert.deepEqual(used(), { calls: 1, bytes: 5, spendCents: 0 });
  assert.deepEqual(reservations.reserved(id), noUse);
});

test('E-10 a call that waits when its task ends is refused as ended', { timeout: 30_000 }, async () => {
  const { state, reservations } = setUp({ callsMax: 1 });
  granted(await reservations.reserve(id, { bytes: 1, replyBytesMax: 1_000 }, never));
  const waiting = reservations.reserve(id, { bytes: 1, replyBytesMax: 1_000 }, never);
  endTask(state, { kind: 'task.ended', id: 'e_1', task: id, by: 'operator', why: 'done' }, 1);
  reservations.recheck();
  const answer = await waiting;
  assert.ok(!answer.ok);
  assert.equal(answer.refusal.code, 'task-ended');
});

test('a call that is cancelled while it waits leaves, and whoever it held up goes on', {
  timeout: 30_000,
}, async () => {
  const { reservations } = setUp({ bytesMax: 10_000 });
  granted(await reservations.reserve(id, { bytes: 100, replyBytesMax: 5_000 }, never));
  const cancel = new AbortController();
  const large = reservations.reserve(id, { bytes: 100, replyBytesMax: 9_000 }, cancel.signal);
  const small = reservations.reserve(id, { bytes: 100, replyBytesMax: 1_000 }, never);
  cancel.abort();
  const answer = await large;
  assert.ok(!answer.ok);
  assert.equal(answer.refusal.code, 'cancelled');
  granted(await small);
});

test('a call that cannot wait, or was cancelled before, is told at once and holds nothing', async () => {
  const { reservations } = setUp({ callsMax: 2 });
  const wish = { bytes: 1, replyBytesMax: 1_000 };
  const codeOf = (checked: Checked<Reservation>): string => (checked.ok ? 'granted' : checked.refusal.code);
  const cancelled = AbortSignal.abort();
  assert.equal(codeOf(await reservations.reserve(id, wish, cancelled)), 'cancelled');
  assert.deepEqual(reservations.reserved(id), noUse);
  const first = granted(await reservations.reserve(id, { ...wish, atOnce: true }, never));
  granted(await reservations.reserve(id, { ...wish, atOnce: true }, never));
  const last = reservations.reserve(id, { ...wish, atOnce: true }, never);
  assert.ok(!(last instanceof Promise));
  assert.equal(codeOf(last), 'overloaded');
  first.release();
  assert.equal(codeOf(await reservations.reserve(id, { ...wish, atOnce: true }, never)), 'granted');
});

test('first come, first served: a small call does not overtake a large one that waits', {
  timeout: 30_000,
}, async () => {
  const { reservations } = setUp({ bytesMax: 10_000 });
  const first = granted(await reservations.reserve(id, { bytes: 100, replyBytesMax: 5_000 }, never));
  const order: string[] = [];
  const large = Promise.resolve(reservations.reserve(id, { bytes: 100, replyBytesMax: 9_000 }, never)).then(answer => {
    order.push('large');
    granted(answer).release();
  });
  const small = Promise.resolve(reservations.reserve(id, { bytes: 100, replyBytesMax: 1_000 }, never)).then(() =>
    order.push('small'),
  );
  await turn();
  assert.deepEqual(order, []);
  first.release();
  await Promise.all([large, small]);
  assert.deepEqual(order, ['large', 'small']);
});

test('what may wait is bounded', { timeout: 30_000 }, async () => {
  const { reservations } = setUp({ callsMax: 1 });
  granted(await reservations.reserve(id, { bytes: 1, replyBytesMax: 1_000 }, never));
  for (let n = 0; n < waitingCallsMax; n++) void reservations.reserve(id, { bytes: 1, replyBytesMax: 1_000 }, never);
  const answer = await reservations.reserve(id, { bytes: 1, replyBytesMax: 1_000 }, never);
  assert.ok(!answer.ok);
  assert.equal(answer.refusal.code, 'overloaded');
});

interface Planned {
  readonly bytes: number;
  readonly reply: number;
  readonly denied: boolean;
}

/** Each step starts the next call, or settles one that is in flight. */
async function runParallel(
  limits: TaskLimits,
  calls: readonly Planned[],
  steps: readonly number[],
  replyBytesMax: number,
) {
  const { reservations, used } = setUp(limits);
  const order: { readonly call: Planned; readonly replyBytesMax: number | undefined }[] = [];
  const inFlight: { readonly call: Planned; readonly reservation: Reservation }[] = [];
  const settle = ({ call, reservation }: (typeof inFlight)[number]): void =>
    call.denied
      ? reservation.release()
      : reservation.commit(call.bytes + Math.min(call.reply, reservation.replyBytesMax));
  let next = 0;
  let waits = 0;
  for (const step of [...steps, ...calls.map(() => 0)]) {
    const call = calls[next];
    if (step % 2 === 0 && call !== undefined) {
      next += 1;
      void Promise.resolve(reservations.reserve(id, { bytes: call.bytes, replyBytesMax }, never)).then(answer => {
        order.push({ call, replyBytesMax: answer.ok ? answer.value.replyBytesMax : undefined });
        if (answer.ok) inFlight.push({ call, reservation: answer.value });
      });
    } else inFlight.splice(step % Math.max(1, inFlight.length), 1).forEach(settle);
    for (let n = 0; n < 8; n++) await Promise.resolve();
    if (order.length < next) waits += 1;
  }
  while (inFlight.length > 0) {
    inFlight.splice(0, 1).forEach(settle);
    for (let n = 0; n < 8; n++) await Promise.resolve();
  }
  return { order, waits, used: used(), left: reservations.reserved(id) };
}

test('K-9 whatever the interleaving, each call gets what it would get in some serial order', {
  timeout: 30_000,
}, async () => {
  const call = fc.record({ bytes: fc.nat(600), reply: fc.nat(4_000), denied: fc.boolean() });
  let waits = 0;
  let refusals = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.record({ callsMax: fc.integer({ min: 1, max: 8 }), bytesMax: fc.integer({ min: 600, max: 12_000 }) }),
      fc.array(call, { minLength: 1, maxLength: 14 }),
      fc.array(fc.nat(9), { maxLength: 40 }),
      async (some, calls, steps) => {
        const limits = fakeLimits({ ...some, secondsMax: 60 });
        const parallel = await runParallel(limits, calls, steps, 3_000);
        assert.equal(parallel.order.length, calls.length, 'a call was never answered');
        assert.deepEqual(parallel.left, noUse);
        waits += parallel.waits;
        refusals += parallel.order.filter(entry => entry.replyBytesMax === undefined).length;
        let used = noUse;
        for (const entry of parallel.order) {
          const alone = offer({ limits, used, reserved: noUse }, { bytes: entry.call.bytes, replyBytesMax: 3_000 });
          assert.notEqual(alone.kind, 'wait');
          assert.equal(alone.kind === 'granted' ? alone.replyBytesMax : undefined, entry.replyBytesMax);
          if (alone.kind !== 'granted' || entry.call.denied) continue;
          used = plus(used, {
            ...noUse,
            calls: 1,
            bytes: entry.call.bytes + Math.min(entry.call.reply, alone.replyBytesMax),
          });
        }
        assert.deepEqual(parallel.used, used);
        assert.ok(used.calls <= limits.callsMax && used.bytes <= limits.bytesMax, 'a limit was exceeded');
      },
    ),
    { numRuns: 1_500 },
  );
  assert.ok(waits > 500 && refusals > 500, `too tame: ${waits} waits, ${refusals} refusals`);
});

test('what was set aside is given back, and what was done counts, also where nobody can be told that it was done', async () => {
  const { reservations, used } = setUp({ callsMax: 2, bytesMax: 1_000 }, () => {
    throw new Error('the clock stopped');
  });
  const first = granted(await reservations.reserve(id, { bytes: 100, replyBytesMax: 900 }, never));
  const next = Promise.resolve(reservations.reserve(id, { bytes: 100, replyBytesMax: 700 }, never));
  assert.throws(() => first.commit(200), /the clock stopped/);
  assert.equal(used().bytes, 200);
  granted(await next).release();
  first.release();
  assert.deepEqual(reservations.reserved(id), noUse);
});
