import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isUnit, isWhole } from '../said/words.ts';
import { numbersIn } from './number.ts';
import { WordFilter, wordMarks } from './word-filter.ts';

const texts = [
  'write to ann@example.org, or see https://www.fair.example/a-b?c=d.',
  'pay 1,250.00 and 7٣ to «josé» 北京市海淀区 — 𝒜lpha x50y',
  'a-1 b_2 c.3 d/4 e#5',
  '',
];

/** Every piece of every text, and the same with a character taken away at one end. */
function* pieces(): Generator<string> {
  for (const text of texts)
    for (let from = 0; from < text.length; from++)
      for (let to = from + 1; to <= Math.min(text.length, from + 24); to++) yield text.slice(from, to);
}

test('what stands in a text as a unit is never filtered out', () => {
  let [units, spared] = [0, 0];
  for (const part of pieces())
    for (const text of texts) {
      const filter = new WordFilter();
      filter.add(text);
      const is = isUnit(text, part) || isWhole(text, part);
      const may = filter.mayHold(wordMarks(part));
      if (is) units++;
      else if (!may) spared++;
      assert.ok(may || !is, `${JSON.stringify(part)} in ${JSON.stringify(text)}`);
    }
  assert.ok(units > 500, `${units} units`);
  // The control: it does filter.
  assert.ok(spared > 2_000, `${spared} spared`);
});

test('numbers are words, whatever numerals stand beside them', () => {
  for (const text of texts)
    for (const number of numbersIn(text)) {
      const filter = new WordFilter();
      filter.add(text);
      const whole = /^\d*/.exec(number)?.[0] ?? '';
      assert.ok(filter.mayHold(wordMarks(whole)) || filter.mayHold(wordMarks(whole.slice(-3))), `${number} in ${text}`);
    }
});

test('a filter of many words still tells most that are absent', () => {
  const filter = new WordFilter();
  filter.add(Array.from({ length: 5_000 }, (_, at) => `word${at}`).join(' '));
  const wrong = Array.from({ length: 5_000 }, (_, at) => filter.mayHold(wordMarks(`other${at}`))).filter(may => may);
  assert.ok(wrong.length < 500, `${wrong.length} of 5,000`);
});

test('of many words the longest are kept, of equally long ones the first', () => {
  const one = (word: string): number => wordMarks(word)[0] as number;
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { maxLength: 30 }), words => {
      const longest = [...words.entries()].sort(([a, x], [b, y]) => y.length - x.length || a - b).slice(0, 8);
      const inOrder = longest.sort(([a], [b]) => a - b).map(([, word]) => one(word));
      assert.deepEqual(wordMarks(words.join(' ')), inOrder);
    }),
  );
});
