import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUnit, isWhole, Words } from './words.ts';

test('a value is found behind however many places at which it is cut', () => {
  assert.equal(isUnit(`${'123 '.repeat(100_000)}12`, '12'), true);
  assert.equal(isUnit('123 '.repeat(100_000), '12'), false);
  assert.equal(isWhole(`${'ann@x.org '.repeat(50_000)}see x.org`, 'x.org'), true);
  assert.equal(isUnit(`${'0'.repeat(200)} ${'0'.repeat(40)}`, '0'.repeat(40)), true);
});

test('a value that repeats itself, in a text that does, keeps nobody busy', () => {
  // Each place of the value overlaps the next, and each cuts a word: looking at all of them took ten seconds.
  for (const unit of ['ab', '1,', 'http://', '%41']) {
    const began = performance.now();
    const [text, part] = [`a${unit.repeat(200_000)}`, `${unit.repeat(30_000)}`];
    assert.equal(isUnit(text, part) && isWhole(text, part), false);
    assert.ok(performance.now() - began < 3_000, `${unit}: ${performance.now() - began} ms`);
  }
});

test('the word that opens a sentence is no part of the identifier behind it', () => {
  const words = new Words();
  words.hear('Move K-3. Ada Quist goes along.');
  assert.equal(words.pointAt('k-3'), 'whole');
  assert.equal(words.pointAt('ada quist'), 'whole');
});

test('a token of signs alone is no name, and ends none', () => {
  const words = new Words();
  words.hear('Move K-3 (#) to the yard, and "@" Z-9.');
  assert.equal(words.pointAt('k-3'), 'whole');
  assert.equal(words.pointAt('z-9'), 'whole');
});
