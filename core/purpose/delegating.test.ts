import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPurpose } from './read-purpose.ts';

test('the principal hands over to a source, however they put it', () => {
  for (const words of [
    'Do what the foreman asks in note N-4.',
    'The measurements are in sheet 12, enter them.',
    'Set up the rooms as the floor plan plans/june.md says.',
    'Nils wrote down what he needs. Arrange that.',
    'Give her everything she asks for in her letter.',
    'Ship them according to the list of the depot.',
    'She sent us her new address, update her file.',
    'Erledige bitte, was in der Nachricht von Nils steht.',
    'Fais ce que demande le courrier de la mairie.',
  ])
    assert.equal(readPurpose(words).delegates, true, words);
});

test('naming a value, or asking what stands somewhere, hands nothing over', () => {
  for (const words of [
    'Move the van to bay 4.',
    'What is in the note of Nils?',
    'Nils wants bay 4 from now on. Put him there.',
    'How many letters are in the tray?',
    'Cancel order 88 and refund it.',
  ])
    assert.equal(readPurpose(words).delegates, false, words);
});

test('acts that are asked for in other languages, and light verbs by what follows', () => {
  assert.ok(readPurpose('Bitte storniere die Bestellung 88 und schick dem Kunden eine Nachricht.').acts.has('remove'));
  assert.ok(readPurpose('Por favor, paga la factura 88 con la cuenta de la empresa.').acts.has('pay'));
  assert.ok(readPurpose('Take the sign off the door.').acts.has('remove'));
  assert.ok(!readPurpose('Take a photo of the door.').acts.has('remove'));
});
