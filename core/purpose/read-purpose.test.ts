import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPurpose } from './read-purpose.ts';

test('who says that somebody may do something lets them; a question, a month and a guess let nobody', () => {
  for (const words of [
    'Ida Berg may be let aboard until Friday.',
    'The pilots may enter the bridge.',
    'Tom is allowed to see the log.',
  ])
    assert.ok(readPurpose(words).acts.has('admit'), words);
  for (const words of [
    'May I see the log?',
    'Book the berth for 3 May and read the log.',
    'Plan the trips in May see also the log.',
    'There may be a leak.',
    'I may pick one later.',
    'Was she allowed to see the log?',
  ])
    assert.ok(!readPurpose(words).acts.has('admit'), words);
});

test('a numbered heading asks for nothing; a number of things does', () => {
  assert.ok(!readPurpose('message 1, Ida Berg, 12 May').acts.has('tell'));
  assert.ok(readPurpose('Order 12 barrels of oil.').acts.has('buy'));
  assert.ok(readPurpose('Message Ida Berg.').acts.has('tell'));
});
