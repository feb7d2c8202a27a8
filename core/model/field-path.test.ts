import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FieldPath, isAt, type Place, parseFieldPath } from './field-path.ts';

function path(text: string): FieldPath {
  const parsed = parseFieldPath(text);
  assert.ok(parsed, text);
  return parsed;
}

test('a path names exactly the places that it says', () => {
  const rows: [string, Place, boolean][] = [
    ['$', [], true],
    ['$', ['a'], false],
    ['$.customer.email', ['customer', 'email'], true],
    ['$.customer.email', ['customer', 'email', 'x'], false],
    ['$.customer.email', ['customer'], false],
    ['$.messages[*].sender', ['messages', 3, 'sender'], true],
    ['$.messages[*].sender', ['messages', 'sender'], false],
    ['$[*].name', [0, 'name'], true],
    ['$.*.name', ['ann', 'name'], true],
    ['$..notes', ['notes'], true],
    ['$..notes', ['a', 0, 'b', 'notes'], true],
    ['$..notes', ['notes', 'a'], false],
    ['$.a..b', ['a', 'c', 'b'], true],
    ['$.a..b', ['c', 'b'], false],
    ['$..[*]', ['a', 0], true],
    ['$["e-mail"]', ['e-mail'], true],
    ["$['a.b']", ['a.b'], true],
    ["$['a.b']", ['a', 'b'], false],
    ['$.a.b', ['a.b'], false],
  ];
  for (const [text, place, expected] of rows) assert.equal(isAt(path(text), place), expected, `${text} at ${place}`);
});

test('what is no such path is not read as one', () => {
  for (const text of [
    '',
    'a',
    '.a',
    '$a',
    '$.',
    '$..',
    '$...a',
    '$.a[0]',
    '$.a[1:2]',
    '$[?@.x]',
    '$.a b',
    `$${'.a'.repeat(300)}`,
  ])
    assert.equal(parseFieldPath(text), undefined, text);
});
