import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type JournalLife, openTestJournal, recordCalls } from '@sallyport/testkit/journal/calls.ts';
import { readVerifierKey } from './signed-head.ts';
import { loadLog, logInMemory } from './source.ts';
import { readHeads, type VerifyFault, verifyAgainst, verifyJournal, verifyLog } from './verify.ts';

/** Threats G-1 and R7: everything that can be done to a log, done to a small one, with the checkpoint held elsewhere. */

const base = mkdtempSync(join(tmpdir(), 'sallyport-verify-'));
after(() => rmSync(base, { recursive: true }));

/** A closed journal in memory: every entry is covered by its checkpoint. */
interface Sample {
  readonly files: ReadonlyMap<string, Buffer>;
  readonly vkey: string;
  readonly checkpoint: string;
  readonly dir: string;
}

async function makeSample(name: string, calls: number, life: JournalLife = {}): Promise<Sample> {
  const dir = join(base, name);
  const opened = await openTestJournal(dir, life);
  await recordCalls(opened, calls);
  await opened.close();
  return { files: loadLog(dir), vkey: opened.vkey, checkpoint: opened.newest().checkpoint, dir };
}

let small: Sample;
let large: Sample;
before(async () => {
  small = await makeSample('small', 4);
  large = await makeSample('large', 130);
});

/** The fault that is found once `path` holds `bytes`, given the checkpoint that was kept. */
function faultWith(sample: Sample, path: string, bytes: Buffer | undefined): VerifyFault | undefined {
  const files = new Map(sample.files);
  if (bytes === undefined) files.delete(path);
  else files.set(path, bytes);
  return verifyLog(logInMemory(files), readVerifierKey(sample.vkey), sample.checkpoint).fault;
}

const log = 'entries/000000';

function bytesOf(sample: Sample, path: string): Buffer {
  const bytes = sample.files.get(path);
  assert.ok(bytes, path);
  return bytes;
}

function framesOf(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 2 + bytes.readUInt16BE(at))
    frames.push(bytes.subarray(at, at + 2 + bytes.readUInt16BE(at)));
  return frames;
}

function flipped(bytes: Buffer, at: number, bit: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at);
  return changed;
}

test('an untouched journal verifies, on disk and in memory, with and without a checkpoint kept elsewhere', () => {
  for (const sample of [small, large]) {
    const report = verifyJournal({ dir: sample.dir, vkey: sample.vkey, checkpoint: sample.checkpoint });
    const entries = framesOf(bytesOf(sample, log)).length;
    assert.equal(report.fault, undefined);
    assert.deepEqual([report.entries, report.covered, report.uncovered], [entries, entries, 0]);
    assert.equal(report.agreesWith, entries);
    assert.equal(faultWith(sample, log, bytesOf(sample, log)), undefined);
    assert.equal(verifyJournal({ dir: join(sample.dir, 'log'), vkey: sample.vkey }).ok, true);
  }
});

test('G-1 R7 every single-bit flip of a whole segment is found', () => {
  const verifier = readVerifierKey(small.vkey);
  const heads = readHeads(logInMemory(small.files), verifier, small.checkpoint);
  assert.ok(!('what' in heads));
  const bytes = bytesOf(small, log);
  for (let at = 0; at < bytes.length; at++)
    for (let bit = 0; bit < 8; bit++) {
      const files = new Map(small.files).set(log, flipped(bytes, at, bit));
      assert.ok(verifyAgainst(heads, logInMemory(files), verifier).fault, `byte ${at} bit ${bit}`);
    }
  assert.ok(bytes.length > 2_500, `${bytes.length} bytes`);
});

test('G-1 R7 every single-bit flip of the checkpoint is found', () => {
  const bytes = bytesOf(small, 'checkpoint');
  for (let at = 0; at < bytes.length; at++)
    for (let bit = 0; bit < 8; bit++)
      assert.ok(faultWith(small, 'checkpoint', flipped(bytes, at, bit)), `byte ${at} bit ${bit}`);
});

test('G-1 R7 sampled bit flips of a larger log and of every tile are found', () => {
  for (const [path, bytes] of large.files) {
    const step = Math.max(1, Math.floor(bytes.length / 60));
    for (let at = 0; at < bytes.length; at += step)
      assert.ok(faultWith(large, path, flipped(bytes, at, at % 8)), `${path} byte ${at}`);
  }
});

test('G-1 R7 truncation at every byte is found', () => {
  const bytes = bytesOf(small, log);
  for (let length = 0; length < bytes.length; length++)
    assert.match(faultWith(small, log, bytes.subarray(0, length))?.what ?? '', /^the log ends before entry \d+/);
  assert.match(faultWith(small, log, undefined)?.what ?? '', /ends before entry 0/);
});

test('G-1 R7 every swap of neighbours, deletion and duplication of an entry is found and named', () => {
  const frames = framesOf(bytesOf(large, log));
  for (let seq = 0; seq < frames.length; seq++) {
    const without = frames.toSpliced(seq, 1);
    const last = seq === frames.length - 1;
    const found = faultWith(large, log, Buffer.concat(without));
    assert.match(found?.what ?? '', last ? /ends before entry/ : /entry \d+ should stand here/);
    assert.equal(found?.seq, seq);
    const twice = faultWith(large, log, Buffer.concat(frames.toSpliced(seq, 0, frames[seq] ?? Buffer.alloc(0))));
    assert.ok(twice?.seq === seq + 1, `${seq} twice`);
    if (last) continue;
    const swapped = frames.toSpliced(seq, 2, frames[seq + 1] ?? Buffer.alloc(0), frames[seq] ?? Buffer.alloc(0));
    assert.equal(faultWith(large, log, Buffer.concat(swapped))?.seq, seq);
  }
});

test('G-1 R7 an entry that was altered and is well formed is named, by its number and its place', () => {
  const bytes = bytesOf(large, log);
  const frames = framesOf(bytes);
  let offset = 0;
  for (const [seq, frame] of frames.entries()) {
    const at = frame.indexOf('"tookMicros":1');
    if (at >= 0 && seq % 5 === 0) {
      const changed = Buffer.from(frame);
      changed.write('9', at + 13);
      const found = faultWith(large, log, Buffer.concat(frames.with(seq, changed)));
      assert.deepEqual([found?.seq, found?.file, found?.offset], [seq, log, offset]);
      assert.match(found?.what ?? '', new RegExp(`entry ${seq} is not the one of tile/`));
    }
    offset += frame.length;
  }
});

test("G-1 R7 an entry of another log's, in the same place, is found", async () => {
  const twin = await makeSample('twin', 4);
  const other = await makeSample('other', 4, { node: 'other' });
  const frames = framesOf(bytesOf(small, log));
  for (const [seq, frame] of framesOf(bytesOf(twin, log)).entries())
    assert.ok(faultWith(small, log, Buffer.concat(frames.with(seq, frame))), `twin ${seq}`);
  for (const [seq, frame] of framesOf(bytesOf(other, log)).entries())
    assert.match(faultWith(small, log, Buffer.concat(frames.with(seq, frame)))?.what ?? '', /another log/);
});

test('G-1 R7 an older state of the same log is found given the newer checkpoint, and only then', async () => {
  const dir = join(base, 'rollback');
  const first = await openTestJournal(dir);
  await recordCalls(first, 5);
  await first.close();
  cpSync(dir, join(base, 'backup'), { recursive: true });
  const second = await openTestJournal(dir);
  await recordCalls(second, 5);
  await second.close();
  const { vkey } = second;
  const { checkpoint } = second.newest();
  const older = first.newest().checkpoint;
  const found = verifyJournal({ dir: join(base, 'backup'), vkey, checkpoint });
  assert.match(found.fault?.what ?? '', /the log was put back/);
  assert.equal(verifyJournal({ dir: join(base, 'backup'), vkey }).ok, true, 'which is why a checkpoint is kept');
  assert.equal(verifyJournal({ dir, vkey, checkpoint: older }).agreesWith, first.newest().size);
});

test('G-1 R7 a fork is found against a checkpoint of the other branch', async () => {
  const dir = join(base, 'fork');
  const first = await openTestJournal(dir);
  await recordCalls(first, 3);
  await first.close();
  cpSync(dir, join(base, 'branch'), { recursive: true });
  const checkpoints: string[] = [];
  for (const path of [dir, join(base, 'branch')]) {
    const opened = await openTestJournal(path);
    await recordCalls(opened, 4);
    await opened.close();
    checkpoints.push(opened.newest().checkpoint);
  }
  const [own = '', others = ''] = checkpoints;
  assert.equal(verifyJournal({ dir, vkey: first.vkey, checkpoint: own }).ok, true);
  assert.match(verifyJournal({ dir, vkey: first.vkey, checkpoint: others }).fault?.what ?? '', /forked/);
});

test('G-1 R7 a log that was signed again with another key is found', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const [text = '', line = ''] = bytesOf(small, 'checkpoint').toString('utf8').split('\n\n');
  const [dash, name, encoded = ''] = line.trim().split(' ');
  const id = Buffer.from(encoded, 'base64').subarray(0, 4);
  const forged = Buffer.concat([id, sign(null, Buffer.from(`${text}\n`), privateKey)]).toString('base64');
  const note = Buffer.from(`${text}\n\n${dash} ${name} ${forged}\n`);
  assert.equal(faultWith(small, 'checkpoint', note)?.what, "the checkpoint's signature is wrong");
  assert.match(faultWith(small, 'checkpoint', undefined)?.what ?? '', /missing/);
});

test('tiles that disagree or are missing are found; what the checkpoint does not need is not looked at', () => {
  const missing = faultWith(large, 'tile/0/000', undefined);
  assert.match(missing?.what ?? '', /the checkpoint needs this tile/);
  assert.match(faultWith(large, 'tile/0/000', Buffer.alloc(8_192))?.what ?? '', /not what the log hashes to/);
  assert.match(faultWith(large, 'tile/0/001.p/1', Buffer.alloc(32))?.what ?? '', /not what the log hashes to/);
  assert.equal(faultWith(large, 'tile/0/001', Buffer.alloc(100)), undefined);
  assert.match(faultWith(large, 'tile/0/000.bak', Buffer.alloc(1))?.what ?? '', /not the name of a tile/);
  assert.match(faultWith(large, 'entries/-', Buffer.alloc(1))?.what ?? '', /segment is missing, or this file is none/);
});

test('what lies after the newest checkpoint is counted, and checked as far as that goes', async () => {
  const dir = join(base, 'uncovered');
  const opened = await openTestJournal(dir, { limits: { checkpointMillisMax: 60_000 } });
  await recordCalls(opened, 3);
  const { size } = opened.newest();
  const report = verifyJournal({ dir, vkey: opened.vkey });
  assert.deepEqual([report.ok, report.covered, report.uncovered], [true, 0, size]);
  const files = loadLog(dir);
  const bytes = files.get(log) ?? Buffer.alloc(0);
  const check = (changed: Buffer) =>
    verifyLog(logInMemory(new Map(files).set(log, changed)), readVerifierKey(opened.vkey));
  assert.equal(check(bytes.subarray(0, -5)).unfinishedBytes > 0, true);
  const frames = framesOf(bytes);
  const outcome = frames.findIndex(frame => frame.includes('"kind":"performed"'));
  const text = frames[outcome]?.toString('utf8').replace(/"decision":"d_./, '"decision":"d_?') ?? '';
  const changed = Buffer.concat(frames.with(outcome, Buffer.from(text)));
  assert.match(check(changed).fault?.what ?? '', /outcome of a decision that does not stand before it/);
  await opened.close();
});

test('the verifier shares no code with the writer', () => {
  for (const name of [
    'canonical-entry',
    'entry-rules',
    'merkle-stack',
    'signed-head',
    'source',
    'tile-check',
    'verify',
  ]) {
    const text = readFileSync(join(import.meta.dirname, `${name}.ts`), 'utf8');
    const imports = [...text.matchAll(/from '([^']+)'/g)].map(found => found[1] ?? '');
    assert.deepEqual(
      imports.filter(path => !path.startsWith('node:') && !path.startsWith('./')),
      [],
      name,
    );
  }
});
