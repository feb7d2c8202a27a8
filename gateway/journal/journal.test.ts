import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { crc32 } from 'node:zlib';
import type { Entry } from '@sallyport/core/model/entry.ts';
import {
  decided,
  openTestJournal,
  performed,
  recordCalls,
  rejected,
  taskOpened,
} from '@sallyport/testkit/journal/calls.ts';
import { type DurableFile, openDurableFile } from './durable.ts';
import { JournalFault } from './fault.ts';
import type { OpenJournal } from './open-journal.ts';
import { verifyJournal } from './verify/verify.ts';

const base = mkdtempSync(join(tmpdir(), 'sallyport-journal-'));
after(() => rmSync(base, { recursive: true }));

let dirs = 0;
const newDir = (): string => join(base, String(dirs++));

async function all(opened: OpenJournal, from?: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of opened.entries(from)) entries.push(entry);
  return entries;
}

const isFault = (code: string) => (thrown: unknown) => thrown instanceof JournalFault && thrown.code === code;

/** A disk on which the test decides when a write of a batch ends, and how. */
function testDisk() {
  const writes: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  const arrivals: (() => void)[] = [];
  const openFile = (path: string, start?: number): DurableFile => {
    const file = openDurableFile(path, start);
    if (!path.includes('batches')) return file;
    return {
      append: parts =>
        new Promise((resolve, reject) => {
          writes.push({ resolve: () => file.append(parts).then(resolve, reject), reject });
          for (const arrived of arrivals.splice(0)) arrived();
        }),
      close: () => file.close(),
    };
  };
  /** The next write that the journal waits for. */
  const nextWrite = async () => {
    while (writes.length === 0) await new Promise<void>(resolve => arrivals.push(resolve));
    const write = writes.shift();
    assert.ok(write);
    return write;
  };
  return { openFile, nextWrite };
}

test('what was recorded is there after a restart, in order, with the members that the journal adds', async () => {
  const dir = newDir();
  const first = await openTestJournal(dir);
  const task = await recordCalls(first, 3);
  await first.close();
  const second = await openTestJournal(dir);
  await recordCalls(second, 2);
  const entries = await all(second);
  assert.deepEqual(
    entries.map(({ seq }) => seq),
    entries.map((_, seq) => seq),
  );
  assert.equal(entries.length, 1 + 6 + 1 + 4);
  const [opened] = entries;
  assert.deepEqual([opened?.v, opened?.tenant, opened?.node, opened?.kind], [1, 'local', 'test', 'task.opened']);
  assert.ok(opened && 'task' in opened && opened.task === task);
  assert.deepEqual(await second.entry(5), entries[5]);
  assert.equal(await second.entry(99), undefined);
  assert.deepEqual(
    (await all(second, 10)).map(({ seq }) => seq),
    [10, 11],
  );
  await second.close();
});

test('R5 record resolves only once the disk has the batch, and what comes meanwhile goes with the next', async () => {
  const disk = testDisk();
  const opened = await openTestJournal(newDir(), { openFile: disk.openFile });
  const acknowledged: string[] = [];
  const record = (name: string) => opened.journal.record(taskOpened(`t_${name}`)).then(() => acknowledged.push(name));
  const first = record('first');
  const write = await disk.nextWrite();
  const others = [record('second'), record('third')];
  opened.journal.append(rejected('appended', 'reader'));
  assert.deepEqual([acknowledged, opened.newest().size], [[], 0]);
  write.resolve();
  await first;
  assert.deepEqual([acknowledged, opened.newest().size], [['first'], 1]);
  (await disk.nextWrite()).resolve();
  await Promise.all(others);
  assert.deepEqual([acknowledged, opened.newest().size], [['first', 'second', 'third'], 4]);
  await opened.close();
});

test('G-3 DF18 after a write that failed everyone who waits is told, once, and nothing is written any more', async () => {
  const disk = testDisk();
  const failures: JournalFault[] = [];
  const dir = newDir();
  const opened = await openTestJournal(dir, { openFile: disk.openFile, onFailure: fault => failures.push(fault) });
  const first = opened.journal.record(taskOpened('t_1'));
  const write = await disk.nextWrite();
  const second = opened.journal.record(taskOpened('t_2'));
  write.reject(Object.assign(new Error('EIO: i/o error, write'), { code: 'EIO', syscall: 'write' }));
  await assert.rejects(first, isFault('down'));
  await assert.rejects(second, isFault('down'));
  await assert.rejects(opened.journal.record(taskOpened('t_3')), isFault('down'));
  assert.throws(() => opened.journal.append(rejected('late', 'reader')), isFault('down'));
  assert.equal(failures.length, 1);
  assert.match(failures[0]?.message ?? '', /could not be written \(EIO write\).*Check the disk/);
  assert.equal(opened.health().ok, false);
  await opened.close();
  assert.equal(verifyJournal({ dir, vkey: opened.vkey }).entries, 0);
});

test('a journal whose last write fails is given back all the same: the next start finds its folder free', async () => {
  const disk = testDisk();
  const dir = newDir();
  const opened = await openTestJournal(dir, { openFile: disk.openFile, onFailure: () => {} });
  opened.journal.append(rejected('last', 'reader'));
  const closing = assert.rejects(opened.close(), isFault('down'));
  (await disk.nextWrite()).reject(Object.assign(new Error('EIO: i/o error, write'), { code: 'EIO', syscall: 'write' }));
  await closing;
  await (await openTestJournal(dir)).close();
});

test('a disk that does not answer counts as one that failed', async () => {
  const disk = testDisk();
  const failed = Promise.withResolvers<JournalFault>();
  const opened = await openTestJournal(newDir(), {
    openFile: disk.openFile,
    onFailure: failed.resolve,
    limits: { writeMillisMax: 40 },
  });
  const waiting = assert.rejects(opened.journal.record(taskOpened('t_1')), isFault('down'));
  const held = await disk.nextWrite();
  assert.match((await failed.promise).message, /the disk has not answered for/);
  held.resolve();
  await waiting;
  await opened.close();
});

test('more than the queue may hold is refused, and outcomes are taken all the same', async () => {
  const disk = testDisk();
  const opened = await openTestJournal(newDir(), { openFile: disk.openFile, limits: { queuedBytesMax: 2_000 } });
  const first = opened.journal.record(taskOpened('t_1'));
  const write = await disk.nextWrite();
  const decision = decided('t_1');
  const more = [opened.journal.record(decision, { arguments: JSON.stringify('x'.repeat(3_000)) })];
  await assert.rejects(opened.journal.record(taskOpened('t_2')), isFault('overloaded'));
  assert.throws(() => opened.journal.append(rejected('x', 'reader')), isFault('overloaded'));
  opened.journal.append(performed(decision));
  write.resolve();
  await first;
  (await disk.nextWrite()).resolve();
  await Promise.all(more);
  assert.equal(opened.newest().size, 3);
  await opened.close();
});

test('an entry that cannot be one is refused alone, and takes no number', async () => {
  const opened = await openTestJournal(newDir());
  await assert.rejects(opened.journal.record(decided('t_1', { world: 'x'.repeat(40_000) })), /larger than 32768 bytes/);
  await assert.rejects(opened.journal.record(decided('t_1', { tookMicros: 0.5 })), /tookMicros must be a whole number/);
  await assert.rejects(opened.journal.record(decided('t_1'), { 'no word': '1' }), /not a plain word/);
  await opened.journal.record(decided('t_1'));
  assert.deepEqual(
    (await all(opened)).map(({ seq }) => seq),
    [0],
  );
  await opened.close();
});

test('time never goes back, and words from outside are cut, cleaned and one line', async () => {
  let now = 1_000;
  const opened = await openTestJournal(newDir(), { now: () => now });
  await opened.journal.record(taskOpened('t_1'));
  now = 500.7;
  const hostile = `\n{"kind":"decided"}\u2028 password=hunter22 ${'x'.repeat(10_000_000)}`;
  opened.journal.append(rejected(hostile, 'reader'));
  await opened.flush();
  const [, entry] = await all(opened);
  assert.equal(entry?.at, 1_000);
  assert.ok(entry?.kind === 'rejected' && entry.what.length <= 500);
  assert.ok(!entry.what.includes('hunter22'));
  const text = readFileSync(join(opened.logDir, 'entries', '000000'), 'latin1');
  assert.equal(text.split('\n').length, 1);
  await opened.close();
});

test('whoever places an entry is told at once from when its lifetime counts, and of one that is refused when it was', async () => {
  let now = 1_000;
  const opened = await openTestJournal(newDir(), { now: () => now++ });
  const first = opened.journal.place(taskOpened('t_1'));
  now = 500;
  const second = opened.journal.place(taskOpened('t_2'));
  await Promise.all([first.durable, second.durable]);
  assert.deepEqual(
    (await all(opened)).map(({ at, clock }) => ({ at, clock })),
    [
      { at: first.at, clock: undefined },
      { at: first.at, clock: second.at },
    ],
  );
  await opened.close();
  now = 9_000;
  const { at, durable } = opened.journal.place(taskOpened('t_3'));
  await assert.rejects(durable, isFault('closed'));
  assert.equal(at, 9_000);
});

test('rejected calls of unproven callers are sampled, and the others counted in the next', async () => {
  let now = 5_000;
  const opened = await openTestJournal(newDir(), { now: () => now, limits: { unprovenRejectedPerSecondMax: 3 } });
  for (let call = 0; call < 10; call++) opened.journal.append(rejected(`call ${call}`));
  for (let call = 0; call < 5; call++) opened.journal.append(rejected(`known ${call}`, 'reader'));
  now = 6_000;
  opened.journal.append(rejected('next second'));
  await opened.flush();
  const entries = await all(opened);
  assert.equal(entries.length, 3 + 5 + 1);
  const last = entries.at(-1);
  assert.ok(last?.kind === 'rejected' && last.dropped === 7);
  assert.equal(opened.health().rejectedDropped, 7);
  await opened.close();
});

test('the newest checkpoint covers everything within its interval and after closing', async () => {
  const dir = newDir();
  const opened = await openTestJournal(dir, { limits: { checkpointMillisMax: 20 } });
  await recordCalls(opened, 2);
  while (opened.newest().checkpointSize < 5) await new Promise(resolve => setImmediate(resolve));
  await recordCalls(opened, 1);
  await opened.close();
  assert.equal(opened.newest().checkpointSize, 8);
  assert.equal(readFileSync(join(opened.logDir, 'checkpoint'), 'utf8'), opened.newest().checkpoint);
  assert.equal(readFileSync(join(dir, 'vkey'), 'utf8').trim(), opened.vkey);
});

test('one writer at a time; a killed one leaves no lock behind', async () => {
  const dir = newDir();
  const opened = await openTestJournal(dir);
  await assert.rejects(openTestJournal(dir), isFault('locked'));
  await assert.rejects(openTestJournal(dir), new RegExp(`process ${process.pid}`));
  const program = `
    import { lockJournal } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))};
    lockJournal(${JSON.stringify(join(dir, 'lock.db'))});
    process.kill(process.pid, 'SIGKILL');`;
  const other = () => spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  assert.match(other().stderr, /written by another process/, 'what was tried here in vain let go of nothing');
  await opened.close();
  assert.equal(other().signal, 'SIGKILL');
  await (await openTestJournal(dir)).close();
});

test('keys that others may read are refused, and a journal belongs to one tenant and node', async () => {
  const dir = newDir();
  await (await openTestJournal(dir)).close();
  for (const name of readdirSync(join(dir, 'keys')))
    assert.equal(statSync(join(dir, 'keys', name)).mode & 0o077, 0, name);
  await assert.rejects(openTestJournal(dir, { node: 'other' }), /is not the journal of sallyport\/local\/other/);
  chmodSync(join(dir, 'keys', 'log.pem'), 0o644);
  await assert.rejects(openTestJournal(dir), /others may read it; close it with: chmod 600/);
});

test('keys that are gone or damaged are said to be, and none is made in their place', async () => {
  const dir = newDir();
  await (await openTestJournal(dir)).close();
  for (const [name, lacks] of [
    ['log.pem', /log\.pem, byte 0: this key is missing, and a checkpoint was signed with it/],
    ['bodies.key', /bodies\.key, byte 0: this key is missing, and there are batches whose bodies it opens/],
  ] as const) {
    const path = join(dir, 'keys', name);
    const whole = readFileSync(path);
    rmSync(path);
    await assert.rejects(openTestJournal(dir), lacks);
    assert.equal(existsSync(path), false);
    for (const text of ['', whole.subarray(0, 20), 'x']) {
      writeFileSync(path, text, { mode: 0o600 });
      await assert.rejects(openTestJournal(dir), { code: 'damaged', message: new RegExp(`${name}.*does not hold`) });
    }
    writeFileSync(path, whole);
    await (await openTestJournal(dir)).close();
  }
});

test('no key is made where anything is left of a journal, whatever else went with the key', async () => {
  const left = ['log/checkpoint', 'log/entries', 'batches', 'vkey'];
  for (const only of left) {
    const dir = newDir();
    await (await openTestJournal(dir)).close();
    rmSync(join(dir, 'keys'), { recursive: true });
    for (const gone of left) if (gone !== only) rmSync(join(dir, gone), { recursive: true });
    await assert.rejects(
      openTestJournal(dir),
      /log\.pem, byte 0: this key is missing, and .*; restore it, or move /,
      only,
    );
    assert.equal(existsSync(join(dir, 'keys', 'log.pem')), false, only);
  }
});

test('a checkpoint that is empty or cut off is damaged, and not of another journal', async () => {
  const dir = newDir();
  await (await openTestJournal(dir)).close();
  const path = join(dir, 'log', 'checkpoint');
  const whole = readFileSync(path, 'utf8');
  for (const text of ['', 'x', whole.slice(0, 10), whole.slice(0, whole.length / 2)]) {
    writeFileSync(path, text);
    await assert.rejects(openTestJournal(dir), /checkpoint, byte 0: this was not signed with the journal's key/, text);
  }
});

test('bodies: what was stored is read back with salts that open its commitments, by number and by id', async () => {
  const opened = await openTestJournal(newDir());
  const decision = decided('t_1');
  const text = '{"name":"pay","arguments":{"iban":"DE89","note":"naïve ☃ \u{1f600}"}}';
  await opened.journal.record(taskOpened('t_1'), { purpose: '"x"' });
  await Promise.all([
    opened.journal.record(decision, { arguments: text, request: '{"now":1}' }),
    opened.journal.record(decided('t_2'), { arguments: '{"other":true}' }),
  ]);
  const stored = await opened.bodies(1);
  assert.equal(stored.fields.arguments?.text, text);
  assert.equal(stored.fields.request?.text, '{"now":1}');
  assert.deepEqual(await opened.bodies(decision.id), stored);
  assert.equal((await opened.bodies(2)).fields.arguments?.text, '{"other":true}');
  const raw = readFileSync(join(opened.logDir, '..', 'batches', '000000000000'), 'latin1');
  assert.ok(!raw.includes('DE89'), 'bodies are encrypted');
  await assert.rejects(opened.bodies(77), isFault('body-missing'));
  await opened.close();
});

test("erasing a task's key erases its bodies and no others, for good", async () => {
  const dir = newDir();
  const opened = await openTestJournal(dir);
  await opened.journal.record(decided('t_1'), { arguments: '"one"' });
  await opened.journal.record(decided('t_2'), { arguments: '"two"' });
  opened.eraseBodies('t_1');
  await opened.close();
  const again = await openTestJournal(dir);
  await assert.rejects(again.bodies(0), isFault('body-erased'));
  assert.equal((await again.bodies(1)).fields.arguments?.text, '"two"');
  await again.journal.record(decided('t_1'), { arguments: '"three"' });
  assert.equal((await again.bodies(2)).fields.arguments?.text, '"three"');
  await again.close();
  assert.equal(verifyJournal({ dir, vkey: opened.vkey }).ok, true, 'the record stays provable');
});

test('G-4 secrets are replaced before a body is stored; what is too large is replaced by its commitment', async () => {
  const opened = await openTestJournal(newDir(), { secretMembers: () => new Set(['phrase']) });
  const large = JSON.stringify('y'.repeat(1_100_000));
  await opened.journal.record(decided('t_1'), {
    arguments: '{"password":"hunter2","phrase":"open sesame","path":"/a"}',
    result: large,
  });
  const { fields, marks } = await opened.bodies(0);
  const marker =
    /^\{"password":"\[redacted member password (\S+)\]","phrase":"\[redacted member phrase \S+\]","path":"\/a"\}$/;
  const committed = marker.exec(fields.arguments?.text ?? '')?.[1] ?? '';
  assert.ok(marks[committed], fields.arguments?.text);
  assert.match(fields.result?.text ?? '', /^"\[redacted text of 1100002 characters \S+\]"$/);
  await opened.close();
});

test('who reads a tile while it is published again reads a whole one', async () => {
  const dir = newDir();
  const first = await openTestJournal(dir);
  await recordCalls(first, 150);
  await first.close();
  // As after a crash: nothing is known to be on disk for good, so every tile is written again.
  writeFileSync(join(dir, 'published'), '0\n');
  const reader = openSync(join(dir, 'log', 'tile', '0', '000'), 'r');
  const second = await openTestJournal(dir);
  await recordCalls(second, 1);
  await second.close();
  assert.equal(readFileSync(reader).length, 256 * 32);
  assert.notEqual(fstatSync(reader).ino, statSync(join(dir, 'log', 'tile', '0', '000')).ino, 'it was written again');
  closeSync(reader);
});

test('a body that was altered on disk is not given out', async () => {
  const dir = newDir();
  const opened = await openTestJournal(dir);
  await opened.journal.record(decided('t_1'), { arguments: '"one"' });
  const path = join(dir, 'batches', '000000000000');
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 20) ^ 1, bytes.length - 20);
  writeFileSync(path, bytes);
  await assert.rejects(opened.bodies(0), /a batch was altered/);
  bytes.writeUInt32BE(crc32(bytes.subarray(8)), 4);
  writeFileSync(path, bytes);
  await assert.rejects(opened.bodies(0), isFault('body-damaged'));
  await opened.close();
});

test('half a key at the end of the key file is cut off', async () => {
  const dir = newDir();
  const opened = await openTestJournal(dir);
  await opened.journal.record(decided('t_1'), { arguments: '"one"' });
  await opened.close();
  appendFileSync(join(dir, 'keys', 'tasks'), Buffer.alloc(5));
  const again = await openTestJournal(dir);
  await again.journal.record(decided('t_1'), { arguments: '"two"' });
  assert.equal((await again.bodies(0)).fields.arguments?.text, '"one"');
  assert.equal((await again.bodies(1)).fields.arguments?.text, '"two"');
  await again.close();
});

test('listeners hear of every durable entry once, in order', async () => {
  const opened = await openTestJournal(newDir());
  const heard: number[] = [];
  let written = 0;
  const stop = opened.subscribe(({ firstSeq, entries, ends }) => {
    for (const [at, { id }] of entries.entries()) {
      const [start, end] = [ends[at - 1] ?? 0, ends[at] ?? 0];
      assert.equal(opened.entryAt({ seq: firstSeq + at, start: written + start, bytes: end - start }).id, id);
      heard.push(firstSeq + at);
    }
    written += ends.at(-1) ?? 0;
  });
  await recordCalls(opened, 4);
  stop();
  await recordCalls(opened, 1);
  assert.deepEqual(heard, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  await opened.close();
  await assert.rejects(opened.journal.record(taskOpened('t_1')), isFault('closed'));
});
