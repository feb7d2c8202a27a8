import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { EventReader } from './events.ts';

function eventsOf(bytes: Buffer, cuts: readonly number[] = [], bytesMax = 100_000): string[] | 'too long' {
  const events: string[] = [];
  const reader = new EventReader(bytesMax, data => events.push(data.toString('utf8')));
  let at = 0;
  for (const cut of [...cuts, bytes.length]) {
    if (!reader.push(bytes.subarray(at, at + cut))) return 'too long';
    at += cut;
  }
  return events;
}

test('A-13 text inside a message never begins an event of its own', () => {
  const inner = 'x\n\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\n\rdata: y\revent: z\nid: 7\u2028data: q\u2029';
  const message = JSON.stringify({ jsonrpc: '2.0', id: 1, result: { text: inner } });
  assert.deepEqual(eventsOf(Buffer.from(`event: message\nid: 4\ndata: ${message}\n\n`)), [message]);
});

test('A-13 events are the same, however the bytes were cut and the lines were ended', () => {
  const data = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter(text => !/[\r\n]/.test(text) && !text.startsWith(' '));
  fc.assert(
    fc.property(fc.array(data), fc.constantFrom('\n', '\r', '\r\n'), fc.array(fc.nat(7)), (wanted, end, cuts) => {
      const bytes = Buffer.from(wanted.map(text => `data: ${text}${end}: note${end}${end}`).join(''));
      assert.deepEqual(eventsOf(bytes, cuts), wanted);
    }),
  );
});

test('A-13 a line end that is cut in two stays one, also with nothing in between', () => {
  const events: string[] = [];
  const reader = new EventReader(1_000, data => events.push(data.toString('utf8')));
  for (const piece of ['data: a\r', '', '\ndata: b\r\n\r\n']) reader.push(Buffer.from(piece));
  assert.deepEqual(events, ['a\nb']);
});

test('fields follow the standard: several data lines, no colon, no space, nothing at the end', () => {
  const stream = 'data: a\ndata:b\ndata\ndata:  c\nretry: 7\nevent\n\n\n\nid: 4\n\ndata: unfinished\n';
  assert.deepEqual(eventsOf(Buffer.from(stream)), ['a\nb\n\n c']);
});

test('G-6 an event without an end is given up at its limit, comments without an end as well', () => {
  assert.equal(eventsOf(Buffer.from(`data: ${'x'.repeat(200)}`), [50], 100), 'too long');
  assert.equal(eventsOf(Buffer.from(`: ${'x'.repeat(200)}`), [50], 100), 'too long');
  assert.equal(eventsOf(Buffer.from('data: xxxxxxxxxx\n'.repeat(20)), [50], 100), 'too long');
  assert.deepEqual(eventsOf(Buffer.from(': comment\n\n'.repeat(1_000)), [], 100), [], 'many short ones are welcome');
});
