import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handsOver } from './delegating.ts';
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
    'Carry out the moves in plans/june.txt.',
    'Follow plans/june.txt and set the dates.',
    'Haz los cambios que pide el correo de Nils.',
    'Pon los precios que figuran en precios.txt.',
    'Nils wrote us his new address. Update his record.',
    'Set the depth of both basins to what plans/june.txt says.',
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
    'Move the van from Monday to the following Tuesday.',
    'Take van 4 and make an urgent task for it.',
    'Publish a short note on the gate.',
    'Carry out the crate to bay 4.',
    'Nils wrote to us. Update the gate’s record to bay 4.',
    'I do not need bay 4 on Friday, give it back.',
    'She doesn’t need to wash the van, tell her so.',
  ])
    assert.equal(readPurpose(words).delegates, false, words);
});

test('who says what is to be done, and leaves the values to a source, hands over no more than those', () => {
  const handed = [
    ['Enter the readings from sheets/june.csv.', 'values'],
    ['Reserve the vans listed in plan P-12.', 'values'],
    ['Reserve the van that the foreman asks for.', 'values'],
    ['Close the orders which lists/done.txt names.', 'values'],
    ['She sent us her new address, update her file.', 'values'],
    ['Label the crates with the codes from sheet S-4.', 'values'],
    ['Enter the readings from her letter.', 'values'],
    ['Reserve the vans that the foreman recommends in his plan.', 'values'],
    ['Pay the tolls as they stand in tolls.csv.', 'values'],
    ['The foreman wrote when he can come. Book the van for it.', 'values'],
    ['Reserve the vans he asks for.', 'values'],
    ['The foreman said where they go. Book the van.', undefined],
    ['See the foreman’s letter from today, and please follow it.', 'work'],
    ['Fix bug 12.', 'work'],
    ['Address the remarks on draft 3.', 'work'],
    ['Do what the foreman asks in note N-4.', 'work'],
    ['Die Menge steht in der Notiz des Lagers. Buch sie danach ein.', 'work'],
    ['Read me the vans listed in plan P-12.', undefined],
    ['Enter a B in history for P-12.', undefined],
    ['Was steht in der Notiz?', undefined],
    ['Book the van that I asked for.', undefined],
  ] as const;
  for (const [words, far] of handed) assert.equal(readPurpose(words).handsOver, far, words);
});

test('an imperative with its pronouns behind it, and a short order with one small word of its language', () => {
  const acts = (words: string): string[] => [...readPurpose(words).acts];
  assert.ok(acts('Escríbele a Rosa que el barco está listo.').includes('tell'));
  assert.ok(acts('Anula el pedido de la grúa y ábreme otro parte.').includes('remove'));
  assert.ok(acts('Erstatte ihr das Pfand auf Rechnung 88.').includes('pay'));
  assert.ok(acts('Annule la sortie de Rosa du 16 juin.').includes('remove'));
  assert.ok(acts('Réponds à Rosa que le bateau est prêt.').includes('tell'));
  assert.ok(acts('Avvisa Rosa che la barca è pronta.').includes('tell'));
  assert.ok(acts('Give our pilot Rosa access as a worker.').includes('admit'));
  assert.ok(acts('The crate has to be withdrawn.').includes('remove'));
  assert.deepEqual(acts('Rosa moved to De Anker.'), []);
  assert.deepEqual(acts('The crate had been withdrawn.'), []);
});

test('acts that are asked for in other languages, and light verbs by what follows', () => {
  assert.ok(readPurpose('Bitte storniere die Bestellung 88 und schick dem Kunden eine Nachricht.').acts.has('remove'));
  assert.ok(readPurpose('Por favor, paga la factura 88 con la cuenta de la empresa.').acts.has('pay'));
  assert.ok(readPurpose('Take the sign off the door.').acts.has('remove'));
  assert.ok(!readPurpose('Take a photo of the door.').acts.has('remove'));
});

test('where a sentence begins, text and list are what is to be done: nothing stands anywhere', () => {
  for (const words of [
    'Text Rosa that the boat is at pier 4.',
    'Order two lamps, the old ones are at the depot.',
    'Please list the berths that are in use and book one.',
  ])
    assert.equal(readPurpose(words).handsOver, undefined, words);
  assert.equal(readPurpose('The text is in mail 7, publish it.').handsOver, 'values');
  assert.equal(readPurpose('Details are in mail 7, enter the crates.').handsOver, 'values');
});

test('R-5 no words keep whoever reads them busy: the time grows with their length, not with the square of it', () => {
  for (const foreign of [true, false])
    for (const unit of ['a ', 'the ', 'wrote ', 'schreibt was ', 'ab']) {
      const began = performance.now();
      handsOver(unit.repeat(200_000 / unit.length), foreign, false);
      assert.ok(performance.now() - began < 5_000, `${unit}: of the square it took twenty seconds`);
    }
});
