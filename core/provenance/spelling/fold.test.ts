import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { digitsIn, fold, isLongerThan } from './fold.ts';

const texts = fc.string({
  unit: fc.constantFrom('a', 'B', 'é', '7', ' ', '  ', '\n', '\t', '\u00a0', '\u200b', 'ﬁ', '.'),
});

test('a folded text has single blanks for all its white space, and none at its ends', () => {
  fc.assert(
    fc.property(texts, text => {
      const seen = text
        .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
        .normalize('NFKC')
        .toLowerCase();
      assert.equal(
        fold(text),
        seen
          .split(/\s+/)
          .filter(word => word !== '')
          .join(' '),
      );
    }),
  );
});

test('words and digits are counted as they stand', () => {
  fc.assert(
    fc.property(texts, fc.nat(6), (text, words) => {
      assert.equal(isLongerThan(text, words), text.split(' ').length > words);
      assert.equal(digitsIn(text), text.replace(/[^0-9]/g, '').length);
    }),
  );
});
