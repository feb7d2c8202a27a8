import assert from 'node:assert/strict';
import { test } from 'node:test';
import { widthOf } from './columns.ts';
import { cut, narrowTable } from './narrow.ts';

test('a line is cut to the columns that there are, and its colours end', () => {
  assert.equal(cut('notes', 5), 'notes');
  assert.equal(cut('notes/read', 5), 'note…');
  assert.equal(cut('\u001b[1mnotes/read\u001b[22m  more', 8), '\u001b[1mnotes/r…\u001b[22m');
  assert.equal(cut('notes/東京都x', 9), 'notes/東…');
  for (let width = 0; width < 12; width++) assert.ok(widthOf(cut('\u001b[1mab\u001b[22m cdefghij', width)) <= width);
});

test('a table gives up columns in the order that it was given, and no more than it has to', () => {
  const drawn = (width: number): string[] =>
    narrowTable(
      ['time', 'tool', 'id'],
      [['12:00', 'notes/read', 'd_1']],
      { width, first: ['id', 'time'] },
      head => head,
    )
      .split('\n')
      .map(line => line.replace(/ +/g, ' '));
  assert.deepEqual(drawn(40), ['time tool id', '12:00 notes/read d_1']);
  assert.deepEqual(drawn(18), ['time tool', '12:00 notes/read']);
  assert.deepEqual(drawn(10), ['tool', 'notes/read']);
  assert.deepEqual(drawn(3), ['tool', 'notes/read'], 'what is left is cut by the line');
});
