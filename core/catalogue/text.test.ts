import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { textConcerns, visible } from './text.ts';

const invisible = /[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

test('B-2 whatever the text, what is shown of it holds nothing that cannot be seen', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      assert.doesNotMatch(visible(text), invisible);
      assert.match(visible(text, 400, 'escape'), /^[ -~…]*$/);
      for (const { shown } of textConcerns(text)) assert.doesNotMatch(shown, invisible);
    }),
  );
});

test('B-2 text without concerns holds nothing invisible but white space and the glue of emoji and words', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      if (textConcerns(text).length === 0)
        assert.doesNotMatch(text.replace(/[\t\n\r]|\ufe0f|[\u200c\u200d]/g, ''), invisible);
    }),
    { numRuns: 2_000 },
  );
});

test('B-2 words are spelt with joiners where their script has them, one at a time and nowhere else', () => {
  for (const text of ['خانه\u200cها را', 'क्\u200dष', 'ශ්\u200dරී']) assert.deepEqual(textConcerns(text), [], text);
  for (const text of ['خانه\u200c\u200cها', 'خانه\u200c ها', 'pay\u200cpal', '\u200cخانه', 'خانه\u200bها', 'خ\u200ca'])
    assert.deepEqual(
      textConcerns(text).map(({ fault }) => fault),
      ['invisible'],
      text,
    );
});

test('B-2 every single invisible character is found, wherever it stands', () => {
  const missed: string[] = [];
  for (let point = 0; point <= 0x10ffff; point++) {
    if (point >= 0xd800 && point <= 0xdfff) continue;
    const char = String.fromCodePoint(point);
    if (!invisible.test(char) || '\t\n\r'.includes(char)) continue;
    if (textConcerns(`a${char}b`).length === 0) missed.push(point.toString(16));
  }
  assert.deepEqual(missed, []);
});

test('E-4 what is drawn as nothing, or over what stands beside it, shows itself', () => {
  assert.equal(visible('a\u2800b'), 'a\\u{2800}b');
  assert.equal(visible('-\u0336 e\u0301'), '-\\u{336} e\u0301');
  assert.equal(visible(`e${'\u0301'.repeat(5)}`), `e${'\u0301'.repeat(4)}\\u{301}`);
});
