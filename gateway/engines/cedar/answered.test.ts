import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Evaluation } from '@sallyport/core/policy/engine.ts';
import { Answered, answeredCharsMax, answeredMax } from './answered.ts';

const evaluation: Evaluation = { allowed: true, determining: [], errors: [] };

test('answers are bounded: what is used stays, what is not goes', () => {
  const answered = new Answered();
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
  const answered = new Answered();
  answered.keep('x'.repeat(answeredCharsMax), evaluation);
  answered.keep('x'.repeat(answeredCharsMax + 1), evaluation);
  assert.equal(answered.of('x'.repeat(answeredCharsMax)), evaluation);
  assert.equal(answered.of('x'.repeat(answeredCharsMax + 1)), undefined);
});
