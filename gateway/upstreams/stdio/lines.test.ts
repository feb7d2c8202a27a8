import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { LineBuffer } from './lines.ts';

const text = (lines: readonly Uint8Array[] | undefined): string[] | undefined =>
  lines?.map(line => Buffer.from(line).toString('utf8'));

test('A-15 lines come out whole, however the bytes were cut', () => {
  const lines = fc.array(
    fc.string({ unit: 'grapheme', minLength: 1 }).filter(line => line.trim() !== '' && !/[\n\r]/.test(line)),
  );
  fc.assert(
    fc.property(lines, fc.array(fc.nat(20)), (wanted, cuts) => {
      const bytes = Buffer.from(wanted.map(line => `${line}\n`).join(''));
      const buffer = new LineBuffer(10_000);
      const got: string[] = [];
      let at = 0;
      for (const cut of [...cuts, bytes.length]) {
        got.push(...(text(buffer.push(bytes.subarray(at, at + cut))) ?? ['too long']));
        at += cut;
      }
      assert.deepEqual(got, wanted);
    }),
  );
});

test('A-15 a line without an end is cut off at its limit, and holds no more than that', () => {
  const buffer = new LineBuffer(1_000);
  for (let chunk = 0; chunk < 10; chunk++) assert.deepEqual(buffer.push(Buffer.alloc(100, 0x61)), []);
  assert.equal(buffer.push(Buffer.from('a')), undefined);
});

test('A-15 a line of exactly the limit is a line, one byte more is not', () => {
  assert.equal(new LineBuffer(3).push(Buffer.from('abc\n'))?.length, 1);
  assert.equal(new LineBuffer(3).push(Buffer.from('abcd\n')), undefined);
});

test('blank lines and carriage returns are no messages', () => {
  assert.deepEqual(text(new LineBuffer(10).push(Buffer.from('\n\r\n  \na\r\n'))), ['a\r']);
});
