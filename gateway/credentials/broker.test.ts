import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { passed, refused } from '@sallyport/core/model/refusal.ts';
import {
  type FakeSource,
  fakeSource,
  holderOf,
  memoryStore,
  openBroker,
} from '@sallyport/testkit/rooms/credentials.ts';
import { until } from '@sallyport/testkit/upstream/fixture.ts';
import { mintMillisMax } from './broker.ts';

const task = holderOf().task?.id ?? ('' as never);
const other = holderOf({ task: { id: 't_00000000000000000000000002', endsAt: 100_000_000 } });

test('one lease serves a task, a server and a scope, and nobody else', async () => {
  const source = fakeSource('db', { scopeOf: action => passed(action === undefined ? '' : 'narrow') });
  const { broker } = openBroker([source]);
  const secretOf = async (over = {}): Promise<string> => {
    const issued = await broker.issue('db', holderOf(over));
    return issued.ok ? issued.value.secret : issued.refusal.why;
  };
  const first = await secretOf();
  assert.equal(await secretOf(), first);
  const others = [{ server: 'x' }, { agent: 'other' }, { principal: 'user:paul' }, other, { action: {} as never }];
  const secrets = [first, ...(await Promise.all(others.map(secretOf)))];
  assert.equal(new Set(secrets).size, others.length + 1);
});

test('calls that come at once are lent one secret', async () => {
  const source = fakeSource('db');
  const { broker } = openBroker([source]);
  const all = await Promise.all(Array.from({ length: 50 }, () => broker.issue('db', holderOf())));
  assert.equal(source.minted.length, 1);
  assert.ok(all.every(issued => issued.ok));
});

test('what may exist is on record, durably, before an issuer is asked', async () => {
  const source = fakeSource('db');
  const { broker, journal, store } = openBroker([source]);
  const release = journal.hold();
  const issuing = broker.issue('db', holderOf());
  await new Promise(resolve => setImmediate(resolve));
  assert.deepEqual([source.minted.length, journal.entries.length, store.all().length], [0, 0, 1]);
  release();
  assert.ok((await issuing).ok);
});

/** From here on its issuer has an answer when the returned function is called. */
function mintsLate(source: FakeSource): () => void {
  const minting = Promise.withResolvers<void>();
  source.mintAs = async () => {
    await minting.promise;
    return passed({ secret: 'late', expiresAt: undefined, revocable: true });
  };
  return minting.resolve;
}

test('R8 a task that ends takes its credentials with it, also one that is being minted', async () => {
  const source = fakeSource('db');
  const { broker, said, store } = openBroker([source]);
  const held = await broker.issue('db', holderOf());
  const spared = await broker.issue('db', other);
  assert.ok(held.ok && spared.ok);
  const answer = mintsLate(source);
  const late = broker.issue('db', holderOf({ server: 'late' }));
  await until('its issuer is asked', () => source.minted.length === 3);
  const ending = broker.endTask(task, 'done');
  assert.deepEqual([held.value.ended.aborted, spared.value.ended.aborted], [true, false]);
  answer();
  const refusedLate = await late;
  await ending;
  assert.equal(!refusedLate.ok && refusedLate.refusal.why, 'the task has ended');
  assert.deepEqual(source.revoked, [held.value.secret, 'late']);
  assert.equal(said().filter(line => line === 'credential.ended revoked').length, 2);
  assert.deepEqual(
    store.all().map(({ task: of }) => of),
    [other.task?.id],
  );
  const before = source.minted.length;
  const again = await broker.issue('db', holderOf());
  assert.equal(!again.ok && again.refusal.why, 'the task has ended');
  assert.equal(source.minted.length, before, 'its issuer is not even asked');
});

test('R8 what is being minted for somebody who is stopped ends as soon as it is there, also one that comes late', async () => {
  const source = fakeSource('db');
  const { broker, store } = openBroker([source]);
  const answer = mintsLate(source);
  const stopped = broker.issue('db', holderOf());
  const spared = broker.issue('db', holderOf({ agent: 'other' }));
  await until('both are minted', () => source.minted.length === 2);
  const stopping = broker.stopWhere(({ agent }) => agent === 'assistant', 'it was stopped by a person');
  answer();
  const [refusedLate, given] = await Promise.all([stopped, spared]);
  await stopping;
  await broker.settled();
  assert.equal(!refusedLate.ok && refusedLate.refusal.why, 'whoever it is for was stopped');
  assert.deepEqual([given.ok, source.revoked, store.all().length], [true, ['late'], 1]);

  const slow = await tooSlow();
  await slow.broker.stopWhere(() => true, 'it was stopped by a person');
  slow.answer();
  await slow.broker.settled();
  assert.deepEqual(slow.source.revoked, ['late']);
});

test('a credential that becomes another one while it is being had ends what was lent before, and not itself', async () => {
  const source = fakeSource('db');
  const { broker } = openBroker([source]);
  const before = await broker.issue('db', holderOf());
  source.mintAs = async () => {
    void broker.endWhere(({ credential }) => credential === 'db', 'its password was changed');
    return passed({ secret: 'changed', expiresAt: undefined, revocable: false });
  };
  const after = await broker.issue('db', other);
  assert.deepEqual([before.ok && before.value.ended.aborted, after.ok && after.value.secret], [true, 'changed']);
});

test('R8 no issuer is asked for somebody who is stopped while it is being written down that it will be', async () => {
  for (const end of ['task', 'agent'] as const) {
    const source = fakeSource('db');
    const { broker, journal, store, said } = openBroker([source]);
    const release = journal.hold();
    const issuing = broker.issue('db', holderOf());
    await new Promise(setImmediate);
    const ending = end === 'task' ? broker.endTask(task, 'done') : broker.stopWhere(() => true, 'stopped');
    release();
    await Promise.all([issuing, ending]);
    assert.deepEqual([(await issuing).ok, source.minted, store.all().length], [false, [], 0], end);
    assert.deepEqual(said(), ['credential.requested', 'credential.ended failed']);
  }
});

test('a lease leaves the list only once its end is on record: a crash in between has the next start end and say it again', async () => {
  const source = fakeSource('db');
  const { broker, journal, said, store } = openBroker([source]);
  await broker.issue('db', holderOf());
  const release = journal.hold();
  const ending = broker.endTask(task, 'done');
  for (let turns = 0; turns < 5; turns++) await new Promise(resolve => setImmediate(resolve));
  assert.deepEqual([source.revoked.length, store.all().length], [1, 1]);
  release();
  await ending;
  assert.deepEqual([said().at(-1), store.all().length], ['credential.ended revoked', 0]);
});

test('what cannot be ended is said to outlive its task, with its end', async () => {
  const source = fakeSource('db', { expiresAt: 5_000_000 });
  source.revokeAs = async () => 'failed';
  const { broker, journal, log } = openBroker([source]);
  await broker.issue('db', holderOf());
  await broker.endTask(task, 'done');
  const last = journal.entries.at(-1);
  assert.deepEqual(last?.kind === 'credential.ended' && [last.outcome, last.expiresAt], ['outlives', 5_000_000]);
  assert.match(log.join('\n'), /could not be ended; it ends by itself at 1970-01-01T01:23:20/);
});

test('R8 an issuer that did not end a secret is asked again, and what it says then is recorded', async t => {
  const source = fakeSource('db', { expiresAt: 5_000_000 });
  source.revokeAs = async () => 'failed';
  const { broker, said, store, clock } = openBroker([source]);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const pass = async (millis: number): Promise<void> => {
    t.mock.timers.tick(millis);
    for (let turns = 0; turns < 5; turns++) await new Promise(resolve => setImmediate(resolve));
  };
  await broker.issue('db', holderOf());
  await broker.endTask(task, 'done');
  assert.deepEqual([source.revoked.length, store.all().length], [1, 1], 'a crash before then finds it');
  await pass(1_000);
  assert.equal(source.revoked.length, 2);
  source.revokeAs = async () => 'revoked';
  await pass(4_999);
  assert.equal(source.revoked.length, 2, 'not at once');
  await pass(1);
  assert.deepEqual(said().slice(-2), ['credential.ended outlives', 'credential.ended revoked']);
  assert.deepEqual(source.revoked, ['secret-db-1', 'secret-db-1', 'secret-db-1']);
  assert.equal(store.all().length, 0);

  source.revokeAs = async () => 'failed';
  await broker.issue('db', holderOf(other));
  await broker.endTask(other.task?.id ?? ('' as never), 'done');
  clock.now = 5_000_000;
  await pass(1_000);
  await pass(3_600_000);
  assert.deepEqual([source.revoked.length, store.all().length], [4, 0], 'what has ended by itself is nobody’s matter');
});

test('an issuer that takes long to end a secret is given the time at the second attempt, for which nobody waits', async () => {
  const source = fakeSource('db');
  source.revokeAs = () => wait(mintMillisMax + 500, 'revoked' as const);
  const { broker, said } = openBroker([source]);
  await broker.issue('db', holderOf());
  await broker.endTask(task, 'done');
  assert.deepEqual(said().slice(-1), ['credential.ended outlives']);
  await until('it has ended', () => said().at(-1) === 'credential.ended revoked');
  assert.equal(source.revoked.length, 2);
});

test('an issuer that never ends a secret is asked six times and no more, and nothing is asked once the gateway stops', async t => {
  const source = fakeSource('db');
  source.revokeAs = async () => 'failed';
  const { broker, said } = openBroker([source]);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const day = async (): Promise<void> => {
    for (let turn = 0; turn < 100; turn++) {
      t.mock.timers.tick(900_000);
      for (let turns = 0; turns < 5; turns++) await new Promise(resolve => setImmediate(resolve));
    }
  };
  await broker.issue('db', holderOf());
  await broker.endTask(task, 'done');
  await day();
  assert.equal(source.revoked.length, 6);
  assert.equal(said().filter(line => line.startsWith('credential.ended')).length, 1, 'it is said once');
  await broker.issue('db', holderOf(other));
  await broker.close();
  await day();
  assert.equal(source.revoked.length, 7);
});

test('what others go on with is given back, and nobody is told that it could not be ended', async () => {
  const source = fakeSource('mail', { sharedBy: 'principal', expiresAt: 5_000_000 });
  source.revokeAs = async () => 'in-use';
  const { broker, said, log, journal } = openBroker([source]);
  await broker.issue('mail', holderOf());
  await broker.endTask(task, 'done');
  const last = journal.entries.at(-1);
  assert.equal(said().at(-1), 'credential.ended returned');
  assert.equal(last?.kind === 'credential.ended' && last.why, 'done; other tasks go on with the same token');
  assert.deepEqual(log, []);
});

test('what leaves something behind is ended also after its own end', async () => {
  const source = fakeSource('role', { expiresAt: 1_060_000, leavesBehind: true });
  const { broker, said, clock } = openBroker([source, fakeSource('token', { expiresAt: 1_060_000 })]);
  for (const name of ['role', 'token']) await broker.issue(name, holderOf());
  clock.now = 1_060_000;
  await broker.endTask(task, 'its time is over');
  assert.deepEqual(source.revoked, ['secret-role-1']);
  assert.deepEqual(said().slice(-2).sort(), ['credential.ended expired', 'credential.ended revoked']);
});

test('an issuer that refuses, throws or hangs is a refusal, and what it may have made is ended', async () => {
  const source = fakeSource('db');
  const { broker, said, store } = openBroker([source]);
  source.mintAs = async () => refused({ code: 'credential-unavailable', what: 'credential db', why: 'no' });
  const no = await broker.issue('db', holderOf());
  assert.equal(!no.ok && no.refusal.why, 'no');
  source.mintAs = async () => {
    throw new Error('with a secret in it');
  };
  const broken = await broker.issue('db', holderOf());
  assert.equal(!broken.ok && broken.refusal.why, 'it could not be obtained');
  await broker.settled();
  assert.deepEqual(source.revoked, [undefined, undefined]);
  assert.equal(store.all().length, 0);
  assert.equal(said().filter(line => line.startsWith('credential.ended')).length, 2);
});

test('a secret that is about to end is not begun with', async () => {
  const clock = { now: 1_000_000 };
  const source = fakeSource('db', { expiresAt: 1_060_000 });
  const { broker } = openBroker([source], clock);
  const first = await broker.issue('db', holderOf());
  clock.now = 1_054_000;
  assert.equal((await broker.issue('db', holderOf())).ok && source.minted.length, 1);
  clock.now = 1_056_000;
  const late = await broker.issue('db', holderOf());
  assert.deepEqual([first.ok, late.ok, source.minted.length], [true, false, 2]);
  assert.equal(!late.ok && late.refusal.why, 'it would end before it could be used');
});

test('a lease never lives longer than its task or the operator allows', async () => {
  const { broker } = openBroker([fakeSource('long'), fakeSource('short', { secondsMax: 60 })]);
  const soon = { id: task, endsAt: 1_030_000 };
  const untils = await Promise.all(
    [
      ['long', soon],
      ['short', { id: task, endsAt: 9_000_000 }],
      ['short', soon],
    ].map(async ([name, until]) => {
      const issued = await broker.issue(name as string, holderOf({ task: until as never }));
      return issued.ok && issued.value.until;
    }),
  );
  assert.deepEqual(untils, [1_030_000, 1_060_000, 1_060_000]);
});

test('what a crash left behind is ended at the next start, or said to live on', async () => {
  const before = fakeSource('db');
  const first = openBroker([before]);
  await first.broker.issue('db', holderOf());
  await first.broker.issue('gone', holderOf());
  const after = fakeSource('db');
  const second = openBroker([after], first.clock, first.store);
  await second.broker.recover();
  assert.deepEqual(after.revoked, [undefined], 'nobody knows the secret any more');
  assert.deepEqual(second.said(), ['credential.ended revoked']);
  assert.equal(second.store.all().length, 0);

  const third = openBroker([before]);
  await third.broker.issue('db', holderOf());
  after.revokeAs = async () => 'failed';
  const fourth = openBroker([after], third.clock, third.store);
  await fourth.broker.recover();
  assert.deepEqual(fourth.said(), ['credential.ended outlives']);

  const key = fakeSource('key', { sharedBy: 'all' });
  key.mintAs = async () => passed({ secret: 'standing', expiresAt: undefined, revocable: false });
  key.revokeAs = async () => 'impossible';
  const fifth = openBroker([key]);
  await fifth.broker.issue('key', holderOf());
  const sixth = openBroker([key], fifth.clock, fifth.store);
  await sixth.broker.recover();
  assert.deepEqual([sixth.said(), sixth.log], [['credential.ended returned'], []], 'a standing secret is lent anew');
});

test('G-4 no secret stands in an entry, in the store, in the log or in a view', async () => {
  const source = fakeSource('db');
  source.revokeAs = async () => 'failed';
  const { broker, journal, store, log } = openBroker([source]);
  const issued = await broker.issue('db', holderOf());
  const seen = JSON.stringify([journal.entries, store.all(), broker.views()]);
  await broker.close();
  const after = JSON.stringify([journal.entries, store.all(), log, broker.views()]);
  assert.ok(issued.ok && !seen.includes(issued.value.secret) && !after.includes(issued.value.secret));
});

/** An issuer that answers when it is told to, and a call that waited for it in vain. */
async function tooSlow(source = fakeSource('db')) {
  const room = openBroker([source]);
  const late = Promise.withResolvers<void>();
  source.mintAs = async () => {
    await late.promise;
    return passed({ secret: 'late', expiresAt: undefined, revocable: true });
  };
  const begun = performance.now();
  const issued = await room.broker.issue('db', holderOf());
  assert.ok(performance.now() - begun < 2 * mintMillisMax, 'it waits once');
  assert.equal(
    !issued.ok && issued.refusal.why,
    'it did not come within 2000 ms; what comes later serves the next call',
  );
  return { ...room, source, answer: () => late.resolve() };
}

test('what an issuer makes after nobody waits any more is for the next call of the same task, which waits for it and asks no second time', async () => {
  const { broker, source, said, answer } = await tooSlow();
  const next = broker.issue('db', holderOf());
  answer();
  const secret = async (issuing = broker.issue('db', holderOf())): Promise<string> => {
    const issued = await issuing;
    return issued.ok ? issued.value.secret : issued.refusal.why;
  };
  assert.deepEqual([await secret(next), await secret(), source.minted.length], ['late', 'late', 1]);
  await broker.endTask(task, 'done');
  assert.deepEqual(source.revoked, ['late']);
  assert.deepEqual(said(), ['credential.requested', 'credential.issued', 'credential.ended revoked']);
});

test('R8 what an issuer makes after nobody waits any more ends if nobody asks again, or the task has ended', async t => {
  const unasked = await tooSlow();
  t.mock.timers.enable({ apis: ['setTimeout'] });
  unasked.answer();
  for (let turns = 0; turns < 5; turns++) await new Promise(resolve => setImmediate(resolve));
  assert.deepEqual(unasked.source.revoked, []);
  t.mock.timers.tick(60_000);
  await unasked.broker.settled();
  assert.deepEqual(unasked.source.revoked, ['late']);
  assert.deepEqual([unasked.said().at(-1), unasked.store.all().length], ['credential.ended revoked', 0]);
  t.mock.timers.reset();

  const ended = await tooSlow();
  await ended.broker.endTask(task, 'done');
  ended.answer();
  await ended.broker.settled();
  assert.deepEqual(ended.source.revoked, ['late']);
});

test('whoever asks while an issuer is late hears what it says, also a no', async () => {
  const source = fakeSource('db');
  const { broker } = openBroker([source]);
  const late = Promise.withResolvers<void>();
  source.mintAs = async () => {
    await late.promise;
    return refused({ code: 'credential-unavailable', what: 'credential db', why: 'no' });
  };
  await broker.issue('db', holderOf());
  const next = broker.issue('db', holderOf());
  late.resolve();
  const heard = await next;
  assert.deepEqual([!heard.ok && heard.refusal.why, source.minted.length], ['no', 1]);
});

test('what the gateway cannot have for itself is asked for with pauses and told alike, until it is had or somebody signs in', async () => {
  const source = fakeSource('db');
  const { broker, said } = openBroker([source]);
  const { mintAs } = source;
  source.mintAs = async () => refused({ code: 'credential-unavailable', what: 'credential db', why: 'no' });
  const ask = async (over = {}): Promise<string> => {
    const issued = await broker.issue('db', holderOf(over));
    return issued.ok ? 'had' : issued.refusal.why;
  };
  const own = { task: undefined, principal: '' };
  for (let time = 0; time < 20; time++) assert.equal(await ask(own), 'no');
  await broker.settled();
  assert.deepEqual([source.minted.length, said().length], [1, 2]);
  assert.equal(await ask(), 'no', 'a task asks itself');
  assert.equal(source.minted.length, 2);
  broker.tryAgain('db');
  assert.equal(await ask(own), 'no');
  assert.equal(source.minted.length, 3);
  source.mintAs = mintAs;
  assert.deepEqual([await ask(), await ask(own)], ['had', 'had']);
});

test('R8 what is being minted when the gateway stops is ended before it has stopped', async () => {
  const source = fakeSource('db');
  const { broker, store } = openBroker([source]);
  const answer = mintsLate(source);
  const late = broker.issue('db', holderOf());
  await new Promise(setImmediate);
  const closing = broker.close();
  answer();
  await Promise.all([late, closing]);
  assert.deepEqual([source.revoked, store.all().length], [['late'], 0]);
});

test('a secret that its server does not know any more ends; one that may only do too little is lent on', async () => {
  const source = fakeSource('db');
  const { broker } = openBroker([source]);
  const issue = async () => {
    const issued = await broker.issue('db', holderOf());
    assert.ok(issued.ok);
    return issued.value;
  };
  const first = await issue();
  first.turnedAway({ status: 403, error: 'insufficient_scope', scope: 'more' });
  assert.equal(await issue(), first);
  first.turnedAway({ status: 401, error: undefined, scope: undefined });
  await broker.settled();
  assert.deepEqual([(await issue()) === first, source.revoked], [false, [first.secret]]);
});

test('what cannot be written down is not minted', async () => {
  const source = fakeSource('db');
  const store = { ...memoryStore(), put: () => Promise.reject(new Error('no space left on device')) };
  const { broker } = openBroker([source], undefined, store);
  const issued = await broker.issue('db', holderOf());
  assert.equal(!issued.ok && issued.refusal.why, 'that it is wanted could not be recorded');
  assert.deepEqual(source.minted, []);
});

test('a secret that cannot be put on record is nobody’s: it is ended, whoever waits is refused, and nothing is thrown', async () => {
  const source = fakeSource('db');
  const { broker, journal, store } = openBroker([source]);
  const { mintAs } = source;
  source.mintAs = async () => {
    journal.fail();
    return await mintAs();
  };
  const issued = await broker.issue('db', holderOf());
  assert.equal(!issued.ok && issued.refusal.why, 'that it exists could not be recorded');
  assert.deepEqual([source.revoked, store.all().length], [['secret-db-1'], 1]);
});
