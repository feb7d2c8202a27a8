import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FirstLine, FrameReader } from './frames.ts';

test('A-15 frames do not depend on how the bytes were cut', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ unit: 'binary', maxLength: 20 }).map(text => text.replaceAll('\n', ' ')),
        { maxLength: 8 },
      ),
      fc.array(fc.nat({ max: 60 })),
      (lines, cuts) => {
        const bytes = Buffer.from(lines.map(line => `${line}\n`).join(''));
        const reader = new FrameReader(200);
        const frames: string[] = [];
        let from = 0;
        for (const size of [...cuts, bytes.length]) {
          const got = reader.push(bytes.subarray(from, from + size));
          assert.ok(got !== 'too-large');
          frames.push(...got.map(frame => frame.toString()));
          from = Math.min(bytes.length, from + size);
        }
        assert.deepEqual(frames, Buffer.from(lines.join('\n')).toString().split('\n').slice(0, lines.length));
      },
    ),
  );
});

test('A-15 a line is refused as soon as it is too long, in one piece or many', () => {
  assert.equal(new FrameReader(10).push(Buffer.from('12345678901')), 'too-large');
  assert.equal(new FrameReader(10).push(Buffer.from('1234567890\n'))?.length, 1);
  const reader = new FrameReader(10);
  assert.deepEqual(reader.push(Buffer.from('123456')), []);
  assert.equal(reader.push(Buffer.from('78901\n')), 'too-large');
});

test('the bound of the first line does not hold for what follows it in the same chunk', () => {
  const first = new FirstLine(8);
  assert.equal(first.push(Buffer.from('hel')), undefined);
  const got = first.push(Buffer.from(`lo\n${'x'.repeat(100)}`));
  assert.ok(got !== undefined && got !== 'too-large');
  assert.equal(got.line.toString(), 'hello');
  assert.equal(got.rest.length, 100);
});
