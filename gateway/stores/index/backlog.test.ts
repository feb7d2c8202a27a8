import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backlog } from './backlog.ts';

function piece(...seqs: readonly number[]): Buffer {
  return Buffer.concat(
    seqs.map(seq => {
      const text = Buffer.from(JSON.stringify({ seq }));
      const length = Buffer.alloc(2);
      length.writeUInt16BE(text.length);
      return Buffer.concat([length, text]);
    }),
  );
}

function seqsOf(backlog: Backlog, bytesMin: number): number[] {
  return backlog.take(bytesMin).map(({ entry }) => entry.seq);
}

test('what was taken comes again until it is dropped, in order, each once', () => {
  const backlog = new Backlog();
  for (const seqs of [[0, 1], [2], [3, 4]]) backlog.add(piece(...seqs));
  const all = backlog.bytes;
  assert.deepEqual(seqsOf(backlog, 1), [0, 1]);
  assert.deepEqual(seqsOf(backlog, 1), [2]);
  assert.equal(backlog.bytes + backlog.takenBytes, all);
  backlog.putBack();
  assert.deepEqual([backlog.bytes, backlog.takenBytes], [all, 0]);
  assert.deepEqual(seqsOf(backlog, 1), [0, 1], 'it was put back');
  backlog.drop();
  backlog.add(piece(5));
  assert.deepEqual(seqsOf(backlog, Number.POSITIVE_INFINITY), [2, 3, 4, 5]);
  assert.deepEqual(seqsOf(backlog, 1), []);
  backlog.drop();
  assert.deepEqual([backlog.bytes, backlog.takenBytes], [0, 0]);
});

test('what is cleared is gone, taken or not', () => {
  const backlog = new Backlog();
  backlog.add(piece(0));
  backlog.add(piece(1));
  backlog.take(1);
  backlog.clear();
  assert.deepEqual([backlog.bytes, backlog.takenBytes, backlog.take(1).length], [0, 0, 0]);
});
