import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { openTestJournal, recordCalls } from '@sallyport/testkit/journal/calls.ts';
import type { OpenJournal } from './open-journal.ts';
import { type Fold, type SnapshotOrder, snapshotSettled } from './settled-snapshot.ts';
import type { Folded } from './snapshot.ts';
import { verifyJournal } from './verify/verify.ts';

/** Snapshots of a journal that another is writing to. */

const base = mkdtempSync(join(tmpdir(), 'sallyport-settled-'));
after(() => rmSync(base, { recursive: true }));

let dirs = 0;
const life = { foldedBy: 'this code', readWholeEntriesMax: 0 };

/** Folds to the numbers of the entries it was given. */
function numbers(before: Folded | undefined): Fold {
  const seen = [...((before?.value as number[] | undefined) ?? [])];
  return { take: ({ seq }: Entry) => seen.push(seq), made: () => seen };
}

const upTo = (size: number): number[] => Array.from({ length: size }, (_, seq) => seq);

interface Running {
  readonly dir: string;
  readonly opened: OpenJournal;
  readonly order: SnapshotOrder;
}

/** A journal that was stopped without a snapshot and goes on, with entries that nothing has settled yet. */
async function running(calls = 200): Promise<Running> {
  const dir = join(base, String(dirs++));
  const earlier = await openTestJournal(dir, life);
  await recordCalls(earlier, calls);
  await earlier.close();
  const opened = await openTestJournal(dir, life);
  await recordCalls(opened, 20);
  return { dir, opened, order: opened.orderSnapshot() as SnapshotOrder };
}

/** What a start has after the writer was killed. */
async function afterKill({ dir, opened }: Running): Promise<Folded | undefined> {
  const copy = join(base, String(dirs++));
  cpSync(dir, copy, { recursive: true });
  const again = await openTestJournal(copy, life);
  const folded = again.folded();
  assert.equal(again.recovery.size, opened.newest().size);
  await recordCalls(again, 150);
  const { size } = again.newest();
  await again.close(async () => 'at the stop');
  const { fault, entries } = verifyJournal({ dir: copy, vkey: opened.vkey });
  assert.deepEqual([fault, entries], [undefined, size]);
  return folded;
}

const yes = async (): Promise<boolean> => true;

test('a start after a kill goes on from it, reads what came after, and the log grows to the same tree', async () => {
  for (const calls of [1, 127, 128, 300]) {
    const one = await running(calls);
    assert.equal(await snapshotSettled(one.order, numbers, yes), true);
    const size = one.opened.settled();
    assert.deepEqual(await afterKill(one), { size, value: upTo(size) });
    assert.equal(one.opened.folded()?.size, size, 'the one that ordered it knows it');
    await one.opened.close(async () => 'at the stop');
  }
});

test('the next goes on from the one before and folds only what came since', async () => {
  const one = await running();
  await snapshotSettled(one.order, numbers, yes);
  await one.opened.close();
  const opened = await openTestJournal(one.dir, life);
  const order = opened.orderSnapshot() as SnapshotOrder;
  const taken: number[] = [];
  const fold = (before: Folded | undefined): Fold => ({
    take: ({ seq }) => taken.push(seq),
    made: () => [before?.size],
  });
  assert.equal(await snapshotSettled(order, fold, yes), true);
  assert.deepEqual(taken, upTo(order.size).slice(one.order.size));
  assert.deepEqual(opened.folded(), { size: order.size, value: [one.order.size] });
  await opened.close();
});

test('one before that is spoilt, or of another log, is not gone on from: everything is folded', async () => {
  const other = await running(250);
  await snapshotSettled(other.order, numbers, yes);
  for (const spoil of [(good: Buffer) => good.subarray(0, 300), () => readFileSync(join(other.dir, 'snapshot'))]) {
    const one = await running();
    const path = join(one.dir, 'snapshot');
    await snapshotSettled(one.order, () => ({ take: () => {}, made: () => 'wrong' }), yes);
    writeFileSync(path, spoil(readFileSync(path)));
    assert.equal(await snapshotSettled(one.order, numbers, yes), true);
    assert.deepEqual(await afterKill(one), { size: one.order.size, value: upTo(one.order.size) });
    await one.opened.close();
  }
  await other.opened.close();
});

test('G-1 entries that do not lead to the signed root are not signed for', async () => {
  const one = await running();
  const segment = join(one.dir, 'log', 'entries', '000000');
  const bytes = readFileSync(segment);
  const at = bytes.indexOf('"agent":"reader"') + 9;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(segment, bytes);
  assert.equal(await snapshotSettled(one.order, numbers, yes), false);
  assert.equal(existsSync(join(one.dir, 'snapshot')), false);
  await one.opened.close();
});

test('a kill while it is made or written leaves the one before', async () => {
  const one = await running();
  await snapshotSettled(one.order, numbers, yes);
  const path = join(one.dir, 'snapshot');
  const kept = readFileSync(path);
  assert.equal(await snapshotSettled(one.order, numbers, async () => false), false);
  assert.deepEqual(readFileSync(path), kept);
  writeFileSync(`${path}.next`, kept.subarray(0, 100));
  assert.equal((await afterKill(one))?.size, one.order.size);
  assert.equal(await snapshotSettled(one.order, numbers, yes), true, 'what was begun is in nobody’s way');
  await one.opened.close();
});

test('nothing is made of more entries than a checkpoint covers', async () => {
  const one = await running();
  const more = { ...one.order, size: one.opened.newest().size + 1 };
  assert.equal(await snapshotSettled(more, numbers, yes), false);
  await one.opened.close();
});
