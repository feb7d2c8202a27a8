import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { decided, type JournalLife, openTestJournal } from '@sallyport/testkit/journal/calls.ts';
import { type DurableFile, openDurableFile } from './durable.ts';
import { JournalFault } from './fault.ts';
import { layOut } from './laid-out.ts';
import { verifyJournal } from './verify/verify.ts';

const base = mkdtempSync(join(tmpdir(), 'sallyport-batch-files-'));
after(() => rmSync(base, { recursive: true }));
let dirs = 0;
const newDir = (): string => join(base, `journal-${dirs++}`);
const batchFiles = (dir: string): string[] => readdirSync(join(dir, 'batches')).map(name => join(dir, 'batches', name));
const never = new AbortController().signal;

/** A journal that writes one batch after the other until it does so over zeros. */
async function untilLaidOut(dir: string, life: JournalLife = {}) {
  const opened = await openTestJournal(dir, life);
  while (batchFiles(dir).length < 2)
    await opened.journal.record(decided('t_1'), { arguments: `{"page":${opened.newest().size}}` });
  return opened;
}

test('R5 batches go from a file that grows to one that was laid out; a stop leaves nothing but batches', async () => {
  const dir = newDir();
  const opened = await untilLaidOut(dir);
  const [, laidOut = ''] = batchFiles(dir);
  const { size, ino } = statSync(laidOut);
  const border = Number(laidOut.slice(-12));
  for (let more = 0; more < 20; more++)
    await opened.journal.record(decided('t_1'), { arguments: `{"page":${opened.newest().size}}` });
  assert.deepEqual([statSync(laidOut).size, statSync(laidOut).ino], [size, ino], 'it did not become longer');
  const last = opened.newest().size - 1;
  for (const seq of [0, border - 1, border, last])
    assert.equal((await opened.bodies(seq)).fields.arguments?.text, `{"page":${seq}}`);
  await opened.close();
  assert.ok(statSync(laidOut).size < size);
  assert.notEqual(readFileSync(laidOut).readUInt32BE(0), 0);
  assert.equal(existsSync(join(dir, 'batches.next')), false);
  const again = await openTestJournal(dir);
  assert.deepEqual([again.recovery.size, again.recovery.cutBytes], [last + 1, 0]);
  await again.journal.record(decided('t_1'), { arguments: '"after"' });
  assert.equal((await again.bodies(last + 1)).fields.arguments?.text, '"after"');
  await again.close();
  assert.equal(verifyJournal({ dir, vkey: opened.vkey }).ok, true);
});

test('G-3 a disk that fails over a laid-out file stops the journal, and what was acknowledged is there', async () => {
  const dir = newDir();
  let isFailing = false;
  const openFile = (path: string, start?: number): DurableFile => {
    const file = openDurableFile(path, start);
    const fail = () => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO', syscall: 'write' }));
    return { ...file, append: parts => (isFailing && start === 0 ? fail() : file.append(parts)) };
  };
  const faults: JournalFault[] = [];
  const opened = await untilLaidOut(dir, { openFile, onFailure: fault => faults.push(fault) });
  const { size } = opened.newest();
  isFailing = true;
  await assert.rejects(
    opened.journal.record(decided('t_1')),
    (thrown: unknown) => thrown instanceof JournalFault && /could not be written \(EIO write\)/.test(thrown.message),
  );
  isFailing = false;
  await assert.rejects(opened.journal.record(decided('t_1')), JournalFault, 'a disk that works again is not believed');
  assert.equal(faults.length, 1);
  await opened.close();
  const again = await openTestJournal(dir);
  assert.equal(again.recovery.size, size);
  await again.close();
  assert.equal(verifyJournal({ dir, vkey: opened.vkey }).ok, true);
});

test('what an earlier run had laid out is not used', async () => {
  const dir = newDir();
  await (await openTestJournal(dir)).close();
  writeFileSync(join(dir, 'batches.next'), 'x'.repeat(10_000));
  const opened = await openTestJournal(dir);
  assert.equal(existsSync(join(dir, 'batches.next')), false);
  await opened.close();
});

test('zeros are laid out whole or not at all, and not where space is short', async () => {
  const path = join(base, 'zeros');
  assert.equal(await layOut(path, 700_001, never), true);
  assert.deepEqual(readFileSync(path), Buffer.alloc(700_001));
  assert.equal(await layOut(join(base, 'huge'), Number.MAX_SAFE_INTEGER, never), false);
  assert.equal(await layOut(join(base, 'stopped'), 700_001, AbortSignal.abort()), false);
  assert.equal(await layOut(join(base, 'no', 'folder'), 1, never), false);
  assert.deepEqual(
    readdirSync(base).filter(name => !name.startsWith('journal')),
    ['zeros'],
  );
});
