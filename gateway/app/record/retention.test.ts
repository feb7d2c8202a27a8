import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { openHouse } from '@sallyport/testkit/gateway/house.ts';
import { openTestJournal, recordCalls } from '@sallyport/testkit/journal/calls.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { toolsFor } from '@sallyport/testkit/upstream/script.ts';
import { JournalFault } from '../../journal/fault.ts';
import { layoutOf } from '../../journal/layout.ts';
import { pruneBatches } from '../../journal/prune.ts';
import { verifyJournal } from '../../journal/verify/verify.ts';

const day = 24 * 3_600_000;
const start = 1_800_000_000_000;
const isMissing = (thrown: unknown): boolean => thrown instanceof JournalFault && thrown.code === 'body-missing';

/** A journal with three batch files, a day apart. */
async function threeDays(dir: string): Promise<{ vkey: string; size: number }> {
  let size = 0;
  let vkey = '';
  for (const days of [0, 1, 2]) {
    const opened = await openTestJournal(dir, { now: () => start + days * day });
    await recordCalls(opened, 3);
    size = opened.newest().size;
    vkey = opened.vkey;
    await opened.close();
    // The next run begins another file, as a gateway does that has written to one for a day.
    if (days < 2) writeFileSync(join(dir, 'batches', String(size).padStart(12, '0')), '', { mode: 0o600 });
  }
  return { vkey, size };
}

test('batch files whose entries are all old and signed for go, their bodies with them, and the record stays whole', async () => {
  const base = mkdtempSync(join(tmpdir(), 'sallyport-prune-'));
  const dir = join(base, 'journal');
  const { vkey, size } = await threeDays(dir);
  const layout = layoutOf(dir);
  const files = (): string[] => readdirSync(layout.batches);
  assert.equal(files().length, 3);
  assert.equal(await pruneBatches(layout, start + day / 2, 3), 0, 'what no checkpoint covers stays');
  assert.equal(await pruneBatches(layout, start, size), 0, 'what is not older stays');
  assert.equal(await pruneBatches(layout, start + day / 2, size), 1);
  assert.equal(await pruneBatches(layout, start + 10 * day, size), 1, 'the file that is written to always stays');
  assert.equal(files().length, 1);
  const again = await openTestJournal(dir, { now: () => start + 3 * day });
  await recordCalls(again, 1);
  await assert.rejects(again.bodies(1), isMissing);
  assert.ok((await again.bodies(size - 1)).fields.result);
  const newest = again.newest();
  await again.close();
  const report = verifyJournal({ dir, vkey, checkpoint: newest.checkpoint });
  assert.deepEqual([report.fault, report.entries], [undefined, size + 3]);
  rmSync(base, { recursive: true });
});

test('erasing a task makes what it read and wrote unreadable, says so in the record, and the record verifies', async () => {
  using folder = temporaryFolder();
  const policies = '@id("all") permit (principal, action, resource);';
  await using house = await openHouse(folder.path, { policies, script: { tools: toolsFor(['echo']) } });
  await house.call('echo', { text: 'private words' });
  const { entries } = await house.ask<{ entries: Entry[] }>('entries?kind=decided');
  const decided = entries[0];
  assert.ok(decided?.kind === 'decided');
  assert.match(JSON.stringify(await house.ask(`decisions/${decided.id}`)), /private words/);
  const answer = await house.ask<{ erased: { keys: number } }>(`tasks/${decided.task}/erase`, { why: 'asked to' });
  assert.ok(answer.erased.keys >= 1);
  assert.doesNotMatch(JSON.stringify(await house.ask(`decisions/${decided.id}`)), /private words/);
  const erased = (await house.ask<{ entries: Entry[] }>('entries?kind=erased')).entries[0];
  assert.ok(erased?.kind === 'erased' && erased.task === decided.task && erased.why === 'asked to');
  assert.equal((await house.call('echo', { text: 'goes on' })).text, 'goes on');
  const dir = join(house.stateDir, 'journal');
  assert.equal(verifyJournal({ dir, vkey: readFileSync(join(dir, 'vkey'), 'utf8') }).fault, undefined);
  const none = await house.ask<{ error?: { code: string } }>('tasks/t_nobody/erase', {});
  assert.equal(none.error?.code, 'not-found');
});
