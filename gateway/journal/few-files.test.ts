import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';

/** In a process of its own, which may open few files and opens all of them while its journal is at work. */
const story = `
  import assert from 'node:assert/strict';
  import { closeSync, openSync } from 'node:fs';
  import { setTimeout as wait } from 'node:timers/promises';
  import { openTestJournal, recordCalls } from '@sallyport/testkit/journal/calls.ts';
  const dir = process.argv[1];
  const faults = [];
  const opened = await openTestJournal(dir, { onFailure: fault => faults.push(fault.message) });
  await recordCalls(opened, 3);
  const taken = [];
  try { for (;;) taken.push(openSync('/dev/null', 'r')); } catch (thrown) { assert.equal(thrown.code, 'EMFILE'); }
  await recordCalls(opened, 3);
  const { size } = opened.newest();
  await wait(2_500);
  assert.ok(opened.newest().checkpointSize < size, 'no checkpoint was made');
  await recordCalls(opened, 3);
  assert.deepEqual(faults, []);
  for (const fd of taken) closeSync(fd);
  while (opened.newest().checkpointSize < opened.newest().size) await wait(50);
  await opened.close();
  console.log('all is well');`;

test('R16 a journal that may open no more files goes on with those it has, and signs once it may', {
  skip: process.platform === 'win32' ? 'Windows has no such limit' : false,
}, () => {
  using folder = temporaryFolder();
  const script = ['-c', 'ulimit -n 64; exec "$0" --input-type=module -e "$1" "$2"', process.execPath, story];
  const { stdout, stderr } = spawnSync('sh', [...script, folder.file('journal')], {
    cwd: join(import.meta.dirname, '../..'),
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(stdout, 'all is well\n', stderr);
});
