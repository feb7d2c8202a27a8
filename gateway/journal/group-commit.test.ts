import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CommitLimits, GroupCommit } from './group-commit.ts';

/** How many entries each batch has, of `entries` that come in one turn of the event loop and again once they are durable. */
async function batchesOf(entries: number, limits: Partial<CommitLimits>): Promise<number[]> {
  const counts: number[] = [];
  const commit = new GroupCommit(
    0,
    { queuedBytesMax: 1_000_000, lingerMillisMax: 1, aheadEntriesMin: 4, aheadMillisMax: 0, ...limits },
    {
      write: batch => {
        counts.push(batch.count);
        return new Promise(resolve => setImmediate(resolve));
      },
      meanwhile: () => {},
      written: batch => assert.equal(counts.at(-1), batch.count, 'one batch at a time'),
      failed: fault => assert.fail(fault),
    },
  );
  const caller = async (): Promise<void> => {
    for (let time = 0; time < 2; time++) await commit.addAndWait({ bytes: Buffer.from('{}'), body: undefined });
  };
  await Promise.all(Array.from({ length: entries }, caller));
  assert.equal(commit.nextSeq, 2 * entries);
  return counts;
}

test('R5 what comes in one turn of the event loop goes to a slow disk in one batch', async () => {
  assert.deepEqual(await batchesOf(10, { aheadMillisMax: 0 }), [10, 10]);
});

test('R5 a quick disk is given the first entries while the others are prepared, and then both halves in turn', async () => {
  assert.deepEqual(await batchesOf(10, { aheadMillisMax: Number.POSITIVE_INFINITY }), [4, 6, 4, 6]);
});

test('R5 few entries wait for each other on a quick disk too', async () => {
  assert.deepEqual(await batchesOf(3, { aheadMillisMax: Number.POSITIVE_INFINITY }), [3, 3]);
});
