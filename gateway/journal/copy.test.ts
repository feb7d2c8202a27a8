import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { openTestJournal, recordCalls } from '@sallyport/testkit/journal/calls.ts';
import { temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import { verifyJournal } from './verify/verify.ts';

const copies = 3;

test('DF18 a copy that is made while the journal is written starts, and has all that was acknowledged before it was begun', async () => {
  using folder = temporaryFolder();
  const dir = folder.file('journal');
  const opened = await openTestJournal(dir);
  let over = false;
  const writing = (async () => {
    while (!over) await Promise.all(Array.from({ length: 8 }, () => recordCalls(opened, 1)));
  })();
  await until('entries are written', () => opened.newest().size > 0);
  const known: number[] = [];
  for (let copy = 0; copy < copies; copy++) {
    known.push(opened.newest().size);
    await copied(dir, folder.file(`copy-${copy}`));
  }
  over = true;
  await writing;
  await opened.close();
  for (const [copy, size] of known.entries()) {
    const to = folder.file(`copy-${copy}`);
    assert.ok(readdirSync(to).every(name => !name.startsWith('lock') && !name.endsWith('.next')));
    assert.equal(verifyJournal({ dir: to, vkey: opened.vkey }).fault, undefined);
    const again = await openTestJournal(to);
    assert.ok(again.newest().size >= size, `${again.newest().size} of ${size}`);
    await again.close();
    assert.equal(verifyJournal({ dir: to, vkey: opened.vkey }).fault, undefined);
  }
});

/** In a process of its own, so that the journal is written meanwhile. */
async function copied(from: string, to: string): Promise<void> {
  const code = `import(${JSON.stringify(join(import.meta.dirname, 'copy.ts'))}).then(it => it.copyJournal(${JSON.stringify(from)}, ${JSON.stringify(to)}))`;
  await promisify(execFile)(process.execPath, ['-e', code]);
}
