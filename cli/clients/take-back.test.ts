import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeBack } from './take-back.ts';

const before = '# mine\nmode: observe # for now\nagents:\n  a: { principal: "user:a" }\n';
const written = `${before}  cursor: { principal: "user:a", entries: [ cursor ] }\nservers:\n  git:\n    command: node\n`;

test('an untouched text goes back to every byte', () => {
  assert.equal(takeBack(before, written, written), before);
});

test("E4 the editor's lines stay, byte for byte, wherever they are", () => {
  const now = written
    .replace('# for now', '#  since Monday\t')
    .replace('  a: {', '  b:   { principal: "user:b" }   # odd\n  a: {');
  const wanted = before
    .replace('# for now', '#  since Monday\t')
    .replace('  a: {', '  b:   { principal: "user:b" }   # odd\n  a: {');
  assert.equal(takeBack(before, written, now), wanted);
});

test('a line of ours that the editor changed is the editor’s', () => {
  const now = written.replace('command: node', 'command: own');
  assert.equal(takeBack(before, written, now), `${before}    command: own\n`);
});

test('where both changed the same place nobody guesses', () => {
  const replaced = before.replace('mode: observe # for now', 'mode: shadow');
  assert.equal(takeBack(before, replaced, replaced.replace('mode: shadow', 'mode: enforce')), undefined);
});
