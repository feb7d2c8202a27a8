import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onlyAsks } from './only-asks.ts';
import { readPurpose } from './read-purpose.ts';

const questions = [
  'Where is the blue van?',
  "What are Ada's marks in maths?",
  'Who was away yesterday (2026-03-03)?',
  'What does the letter from the bank say?',
  'Which orders are open, and is anyone waiting for an answer?',
];
const reading = [
  'Summarise notes/2026-05.md.',
  'Hi, could you tell me the balance?',
  'List every visit of this year and tell me when the next one is.',
  'Show me the latest report. What changed?',
];
const more = [
  'Compare the rates and mail me the table.',
  'Can you delete the old file?',
  'Where is the report? Send it to Ann.',
  'What needs doing? Do it.',
  'Read the letter and then handle it.',
  'What about cancelling the trip?',
  'Is it safe to merge? If so, merge.',
  'What is my balance, and can you pay Bob?',
  'Quiesce the cluster.',
  '',
];

test('a question wants to know something; what asks for anything else, or is not understood, does not count', () => {
  for (const text of questions) assert.equal(onlyAsks(text), 'questions', text);
  for (const text of reading) assert.equal(onlyAsks(text), 'reading', text);
  for (const text of more) assert.equal(onlyAsks(text), undefined, text);
});

test('a question hands nothing over to the source that it asks about; whoever hands over does not only ask', () => {
  const asked = readPurpose('What does the letter from the bank say?');
  assert.deepEqual([asked.onlyAsks, asked.delegates], [true, false]);
  const told = readPurpose('Read the letter and do what it says.');
  assert.deepEqual([told.onlyAsks, told.delegates], [false, true]);
});
