import assert from 'node:assert/strict';
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmdirSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openTestJournal, taskOpened } from '@sallyport/testkit/journal/calls.ts';
import { JournalFault } from './fault.ts';
import { layoutOf, makeDirs, segmentPath } from './layout.ts';
import type { OpenJournal } from './open-journal.ts';
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

test('G-3 DF18 after a write that failed a segment takes nothing any more, what gathered included', async () => {
  const layout = layoutOf(join(base, 'refused'));
  makeDirs(layout);
  const path = segmentPath(layout, 0);
  mkdirSync(path);
  const log = new SegmentLog(layout, 0, 0, new BundleRanges());
  log.write(batchOf(2, 1));
  assert.throws(() => log.settle(), /EISDIR/);
  rmdirSync(path);
  assert.throws(() => log.settle(), /EISDIR/, 'a part of it could stand there twice');
  assert.throws(() => log.write(batchOf(5_000, 2)), /EISDIR/, 'it would follow a gap');
  await assert.rejects(log.sync(), /EISDIR/, 'no checkpoint may cover it');
  log.close();
  log.settle();
  assert.equal(existsSync(path), false, 'what is closed writes nothing, whoever still reads');
});

/** A journal whose segment cannot be written, with one entry that is durable; `cure` makes that possible again. */
async function withoutSegment(dir: string) {
  const failed = Promise.withResolvers<JournalFault>();
  let failures = 0;
  const onFailure = (fault: JournalFault): void => {
    failures++;
    failed.resolve(fault);
  };
  const opened = await openTestJournal(dir, { onFailure, limits: { checkpointMillisMax: 1 } });
  const path = segmentPath(layoutOf(dir), 0);
  const fd = descriptorOf(path);
  const reopen = (flags: string): void => {
    closeSync(fd);
    assert.equal(openSync(path, flags), fd);
  };
  reopen('r');
  await opened.journal.record(taskOpened('t_0'));
  return { opened, failed: failed.promise, failures: () => failures, cure: () => reopen('a') };
}

/** By which number this process has a file open. */
function descriptorOf(path: string): number {
  const { dev, ino } = statSync(path);
  for (let fd = 3; fd < 1_000; fd++) {
    const stats = statsOf(fd);
    if (stats?.ino === ino && stats.dev === dev) return fd;
  }
  throw new Error(`${path} is not open`);
}

function statsOf(fd: number): Stats | undefined {
  try {
    return fstatSync(fd);
  } catch {
    return undefined;
  }
}

const isDown = (thrown: unknown): boolean =>
  thrown instanceof JournalFault && thrown.code === 'down' && /EBADF/.test(thrown.message);

const readers: Readonly<Record<string, (opened: OpenJournal) => Promise<unknown>>> = {
  entry: opened => opened.entry(0),
  entries: async opened => opened.entries(),
  place: async opened => opened.entryAt({ seq: 0, start: 0, bytes: 100 }),
  bodies: opened => opened.bodies(0),
  flush: opened => opened.flush(),
};

for (const [name, read] of Object.entries(readers))
  test(`G-3 R5 whoever comes upon a segment that cannot be written stops the journal, and nothing is lost: ${name}`, async () => {
    const dir = join(base, `found by ${name}`);
    const { opened, failures, cure } = await withoutSegment(dir);
    await assert.rejects(read(opened), isDown);
    assert.equal(failures(), 1);
    cure();
    await assert.rejects(opened.journal.record(taskOpened('t_1')), isDown);
    await assert.rejects(read(opened), isDown);
    await opened.close();
    assert.equal(opened.newest().checkpointSize, 0, 'nothing was signed that does not stand there');
    const again = await openTestJournal(dir);
    assert.deepEqual([again.recovery.size, again.recovery.restored], [1, 1]);
    assert.equal((await again.entry(0))?.kind, 'task.opened');
    await again.close();
  });

test('G-3 a segment that cannot be written stops the journal though nobody reads', async () => {
  const { opened, failed, failures, cure } = await withoutSegment(join(base, 'found by nobody'));
  assert.ok(isDown(await failed));
  cure();
  await opened.close();
  assert.equal(failures(), 1);
});
