import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openTestJournal, recordCalls } from '@sallyport/testkit/journal/calls.ts';
import { coversLog } from './covered.ts';
import type { JournalFault } from './fault.ts';
import { openLogKey } from './keys.ts';
import { layoutOf } from './layout.ts';
import { readSnapshot, type Snapshot } from './snapshot.ts';
import { verifyJournal } from './verify/verify.ts';

/** A snapshot may save reading; it never decides what is true. */

const base = mkdtempSync(join(tmpdir(), 'sallyport-snapshot-'));
after(() => rmSync(base, { recursive: true }));

let dirs = 0;
const newDir = (): string => join(base, String(dirs++));
const foldedBy = 'this code';
const life = { foldedBy, readWholeEntriesMax: 0 };

interface Life {
  readonly dir: string;
  readonly vkey: string;
  readonly size: number;
}

/** One run that records so many calls (two entries each, and one for their task), and stops in order. */
async function run(dir: string, calls: number, value: unknown = 'folded'): Promise<Life> {
  const opened = await openTestJournal(dir, life);
  await recordCalls(opened, calls);
  await opened.close(async () => value);
  return { dir, vkey: opened.vkey, size: opened.newest().size };
}

/** What a start has of the snapshot. */
async function foldedAt(dir: string, by = foldedBy): Promise<unknown> {
  const opened = await openTestJournal(dir, { ...life, foldedBy: by });
  const folded = opened.folded();
  await opened.close();
  return folded;
}

function copied(dir: string): string {
  const copy = newDir();
  cpSync(dir, copy, { recursive: true });
  return copy;
}

/** Flips one bit of the log. */
function alter(dir: string, place: (bytes: Buffer) => number): void {
  const segment = join(dir, 'log', 'entries', '000000');
  const bytes = readFileSync(segment);
  const at = place(bytes);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(segment, bytes);
}

const snapshotOf = (dir: string): Buffer => readFileSync(join(dir, 'snapshot'));

test('what was folded comes back with how many entries it covers, and the log goes on to the same tree', async () => {
  const quick = newDir();
  const sizes: number[] = [];
  for (const calls of [1, 126, 1, 300, 0, 127]) {
    const { size } = await run(quick, calls, { calls });
    assert.deepEqual(await foldedAt(quick), { size, value: { calls } }, `after ${size} entries`);
    sizes.push(size);
  }
  assert.ok(
    sizes.some(size => size % 256 === 0),
    'ends of bundles are among them',
  );
  const plain = copied(quick);
  rmSync(join(plain, 'snapshot'));
  const lives = [await run(quick, 200), await run(plain, 200)];
  for (const { dir, vkey, size } of lives) {
    const report = verifyJournal({ dir, vkey });
    assert.deepEqual([report.fault, report.entries], [undefined, size]);
  }
});

test('every byte counts: an altered snapshot is not used, and the start is as without one', async () => {
  const { dir, size } = await run(newDir(), 20);
  const whole = snapshotOf(dir);
  for (let at = 0; at < whole.length; at += Math.ceil(whole.length / 40)) {
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] ?? 0) ^ 1;
    const copy = copied(dir);
    writeFileSync(join(copy, 'snapshot'), changed);
    const opened = await openTestJournal(copy, life);
    assert.equal(opened.folded(), undefined, `byte ${at}`);
    assert.equal(opened.recovery.size, size);
    await opened.close();
  }
});

test('a snapshot of an earlier stop is gone on from: what came after is read and held against the signed root', async () => {
  const { dir, size } = await run(newDir(), 10, 'first');
  const early = snapshotOf(dir);
  await run(dir, 150, 'second');
  writeFileSync(join(dir, 'snapshot'), early);
  assert.deepEqual(await foldedAt(dir), { size, value: 'first' });
});

test('one of another log, of this log’s other future, or of more than this log holds is not used', async () => {
  const { dir } = await run(newDir(), 10);
  const other = await run(newDir(), 10);
  const fork = copied(dir);
  const ahead = copied(dir);
  await run(dir, 30, 'here');
  await run(fork, 29, 'elsewhere');
  await run(ahead, 60, 'ahead');
  for (const [what, from] of [
    ['another key', other.dir],
    ['a fork', fork],
    ['a longer future', ahead],
  ] as const) {
    const copy = copied(dir);
    writeFileSync(join(copy, 'snapshot'), snapshotOf(from));
    assert.equal(await foldedAt(copy), undefined, what);
  }
});

test('one that other code folded is not used, and none is written where nobody folds', async () => {
  const { dir } = await run(newDir(), 5);
  assert.equal(await foldedAt(dir, 'other code'), undefined);
  const unfolded = newDir();
  const opened = await openTestJournal(unfolded, life);
  await opened.close();
  assert.equal(existsSync(join(unfolded, 'snapshot')), false);
});

test('G-1 an entry altered behind the snapshot stops the start', async () => {
  const { dir, vkey } = await run(newDir(), 20);
  const opened = await openTestJournal(dir, life);
  await recordCalls(opened, 20);
  await opened.close();
  alter(dir, bytes => bytes.length - 20);
  assert.ok(verifyJournal({ dir, vkey }).fault);
  await assert.rejects(openTestJournal(dir, life), /do not have the root that was signed/);
});

test('G-1 one altered before it decides nothing, and stops what was started as soon as it is read', async () => {
  for (const place of [() => 40, (bytes: Buffer) => bytes.length - 20]) {
    const { dir, vkey, size } = await run(newDir(), 20, 'as signed');
    alter(dir, place);
    assert.ok(verifyJournal({ dir, vkey }).fault);
    const failed = Promise.withResolvers<JournalFault>();
    const opened = await openTestJournal(dir, { ...life, onFailure: failed.resolve });
    assert.deepEqual(opened.folded(), { size, value: 'as signed' });
    assert.match((await failed.promise).message, /not those for which the snapshot was signed/);
    await assert.rejects(recordCalls(opened, 1), { code: 'damaged' });
    await opened.close();
  }
});

test('a log that is as it was is read behind the start and goes on', async () => {
  const { dir } = await run(newDir(), 300);
  const opened = await openTestJournal(dir, life);
  const layout = layoutOf(dir);
  const stored = readSnapshot(layout, await openLogKey(layout, opened.origin), foldedBy);
  assert.equal(await coversLog(layout, (stored as Snapshot).frontier, new AbortController().signal), true);
  await recordCalls(opened, 1);
  await opened.close();
});

test('a short journal is read whole each time', async () => {
  const { dir } = await run(newDir(), 20);
  const opened = await openTestJournal(dir, { foldedBy });
  assert.equal(opened.folded(), undefined);
  await opened.close();
});

test('a fold that fails leaves the snapshot before as it was', async () => {
  const { dir } = await run(newDir(), 5, 'kept');
  const before = snapshotOf(dir);
  const opened = await openTestJournal(dir, life);
  await opened.close(async () => {
    throw new Error('it cannot be folded');
  });
  assert.deepEqual(snapshotOf(dir), before);
});
