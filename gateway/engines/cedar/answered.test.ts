import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Evaluation } from '@sallyport/core/policy/engine.ts';
import { Answered, answeredCharsMax, answeredMax, subjectsMax } from './answered.ts';

const evaluation: Evaluation = { allowed: true, determining: [], errors: [] };

test('answers are bounded: what is used stays, what is not goes', () => {
  const answered = new Answered<Evaluation>();
  answered.keep('often', evaluation);
  answered.keep('once', evaluation);
  for (let index = 0; index < 3 * answeredMax; index++) {
    answered.keep(`question ${index}`, evaluation);
    assert.equal(answered.of('often'), evaluation);
  }
  assert.equal(answered.of('once'), undefined);
  assert.equal(answered.of('question 0'), undefined);
  assert.equal(answered.of(`question ${3 * answeredMax - 1}`), evaluation);
});

test('a long question is not kept', () => {
  const answered = new Answered<Evaluation>();
  answered.keep('x'.repeat(answeredCharsMax), evaluation);
  answered.keep('x'.repeat(answeredCharsMax + 1), evaluation);
  assert.equal(answered.of('x'.repeat(answeredCharsMax)), evaluation);
  assert.equal(answered.of('x'.repeat(answeredCharsMax + 1)), undefined);
});

test('what is numbered keeps its number until it is forgotten, and no number is ever that of another text', () => {
  const answered = new Answered<Evaluation>();
  const first = answered.numberOf('first');
  assert.equal(answered.numberOf('first'), first);
  const numbers = new Set([first]);
  for (let index = 0; index < 3 * subjectsMax; index++) numbers.add(answered.numberOf(`subjects ${index}`));
  assert.equal(numbers.size, 3 * subjectsMax + 1);
  assert.ok(!numbers.has(answered.numberOf('first')));
});
