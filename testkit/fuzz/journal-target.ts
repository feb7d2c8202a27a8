import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { writeCanonical } from '@sallyport/core/journal/canonical.ts';
import { checkpointText } from '@sallyport/core/journal/checkpoint.ts';
import { encodeNote, noteKey, openNote, verifierKey } from '@sallyport/core/journal/note.ts';
import { Batch, readBatch, skipBatch } from '@sallyport/gateway/journal/batch.ts';
import { FrameSplitter } from '@sallyport/gateway/journal/frames.ts';
import { sha256Bytes } from '@sallyport/gateway/journal/hash.ts';
import { unpackBody } from '@sallyport/gateway/journal/packed-body.ts';
import { readCanonicalEntry } from '@sallyport/gateway/journal/verify/canonical-entry.ts';
import { readSignedHead, readVerifierKey } from '@sallyport/gateway/journal/verify/signed-head.ts';
import { decided } from '../journal/calls.ts';
import type { Random } from '../random.ts';
import type { FuzzTarget } from './fuzz.ts';
import { inPieces } from './mutate.ts';

const entry = { ...decided('t_x'), v: 1, tenant: 'local', node: 'test', seq: 0, at: 1, what: 'a\u2028"\\\u0001é😀' };
const page = new Uint8Array(64 * 1024);

function canonical(value: unknown): Buffer {
  return Buffer.from(page.subarray(0, writeCanonical(value, page) ?? 0));
}

const { privateKey } = generateKeyPairSync('ed25519');
const publicKey = createPublicKey(createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })));
const key = noteKey(
  'sallyport/local/test',
  new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)),
  sha256Bytes,
);
const log = readVerifierKey(verifierKey(key));
const text = checkpointText({ origin: key.name, size: 300, root: sha256Bytes(Buffer.from('x')) });
const signature = sign(null, Buffer.from(text), privateKey);
const note = encodeNote({ text, signatures: [{ name: key.name, keyId: key.id, signature }] });

function batch(): Buffer {
  const made = new Batch(7);
  for (const bytes of [canonical(entry), canonical({ a: 1 })])
    made.add({ draft: decided('t_x'), bytes, body: undefined });
  made.room(6).write('sealed');
  return made.seal();
}

/** By the first byte: entries, batches, frames, checkpoints, bodies. */
export const journal: FuzzTarget = {
  name: 'journal',
  seeds: [
    ...[canonical(entry), canonical({ a: [1, -2, { b: null }], c: true })].map(bytes => tagged(0, bytes)),
    ...[1, 2].map(tag => tagged(tag, batch())),
    tagged(3, Buffer.from(note)),
    tagged(4, Buffer.from('@ 3\narguments abcdefghijklmnopqrstuv 5\n{"a"}\n~ c s\n@ 4\nresult abc 2\n{}\n')),
  ],
  check: (bytes, random) => checks[(bytes[0] ?? 0) % checks.length]?.(bytes.subarray(1), random),
};

function tagged(tag: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), bytes]);
}

const checks: readonly ((bytes: Buffer, random: Random) => void)[] = [
  // Two implementations, the writer's and the verifier's: what one accepts the other would have written.
  bytes => {
    const read = readCanonicalEntry(bytes);
    if (read.ok) assert.deepEqual(canonical(read.entry), Buffer.from(bytes));
    else assert.ok(read.offset <= bytes.length && read.what !== '');
  },
  // Whatever the file says, nothing outside it is read, and what is read has the right checksum.
  bytes => {
    const record = readBatch(bytes, 0);
    if (typeof record !== 'string')
      assert.ok(record.end <= bytes.length && record.entries.length + record.bodies.length + 24 === record.end);
    const passed = skipBatch(bytes, 0);
    assert.ok(passed === undefined || passed.end >= 24);
  },
  (bytes, random) => {
    const whole = new FrameSplitter()
      .push(bytes)
      .map(({ offset, bytes: frame }) => `${offset}:${frame.toString('hex')}`);
    const splitter = new FrameSplitter();
    const cut = inPieces(bytes, random)
      .flatMap(piece => splitter.push(piece))
      .map(frame => `${frame.offset}:${frame.bytes.toString('hex')}`);
    assert.deepEqual(cut, whole);
  },
  // The same two about checkpoints: one that was altered is accepted by neither.
  bytes => {
    const given = bytes.toString('utf8');
    const mine = openNote(given, key, (_raw, message, signed) => verify(null, message, publicKey, signed));
    const theirs = readSignedHead(Buffer.from(bytes), log);
    if (mine !== undefined || typeof theirs !== 'string') assert.equal(mine ?? text, text, 'another text was accepted');
    if (typeof theirs !== 'string') assert.equal(theirs.size, 300);
  },
  bytes => void unpackBody(bytes.toString('utf8'), 3),
];
