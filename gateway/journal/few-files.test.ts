import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';

/** Each is told in a process of its own, which may open few files and opens all of them while its journal is at work. */
const beginning = `
  import assert from 'node:assert/strict';
  import { closeSync, existsSync, openSync, readdirSync, statSync } from 'node:fs';
  import { join } from 'node:path';
  import { setTimeout as wait } from 'node:timers/promises';
  import { verifyJournal } from '@sallyport/gateway/journal/verify/verify.ts';
  import { decided, newId, openTestJournal, recordCalls } from '@sallyport/testkit/journal/calls.ts';
  const dir = process.argv[1];
  const faults = [];
  const opened = await openTestJournal(dir, { onFailure: fault => faults.push(fault.message) });
  const taken = [];
  const takeAll = () => {
    try { for (;;) taken.push(openSync('/dev/null', 'r')); } catch (thrown) { assert.equal(thrown.code, 'EMFILE'); }
  };
  const giveBack = () => { for (const fd of taken.splice(0)) closeSync(fd); };
  const batchFiles = () => readdirSync(join(dir, 'batches'));
  const record = async () => opened.journal.record(decided(newId('t')));
  const isWell = async () => {
    assert.deepEqual(faults, []);
    while (opened.newest().checkpointSize < opened.newest().size) await wait(50);
    const { size } = opened.newest();
    await opened.close();
    const again = await openTestJournal(dir);
    assert.equal(again.recovery.size, size);
    await again.close();
    assert.equal(verifyJournal({ dir, vkey: opened.vkey }).ok, true);
    console.log('all is well');
  };`;

const stories: Readonly<Record<string, string>> = {
  'takes its very first batch': `
    takeAll();
    await recordCalls(opened, 3);
    giveBack();
    await isWell();`,
  'goes on with those it has, and signs once it may': `
    await recordCalls(opened, 3);
    takeAll();
    await recordCalls(opened, 3);
    const { size } = opened.newest();
    await wait(2_500);
    assert.ok(opened.newest().checkpointSize < size, 'no checkpoint was made');
    await recordCalls(opened, 3);
    giveBack();
    await isWell();`,
  'stays with a batch file that has grown too old': `
    await recordCalls(opened, 3);
    const now = Date.now;
    Date.now = () => now() + 25 * 3_600_000;
    takeAll();
    for (let more = 0; more < 10; more++) await record();
    giveBack();
    assert.equal(batchFiles().length, 1);
    await record();
    assert.equal(batchFiles().length, 2);
    await isWell();`,
  'leaves the file that was laid out for the next batches where it is': `
    await recordCalls(opened, 3);
    const next = join(dir, 'batches.next');
    const isLaidOut = () => existsSync(next) && statSync(next).size === 8 * 1024 * 1024;
    while (!existsSync(next)) await record();
    while (!isLaidOut()) await wait(10);
    await wait(100);
    takeAll();
    for (let more = 0; more < 10; more++) await record();
    giveBack();
    assert.deepEqual([batchFiles().length, isLaidOut()], [1, true]);
    while (batchFiles().length < 2) await record();
    await isWell();`,
  'keeps what belongs into the next segment until that can be opened, and refuses what would be too much': `
    const segments = () => readdirSync(join(dir, 'log', 'entries')).length;
    await recordCalls(opened, 3);
    takeAll();
    const refusals = [];
    const calls = () => Promise.all(Array.from({ length: 1_000 }, () => record().catch(fault => refusals.push(fault))));
    while (refusals.length === 0) await calls();
    assert.deepEqual([refusals[0].code, /segment.*ulimit -n/.test(refusals[0].message)], ['overloaded', true]);
    assert.ok(opened.newest().size > 65_536 + 5_000);
    assert.throws(() => opened.entries(), { code: 'overloaded', message: /ulimit -n/ });
    giveBack();
    assert.equal(segments(), 1);
    while (segments() < 2) await wait(10);
    refusals.length = 0;
    await calls();
    assert.deepEqual(refusals, []);
    assert.equal((await opened.entry(65_536 + 4_000)).seq, 65_536 + 4_000);
    await isWell();`,
};

for (const [name, story] of Object.entries(stories))
  test(`R16 a journal that may open no more files ${name}`, {
    skip: process.platform === 'win32' ? 'Windows has no such limit' : false,
  }, () => {
    using folder = temporaryFolder();
    const words = [process.execPath, beginning + story, folder.file('journal')];
    const script = ['-c', 'ulimit -n 64; exec "$0" --input-type=module -e "$1" "$2"', ...words];
    const { stdout, stderr } = spawnSync('sh', script, {
      cwd: join(import.meta.dirname, '../..'),
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.equal(stdout, 'all is well\n', stderr);
  });
