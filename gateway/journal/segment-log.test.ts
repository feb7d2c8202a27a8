import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openTestJournal, taskOpened } from '@sallyport/testkit/journal/calls.ts';
import { layoutOf, makeDirs, segmentPath } from './layout.ts';
import { BundleRanges, SegmentLog } from './segment-log.ts';

const base = mkdtempSync(join(tmpdir(), 'sallyport-segments-'));
after(() => rmSync(base, { recursive: true }));

/** A batch of so many entries of 100 bytes each, all of the byte `fill`. */
function batchOf(count: number, fill: number) {
  return {
    ends: Array.from({ length: count }, (_, at) => (at + 1) * 100),
    entriesBytes: () => Buffer.alloc(count * 100, fill),
  };
}

test('batches gather, and stand in the file in their order once they are asked for or too many', () => {
  const layout = layoutOf(join(base, 'gathered'));
  makeDirs(layout);
  const path = segmentPath(layout, 0);
  const log = new SegmentLog(layout, 0, 0, new BundleRanges());
  log.write(batchOf(2, 1));
  log.write(batchOf(3, 2));
  assert.deepEqual([log.size, log.bytes, existsSync(path)], [5, 500, false]);
  log.settle();
  assert.ok(readFileSync(path).equals(Buffer.concat([Buffer.alloc(200, 1), Buffer.alloc(300, 2)])));
  log.settle();
  for (let batch = 0; batch < 30; batch++) log.write(batchOf(100, 3));
  assert.ok(statSync(path).size >= 40_000, 'what is too much was written without being asked for');
  log.write(batchOf(5_000, 4));
  log.settle();
  const expected = [Buffer.alloc(200, 1), Buffer.alloc(300, 2), Buffer.alloc(300_000, 3), Buffer.alloc(500_000, 4)];
  assert.ok(readFileSync(path).equals(Buffer.concat(expected)), 'a batch larger than all that gathers keeps its place');
  log.close();
});

test('an entry is read as soon as it is durable, and stands in its segment soon after though nobody reads', async () => {
  const dir = join(base, 'journal');
  const opened = await openTestJournal(dir);
  const path = segmentPath(layoutOf(dir), 0);
  for (let seq = 0; seq < 3; seq++) {
    await opened.journal.record(taskOpened(`t_${seq}`));
    assert.equal((await opened.entry(seq))?.seq, seq);
  }
  const before = statSync(path).size;
  await opened.journal.record(taskOpened('t_3'));
  while (statSync(path).size === before) await new Promise(setImmediate);
  await opened.close();
});
