import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decided } from '@sallyport/testkit/journal/calls.ts';
import type { Addition, Batch } from './batch.ts';
import { JournalFault } from './fault.ts';
import { GroupCommit } from './group-commit.ts';

/** A disk of which the test says when it is done, and the batches that it was given. */
function commitOnDisk(lingerMillisMax = 1) {
  const given: Batch[] = [];
  let done = Promise.withResolvers<void>();
  const commit = new GroupCommit(
    0,
    { queuedBytesMax: 1_000_000, lingerMillisMax },
    {
      write: batch => {
        given.push(batch);
        done = Promise.withResolvers<void>();
        return done.promise;
      },
      meanwhile: () => {},
      written: () => {},
      failed: () => {},
    },
  );
  return { commit, counts: () => given.map(batch => batch.count), finish: () => done.resolve() };
}

const draft = decided('t_1');
const addition = (bytes: number): Addition => ({ draft, bytes: new Uint8Array(bytes), body: undefined });
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

function passMillis(millis: number): void {
  for (const until = performance.now() + millis; performance.now() < until; );
}

test('a quick disk has work before all that comes in one turn has come', async () => {
  const { commit, counts, finish } = commitOnDisk();
  const all = Promise.all(Array.from({ length: 64 }, () => commit.addAndWait(addition(1_000))));
  assert.deepEqual(counts(), [33], 'within the turn');
  finish();
  while (counts().length < 2) await turn();
  finish();
  await all;
  assert.deepEqual([counts(), commit.nextSeq], [[33, 31], 64]);
});

test('little that comes in one turn goes together', async () => {
  const { commit, counts, finish } = commitOnDisk();
  const all = Promise.all(Array.from({ length: 16 }, () => commit.addAndWait(addition(1_000))));
  assert.deepEqual(counts(), []);
  await turn();
  finish();
  await all;
  assert.deepEqual(counts(), [16]);
});

test('whoever waited for a slow disk goes along with those who came meanwhile', async () => {
  const { commit, counts, finish } = commitOnDisk();
  const caller = async (): Promise<void> => {
    await commit.addAndWait(addition(10_000));
    await commit.addAndWait(addition(10_000));
  };
  const all = Promise.all(Array.from({ length: 8 }, caller));
  assert.deepEqual(counts(), [4]);
  passMillis(3);
  finish();
  while (counts().length < 2) await turn();
  assert.deepEqual(counts(), [4, 8], 'the other half, and what the first has to add');
  passMillis(3);
  finish();
  while (counts().length < 3) await turn();
  finish();
  await all;
  assert.deepEqual(counts(), [4, 8, 4]);
});

test('what nobody waits for gets no write of its own while others come, and goes along with them', async () => {
  const { commit, counts, finish } = commitOnDisk(60_000);
  const first = commit.addAndWait(addition(10));
  await turn();
  commit.add(addition(10));
  commit.add(addition(10));
  finish();
  await first;
  await turn();
  assert.deepEqual(counts(), [1], 'the disk rests');
  const second = commit.addAndWait(addition(10));
  await turn();
  assert.deepEqual(counts(), [1, 3]);
  finish();
  await second;
});

/** What `ask` says after so many milliseconds. Timers come in their order: what was due before has come by then, however busy the machine. */
function within(millis: number, ask: () => boolean): Promise<boolean> {
  return new Promise(resolve => setTimeout(() => resolve(ask()), millis));
}

test('it waits no longer than it may, counted from the write during which it came', async () => {
  const { commit, counts, finish } = commitOnDisk(400);
  const first = commit.addAndWait(addition(10));
  await turn();
  const began = performance.now();
  commit.add(addition(10));
  passMillis(200);
  finish();
  await first;
  const inTime = within(350, () => counts().length === 2);
  while (counts().length < 2) await turn();
  assert.ok(performance.now() - began >= 390);
  assert.ok(await inTime, 'not 400 ms after the write');
  commit.add(addition(10));
  passMillis(401);
  finish();
  await turn();
  await turn();
  assert.deepEqual(counts(), [1, 1, 1], 'at once where the write took that long');
  finish();
});

test('what comes after another went along with somebody waits as long as it may, and no longer', async () => {
  const { commit, counts, finish } = commitOnDisk(100);
  commit.add(addition(10));
  passMillis(50);
  const first = commit.addAndWait(addition(10));
  await turn();
  finish();
  await first;
  const began = performance.now();
  commit.add(addition(10));
  const inTime = within(200, () => counts().length === 2);
  while (counts().length < 2) await turn();
  assert.ok(performance.now() - began >= 95);
  assert.ok(await inTime);
  assert.deepEqual(counts(), [2, 1]);
  finish();
});

test('a flush waits for nothing', async () => {
  const { commit, counts, finish } = commitOnDisk(60_000);
  const first = commit.addAndWait(addition(10));
  await turn();
  commit.add(addition(10));
  const flushed = commit.flush();
  finish();
  await first;
  while (counts().length < 2) await turn();
  commit.add(addition(10));
  finish();
  while (counts().length < 3) await turn();
  finish();
  await flushed;
  assert.deepEqual(counts(), [1, 1, 1]);
});

test('DF18 a failure while a slow disk waits for a turn ends everybody who waits, a flush as well', async () => {
  const { commit, finish } = commitOnDisk();
  const first = commit.addAndWait(addition(10));
  await turn();
  const second = commit.addAndWait(addition(10));
  const flushed = commit.flush();
  passMillis(3);
  finish();
  await first;
  commit.fail(new JournalFault('down', 'the disk is gone'));
  await assert.rejects(second, /the disk is gone/);
  await assert.rejects(flushed, /the disk is gone/);
});
