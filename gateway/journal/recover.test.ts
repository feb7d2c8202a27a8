import assert from 'node:assert/strict';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { decided, openTestJournal, recordCalls } from '@sallyport/testkit/journal/calls.ts';
import { JournalFault } from './fault.ts';
import { verifyJournal } from './verify/verify.ts';

/** What a crash can leave behind is put right; what it cannot is refused, and nothing is changed. */

const base = mkdtempSync(join(tmpdir(), 'sallyport-recover-'));
after(() => rmSync(base, { recursive: true }));

let dirs = 0;

/** A journal as a killed process leaves it: everything acknowledged, the checkpoint before the last entries. */
async function killed(covered: number, uncovered: number): Promise<{ dir: string; vkey: string; size: number }> {
  const live = join(base, `live-${dirs}`);
  const dir = join(base, `dead-${dirs++}`);
  const first = await openTestJournal(live);
  await recordCalls(first, covered);
  await first.close();
  if (uncovered === 0) {
    cpSync(live, dir, { recursive: true });
    return { dir, vkey: first.vkey, size: first.newest().size };
  }
  const second = await openTestJournal(live, { limits: { checkpointMillisMax: 60_000 } });
  await recordCalls(second, uncovered);
  cpSync(live, dir, { recursive: true });
  const { size } = second.newest();
  await second.close();
  return { dir, vkey: first.vkey, size };
}

function snapshot(dir: string): Map<string, string> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter(item => item.isFile());
  return new Map(
    files
      .filter(({ name }) => !name.startsWith('lock.'))
      .map(item => [join(item.parentPath, item.name), readFileSync(join(item.parentPath, item.name), 'base64')]),
  );
}

async function reopened(dir: string) {
  const opened = await openTestJournal(dir);
  const { recovery } = opened;
  await recordCalls(opened, 1);
  await opened.close();
  return { recovery, size: opened.newest().size, vkey: opened.vkey };
}

async function refuses(dir: string, message: RegExp): Promise<void> {
  const before = snapshot(dir);
  await assert.rejects(openTestJournal(dir), (thrown: unknown) => {
    assert.ok(thrown instanceof JournalFault && thrown.code === 'damaged', String(thrown));
    assert.match(thrown.message, message);
    return true;
  });
  assert.deepEqual(snapshot(dir), before, 'a journal that is refused is left as it was');
}

const lastBatchFile = (dir: string) => join(dir, 'batches', readdirSync(join(dir, 'batches')).sort().at(-1) ?? '');
const segment = (dir: string) => join(dir, 'log', 'entries', '000000');

test('R5 a log that lost what no checkpoint covers is written again from the batches, whatever of it is left', async () => {
  const { dir, vkey, size } = await killed(3, 4);
  const whole = readFileSync(segment(dir));
  const signed = verifyJournal({ dir, vkey }).covered;
  for (const length of [whole.length, whole.length - 1, whole.length - 700, coveredBytes(whole, signed)]) {
    const copy = join(base, `copy-${dirs++}`);
    cpSync(dir, copy, { recursive: true });
    truncateSync(segment(copy), length);
    const { recovery, size: now } = await reopened(copy);
    assert.deepEqual([recovery.size, recovery.checkpointSize, recovery.cutBytes], [size, signed, 0]);
    assert.equal(recovery.restored > 0, length < whole.length);
    assert.deepEqual([verifyJournal({ dir: copy, vkey }).fault, now], [undefined, size + 3]);
    assert.equal(readFileSync(segment(copy)).subarray(0, whole.length).equals(whole), true);
  }
});

function coveredBytes(bytes: Buffer, entries: number): number {
  let at = 0;
  for (let seq = 0; seq < entries; seq++) at += 2 + bytes.readUInt16BE(at);
  return at;
}

test('a power cut that left zeros in the uncovered part of the log is put right', async () => {
  const { dir, vkey, size } = await killed(2, 3);
  const bytes = readFileSync(segment(dir));
  bytes.fill(0, coveredBytes(bytes, 5) + 300, bytes.length - 100);
  writeFileSync(segment(dir), bytes);
  assert.equal((await reopened(dir)).recovery.size, size);
  assert.equal(verifyJournal({ dir, vkey }).ok, true);
});

test('R5 a batch that was being written is cut off, at whatever byte it ends', async () => {
  const { dir, vkey, size } = await killed(2, 2);
  const whole = readFileSync(lastBatchFile(dir));
  const starts = batchStarts(whole);
  const last = starts.at(-1) ?? 0;
  const lastCount = whole.readUInt32BE(last + 14);
  for (let length = last + 1; length < whole.length; length += 53) {
    const copy = join(base, `copy-${dirs++}`);
    cpSync(dir, copy, { recursive: true });
    truncateSync(lastBatchFile(copy), length);
    // The log is written after the batch, so it cannot hold what the batch does not.
    truncateSync(segment(copy), coveredBytes(readFileSync(segment(copy)), size - lastCount));
    const { recovery } = await reopened(copy);
    const cut = withoutZeros(whole.subarray(last, length)).length;
    assert.deepEqual([recovery.size, recovery.cutBytes], [size - lastCount, cut], `${length} bytes`);
    assert.equal(verifyJournal({ dir: copy, vkey }).ok, true);
    rmSync(copy, { recursive: true });
  }
});

function withoutZeros(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.findLastIndex(byte => byte !== 0) + 1);
}

test('R5 a batch that was written over zeros is cut off with them, whatever sectors of it reached the disk', async () => {
  const { dir, vkey, size } = await killed(2, 2);
  const whole = readFileSync(lastBatchFile(dir));
  const last = batchStarts(whole).at(-1) ?? 0;
  const before = size - whole.readUInt32BE(last + 14);
  const sector = 64;
  const sectors = Math.ceil((whole.length - last) / sector);
  // None of them, each alone, and all but each.
  const kept = [(_: number) => false, ...Array.from({ length: sectors }, (_, only) => (at: number) => at === only)];
  kept.push(...Array.from({ length: sectors }, (_, missing) => (at: number) => at !== missing));
  for (const isKept of kept) {
    const copy = join(base, `copy-${dirs++}`);
    cpSync(dir, copy, { recursive: true });
    const bytes = Buffer.concat([whole, Buffer.alloc(4_096)]);
    for (let at = 0; at < sectors; at++) if (!isKept(at)) bytes.fill(0, last + at * sector, last + (at + 1) * sector);
    writeFileSync(lastBatchFile(copy), bytes);
    truncateSync(segment(copy), coveredBytes(readFileSync(segment(copy)), before));
    const { recovery } = await reopened(copy);
    assert.deepEqual([recovery.size, recovery.cutBytes], [before, withoutZeros(bytes).length - last]);
    assert.equal(verifyJournal({ dir: copy, vkey }).ok, true);
    rmSync(copy, { recursive: true });
  }
});

test('a batch file that ends in zeros is gone on with behind its last batch, and may be followed by another', async () => {
  const { dir, vkey, size } = await killed(2, 3);
  const copy = join(base, `copy-${dirs++}`);
  cpSync(dir, copy, { recursive: true });
  const path = lastBatchFile(copy);
  const whole = readFileSync(path);
  writeFileSync(path, Buffer.concat([whole, Buffer.alloc(10_000)]));
  // Laid out and renamed, and then the power went.
  writeFileSync(join(copy, 'batches', String(size).padStart(12, '0')), Buffer.alloc(5_000));
  const { recovery, size: now } = await reopened(copy);
  assert.deepEqual([recovery.size, recovery.cutBytes, now], [size, 0, size + 3]);
  const again = await openTestJournal(copy);
  assert.equal((await again.bodies(size + 1)).fields.arguments?.text, '{"name":"read","arguments":{"page":0}}');
  assert.equal((await again.bodies(size - 2)).fields.arguments?.text, '{"name":"read","arguments":{"page":2}}');
  await again.close();
  assert.equal(verifyJournal({ dir: copy, vkey }).ok, true);
});

test('G-1 a damaged batch with others behind it is refused where zeros end the file, whatever of it was changed', async () => {
  const { dir } = await killed(2, 3);
  const whole = readFileSync(lastBatchFile(dir));
  const start = batchStarts(whole).at(-3) ?? 0;
  for (let end = start + 4; end < start + 120; end += 5) {
    const copy = join(base, `copy-${dirs++}`);
    cpSync(dir, copy, { recursive: true });
    const bytes = Buffer.concat([whole, Buffer.alloc(4_096)]);
    bytes.fill(0, start, end);
    writeFileSync(lastBatchFile(copy), bytes);
    await refuses(copy, /byte \d+: a batch is not as it was written/);
    rmSync(copy, { recursive: true });
  }
});

function batchStarts(bytes: Buffer): number[] {
  const starts: number[] = [];
  for (let at = 0; at < bytes.length; at += 24 + bytes.readUInt32BE(at)) starts.push(at);
  return starts;
}

test('damage in the middle of the batches is refused, with file and offset', async () => {
  const { dir } = await killed(2, 3);
  const path = lastBatchFile(dir);
  const bytes = readFileSync(path);
  const start = batchStarts(bytes).at(-3) ?? 0;
  bytes.writeUInt8(bytes.readUInt8(start + 60) ^ 1, start + 60);
  writeFileSync(path, bytes);
  await refuses(dir, new RegExp(`${path}, byte ${start}: a batch is not as it was written.*audit verify`));
});

test('acknowledged entries that a damaged length would cut off are missed, and refused', async () => {
  const { dir } = await killed(2, 3);
  const bytes = readFileSync(lastBatchFile(dir));
  bytes.writeUInt8(0x70, batchStarts(bytes).at(-3) ?? 0);
  writeFileSync(lastBatchFile(dir), bytes);
  await refuses(dir, /the log holds an entry that no batch file holds/);
});

test('G-1 a covered entry that was altered, and a log or a journal that is too short, are refused', async () => {
  const { dir } = await killed(3, 0);
  const cases: [string, (copy: string) => void, RegExp][] = [
    [
      'altered',
      copy => {
        const bytes = readFileSync(segment(copy));
        bytes.writeUInt8(bytes.readUInt8(500) ^ 1, 500);
        writeFileSync(segment(copy), bytes);
      },
      /entries 0 to 6 do not have the root that was signed for them/,
    ],
    [
      'altered, with no snapshot of the tree',
      copy => {
        const bytes = readFileSync(segment(copy));
        bytes.writeUInt8(bytes.readUInt8(500) ^ 1, 500);
        writeFileSync(segment(copy), bytes);
        rmSync(join(copy, 'published'));
      },
      /entries 0 to 6 do not have the root that was signed for them/,
    ],
    ['short', copy => truncateSync(segment(copy), 900), /000000, byte \d+: the log ends before entry \d;/],
    ['no log', copy => rmSync(segment(copy)), /the log ends before entry 0; the signed checkpoint covers 7/],
    [
      'signed by another',
      copy => {
        const file = join(copy, 'log', 'checkpoint');
        const [text = '', line = ''] = readFileSync(file, 'utf8').split('\n\n');
        const at = line.length - 8;
        writeFileSync(file, `${text}\n\n${line.slice(0, at)}${line[at] === 'A' ? 'B' : 'A'}${line.slice(at + 1)}`);
      },
      /this was not signed with the journal's key/,
    ],
    ['no checkpoint', copy => rmSync(join(copy, 'log', 'checkpoint')), /the signed checkpoint is missing/],
    [
      'other file',
      copy => writeFileSync(join(copy, 'log', 'entries', 'x'), ''),
      /this file is missing, and x is there/,
    ],
  ];
  for (const [name, change, message] of cases) {
    const copy = join(base, `${name}-${dirs++}`);
    cpSync(dir, copy, { recursive: true });
    change(copy);
    await refuses(copy, message);
  }
});

test('a copy of the public log alone can be gone on with, if its checkpoint covers all of it', async () => {
  const { dir, vkey, size } = await killed(3, 0);
  for (const name of readdirSync(join(dir, 'batches'))) rmSync(join(dir, 'batches', name));
  assert.equal((await reopened(dir)).recovery.size, size);
  assert.equal(verifyJournal({ dir, vkey }).ok, true);
});

test('tiles that were lost or never settled are published again', async () => {
  const { dir, vkey } = await killed(200, 60);
  rmSync(join(dir, 'published'));
  rmSync(join(dir, 'log', 'tile'), { recursive: true });
  await reopened(dir);
  const report = verifyJournal({ dir, vkey });
  assert.deepEqual([report.fault, report.covered > 512], [undefined, true]);
});

test('tiles that a power cut emptied are published again', async () => {
  const { dir, vkey } = await killed(200, 60);
  const tiles = join(dir, 'log', 'tile');
  rmSync(join(dir, 'published'));
  for (const item of readdirSync(tiles, { recursive: true, withFileTypes: true }))
    if (item.isFile()) truncateSync(join(item.parentPath, item.name), 0);
  await reopened(dir);
  assert.equal(verifyJournal({ dir, vkey }).fault, undefined);
});

test('a number of settled tiles that cannot be has no meaning', async () => {
  const { dir, vkey, size } = await killed(150, 2);
  for (const text of ['', 'x', '99999\n', '-1\n']) {
    writeFileSync(join(dir, 'published'), text);
    const opened = await openTestJournal(dir);
    assert.equal(opened.recovery.size, size);
    await opened.close();
    assert.equal(verifyJournal({ dir, vkey }).ok, true);
  }
});

test('a log of several segments goes on across their border, and starts again on either side of it', async () => {
  const dir = join(base, 'segments');
  const border = 65_536;
  const opened = await openTestJournal(dir);
  for (let seq = 0; seq < border - 3; seq++) opened.journal.append(decided('t_1'));
  await opened.flush();
  await opened.close();
  let size = border - 3;
  for (let run = 0; run < 3; run++) {
    const again = await openTestJournal(dir);
    assert.equal(again.newest().size, size);
    await Promise.all(Array.from({ length: 3 }, () => again.journal.record(decided('t_1'))));
    size += 3;
    assert.equal((await again.entry(size - 1))?.seq, size - 1);
    const seen: number[] = [];
    for await (const { seq } of again.entries(border - 2)) seen.push(seq);
    assert.deepEqual([seen[0], seen.at(-1), seen.length], [border - 2, size - 1, size - border + 2]);
    await again.close();
  }
  assert.deepEqual(readdirSync(join(dir, 'log', 'entries')), ['000000', '000001']);
  const report = verifyJournal({ dir, vkey: opened.vkey });
  assert.deepEqual([report.fault, report.covered], [undefined, size]);
});

test('a folder in the place of a file, and a file in the place of a folder, are refused and named', async () => {
  const { dir } = await killed(3, 4);
  const batch = `batches/${readdirSync(join(dir, 'batches'))[0]}`;
  const files = ['log/checkpoint', 'log/entries/000000', batch, 'keys/tasks', 'keys/log.pem', 'keys/bodies.key'];
  const others = ['vkey', 'published', 'lock.db', 'tile.next', 'batches.next'];
  for (const name of [...files, ...others]) {
    const copy = join(base, `copy-${dirs++}`);
    cpSync(dir, copy, { recursive: true });
    rmSync(join(copy, name), { force: true });
    mkdirSync(join(copy, name));
    await refuses(copy, new RegExp(`${name}, byte 0: a folder stands in the place of a file; move it away`));
  }
  for (const name of ['log', 'log/entries', 'batches', 'keys', '.']) {
    const copy = join(base, `copy-${dirs++}`);
    cpSync(dir, copy, { recursive: true });
    rmSync(join(copy, name), { recursive: true });
    writeFileSync(join(copy, name), '');
    await assert.rejects(openTestJournal(copy), /, byte 0: a file stands in the place of a folder; move it away/, name);
  }
});
