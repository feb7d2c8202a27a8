import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { singleBlanks } from './blanks.ts';

test('white space of any kind and length is one blank, and nothing else is changed', () => {
  const texts = fc.string({
    unit: fc.constantFrom(
      'a',
      'é',
      '.',
      ' ',
      '  ',
      '\n',
      '\r\n',
      '\t',
      '\v',
      '\u00a0',
      '\u2003',
      '\u2028',
      '\ufeff',
      '\u200b',
    ),
  });
  fc.assert(fc.property(texts, text => assert.equal(singleBlanks(text), text.split(/\s+/).join(' '))));
});
