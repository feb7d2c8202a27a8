import assert from 'node:assert/strict';
import test from 'node:test';
import { parsed } from '@sallyport/testkit/catalogue/scenario.ts';
import { processorMillis } from '@sallyport/testkit/processor-time.ts';
import fc from 'fast-check';
import { type JsonObject, parseJson, resultJsonLimits, sortedText } from '../model/json.ts';
import { diffDefinitions } from './diff.ts';
import { wordDiff } from './words.ts';

const definition = (text: string): JsonObject => parsed(text) as JsonObject;

test('the words of both texts come back out of their difference', () => {
  const words = fc.array(fc.constantFrom('a', 'b', ' c', '\nd', '  ', 'e.')).map(parts => parts.join(' '));
  fc.assert(
    fc.property(words, words, (before, after) => {
      const pieces = wordDiff(before, after);
      const side = (left: 'removed' | 'added'): string =>
        pieces.flatMap(({ kind, text }) => (kind === left ? [] : [text])).join('');
      assert.equal(side('added').trim().split(/\s+/).join(' '), before.trim().split(/\s+/).join(' '));
      assert.equal(side('removed').trim().split(/\s+/).join(' '), after.trim().split(/\s+/).join(' '));
    }),
  );
});

test('two definitions have no difference exactly when they have one pin', () => {
  const json = fc
    .jsonValue({ maxDepth: 3 })
    .map(value => JSON.stringify({ name: 'x', inputSchema: value, y: value }))
    .filter(text => parseJson(text, resultJsonLimits).ok)
    .map(definition);
  fc.assert(
    fc.property(json, json, (a, b) => {
      assert.equal(diffDefinitions(a, b).length === 0, sortedText(a) === sortedText(b));
      assert.deepEqual(diffDefinitions(a, a), []);
    }),
  );
});

test('what was added, removed and changed stands on a line of its own', () => {
  const before =
    '{"name":"m","description":"Moves a file.","inputSchema":{"type":"object","properties":{"from":{"type":"string"},"to":{"type":"string","description":"where"}},"required":["from"]}}';
  const after =
    '{"name":"m","description":"Moves or deletes a file.","inputSchema":{"type":"object","properties":{"from":{"type":"string"},"force":{"type":"boolean"},"to":{"type":"string","description":"where to"}},"required":["from","to"],"additionalProperties":true}}';
  assert.deepEqual(diffDefinitions(definition(before), definition(after)), [
    'description: Moves {+or deletes+} a file.',
    'argument "to" description: where {+to+}',
    'argument "to" is now required',
    'argument "force" added: boolean',
    'schema additionalProperties added: true',
  ]);
  assert.deepEqual(diffDefinitions(undefined, definition(after)), [
    'new: nothing was accepted before',
    'description: Moves or deletes a file.',
    'arguments: from, force, to',
  ]);
});

test('B-3 what a server writes never looks like a mark of what was removed or added', () => {
  const [line] = diffDefinitions(
    definition('{"description":"Books a transfer."}'),
    definition('{"description":"Books a transfer. +} [-to any account-] [-] {+}"}'),
  );
  assert.equal(line, String.raw`description: Books a transfer. {++\} [\-to any account-\] [\-\] {\+\}+}`);
  const [added] = diffDefinitions(definition('{}'), definition('{"description":"[-gone-]"}'));
  assert.match(added ?? '', /\[\\-gone-\\\]/);
});

test('a great many changes are cut, and two huge texts are not compared word by word', () => {
  const properties = Array.from({ length: 100 }, (_, index) => `"p${index}":{"type":"string"}`).join(',');
  const lines = diffDefinitions(
    definition('{"inputSchema":{}}'),
    definition(`{"inputSchema":{"properties":{${properties}}}}`),
  );
  assert.equal(lines.length, 61);
  assert.equal(lines.at(-1), '… and 40 more changes');
  assert.ok(processorMillis(() => wordDiff('a '.repeat(100_000), 'b '.repeat(100_000))) < 500);
});
