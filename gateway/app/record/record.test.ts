import assert from 'node:assert/strict';
import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { EntryDraft } from '@sallyport/core/model/entry.ts';
import { openTestJournal } from '@sallyport/testkit/journal/calls.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { createNewId } from '../host/new-id.ts';
import { openRecord } from './record.ts';

/** What an operator is told at a start. */
async function noticesOf(stateDir: string): Promise<readonly string[]> {
  const notices: string[] = [];
  const record = await openRecord({
    stateDir,
    tenant: 'local',
    version: '1',
    now: () => 1_800_000_000_000,
    newId: createNewId(),
    schemaOf: () => undefined,
    onFailure: why => assert.fail(why),
    notice: line => notices.push(line),
  });
  await record.close();
  return notices;
}

test('R5 an operator is told what was cut off the end of the journal, and nothing where nothing was', async () => {
  using folder = temporaryFolder();
  await noticesOf(folder.path);
  const batches = join(folder.path, 'journal', 'batches');
  appendFileSync(join(batches, readdirSync(batches).sort().at(-1) ?? ''), Buffer.alloc(40, 1));
  assert.deepEqual(await noticesOf(folder.path), [
    '40 bytes at the end of the journal were no whole batch when the last run stopped, and were cut off',
  ]);
  assert.deepEqual(await noticesOf(folder.path), []);
});

test('R19 a record that newer code went on with is refused by name, and not read without what it does not know', async () => {
  using folder = temporaryFolder();
  await noticesOf(folder.path);
  const newer = await openTestJournal(join(folder.path, 'journal'), { node: 'local' });
  await newer.journal.record({ kind: 'task.frozen', id: 'e_frozen', task: 't_1' } as unknown as EntryDraft);
  await newer.close();
  await assert.rejects(
    noticesOf(folder.path),
    /entry 1 of the journal \("task\.frozen"\) was written by a newer Sallyport.*Start that version/,
  );
});
