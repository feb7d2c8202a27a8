import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { columns, widthOf, wrapped } from './columns.ts';
import { short } from './ids.ts';
import { paintFor } from './paint.ts';
import { placed } from './placed.ts';
import { cut, safe, safeLine } from './safe.ts';
import { bytes, clock, duration, micros } from './time.ts';

test('G-2 E-4 nothing that moves the cursor, reverses or hides text is ever shown', () => {
  const hidden = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), text => {
      assert.doesNotMatch(safe(text), hidden);
      assert.doesNotMatch(safeLine(text), /[\n\t]/);
    }),
  );
  assert.equal(safe('a\u001b[2Jb'), 'a\\u{1b}[2Jb');
  assert.equal(safe('pay \u202eeve\u202c'), 'pay \\u{202e}eve\\u{202c}');
  assert.equal(safe('tag\u{e0041}'), 'tag\\u{e0041}');
});

test('what is plain stays as it is, also beyond ASCII', () => {
  assert.equal(safe('Grüße 東京 🙂\n\tx'), 'Grüße 東京 🙂\n\tx');
  assert.equal(safeLine('a\nb'), 'a\\nb');
});

test('columns are aligned whatever colour they have, and lines have no spaces at their end', () => {
  const { bad } = paintFor(true);
  const text = columns([
    ['a', bad('deny'), ''],
    ['long', 'ok', 'x'],
  ]);
  assert.equal(text, `a     ${bad('deny')}\nlong  ok    x`);
  assert.equal(widthOf(bad('deny')), 4);
  assert.equal(wrapped('one two three', 7, '  '), 'one two\n  three');
});

test('a letter takes the columns that a terminal gives it: East Asian ones and emoji two, marks none', () => {
  const of = (texts: readonly string[]): number[] => texts.map(widthOf);
  assert.deepEqual(of(['東京', 'カナ', '한글', '，', 'Ａ', '🙂', '，a']), [4, 4, 4, 2, 2, 2, 3]);
  assert.deepEqual(of(['Grüße', 'e\u0301', 'ｶﾅ', '│ … →', '\u001b[1m東\u001b[22m']), [5, 1, 2, 5, 2]);
  assert.equal(
    columns([
      ['東京', 'a'],
      ['x', 'b'],
    ]),
    '東京  a\nx     b',
  );
  assert.equal(wrapped('東京 東京', 8), '東京\n東京');
});

test('without colour paint adds nothing', () => {
  const { bold, bad } = paintFor(false);
  assert.equal(bold(bad('x')), 'x');
});

test('sizes and times are read at a glance', () => {
  assert.deepEqual([850, 12_000, 200_000, 7_500_000, 100_000_000].map(duration), [
    '850 ms',
    '12 s',
    '3 min 20 s',
    '2 h 5 min',
    '1 d 3 h',
  ]);
  assert.deepEqual([240, 31_000, 1_200_000].map(micros), ['0.24 ms', '31 ms', '1.2 s']);
  assert.deepEqual([900, 2_048, 68_719_476_736].map(bytes), ['900 B', '2.0 KiB', '64 GiB']);
  assert.equal(short('d_0123456789abcdef'), 'd_01234567');
  assert.equal(cut('🙂🙂🙂', 2), '🙂…');
});

test('a place in a file is one that editors go to; without one it is the file', () => {
  assert.equal(
    placed('/a b/c.json', 'left alone', 'line 3, column 7: is not JSON'),
    '/a b/c.json:3:7: left alone: is not JSON',
  );
  assert.equal(placed('/c.json', 'left alone', 'is not UTF-8'), '/c.json: left alone: is not UTF-8');
});

test('a time of another day is told with its date', () => {
  const noon = new Date(2026, 10, 22, 12).getTime();
  assert.equal(clock(noon, noon + 3_600_000), '12:00:00');
  assert.equal(clock(noon, noon + 86_400_000), '2026-11-22 12:00:00');
  assert.equal(clock(noon, noon - 86_400_000), '2026-11-22 12:00:00');
});
