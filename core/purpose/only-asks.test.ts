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

test('questions in other languages are questions; what asks for something to be done in the shape of one is not', () => {
  const asked = [
    '¿Dónde está el cántaro de la sala?',
    'Wie viele Plätze sind am 6. Juni noch frei?',
    'Où est la clé de la cave ?',
  ];
  for (const text of asked) assert.equal(readPurpose(text).onlyAsks, true, text);
  const wanted = [
    '¿Puedes registrar el préstamo de la pieza?',
    'Wo ist der Schlüssel? Bitte lege ihn in den Schrank.',
    'Wie besprochen: die Buchung bitte stornieren.',
  ];
  for (const text of wanted) assert.equal(readPurpose(text).onlyAsks, false, text);
});

test('who wants what they read written down somewhere wants that', () => {
  assert.equal(onlyAsks('Summarise the complaint in a clerk memo.'), undefined);
  assert.equal(onlyAsks('Summarise the complaint in the second letter.'), 'reading');
});
