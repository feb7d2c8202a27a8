import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fold } from '../spelling/fold.ts';
import { wordRow } from '../spelling/word-filter.ts';
import { gramsOf, Passages, passageGramsMax } from './passages.ts';

const mail = `Dear all, after the last meeting we have come to the view that the office on the river will not be kept for
another year. The rooms are too small for what we want to do there, and nobody who was asked would miss them. Please
think about where you would like to work instead, and tell me before the end of the week what you would need for it.`;

const words = (text: string): readonly number[] => wordRow(fold(text));

function after(...texts: string[]): Passages {
  const passages = new Passages();
  for (const [at, text] of texts.entries()) passages.add(at, words(text));
  return passages;
}

test('F-1 a copied passage is found though no word of it is rare: reflowed, in other case, with other punctuation', () => {
  const read = after('Nothing of interest, all is well, and so on and so forth until the very end of it.', mail);
  const sentence = 'The rooms are too small for what we want to do there, and nobody who was asked would miss them.';
  for (const body of [
    sentence,
    sentence.toUpperCase(),
    sentence.replaceAll(' ', '\n  '),
    sentence.replace(',', ' —').replace('.', '!'),
    `Hello Bob, here is what I heard today. ${sentence} What do you make of that? Best, Ann`,
    '<p>THE ROOMS are too small; for what we want to do there (and nobody, who was asked, would miss them)</p>',
  ])
    assert.deepEqual(read.sharedWith(words(body)), [1], body);
});

test('words of one’s own, and a polite phrase that everybody writes, are nobody’s passage', () => {
  const read = after(`${mail} Please let me know if you have any questions.`);
  for (const body of [
    'The office has small rooms, and we may have to look for another one next year if nobody minds.',
    'Please let me know if you have any questions.',
    'small rooms',
    '',
  ])
    assert.deepEqual(read.sharedWith(words(body)), [], body);
});

test('whatever is read around it, a run of 13 words that are in no other text is found', () => {
  const word = fc.stringMatching(/^[a-z]{3,7}$/);
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 60 }),
      fc.uniqueArray(word, { minLength: 13, maxLength: 13 }),
      fc.array(word),
      (before, run, own) => {
        const read = after([...before, ...run].join(' '));
        assert.deepEqual(read.sharedWith(words([...own, ...run].join(', '))), [0]);
      },
    ),
    { numRuns: 200 },
  );
});

test('memory is bounded: the newest half is always there', () => {
  const passages = new Passages();
  const text = (at: number): string =>
    Array.from({ length: 2_000 }, (_, n) => `w${at}x${(n * 7919) % 100_003}`).join(' ');
  const perText = gramsOf(words(text(0))).length;
  const texts = Math.ceil((2 * passageGramsMax) / perText);
  for (let at = 0; at < texts; at++) passages.add(at, words(text(at)));
  assert.deepEqual(passages.sharedWith(words(text(texts - 1))), [texts - 1]);
  assert.deepEqual(passages.sharedWith(words(text(0))), []);
  const next = new Passages();
  next.inheritFrom(passages, new Map([[texts - 1, 3]]));
  assert.deepEqual(next.sharedWith(words(text(texts - 1))), [3]);
});

test('what is kept of a text is the least gram of each window, once in a row', () => {
  const plain = (words: readonly number[]): number[] => {
    const grams = words.slice(5).map((_, at) => {
      const hash = words.slice(at, at + 6).reduce((sum, word) => Math.imul(sum ^ word, 0x0100_0193), 0x811c_9dc5);
      return hash ^ (hash >>> 15);
    });
    const windows = grams.length < 4 ? [grams] : grams.slice(3).map((_, at) => grams.slice(at, at + 4));
    const least = windows.filter(({ length }) => length > 0).map(window => Math.min(...window));
    return least.filter((gram, at) => gram !== least[at - 1]);
  };
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 30 - 1 }), { maxLength: 40 }), words => {
      assert.deepEqual(gramsOf(words), plain(words));
    }),
  );
});
