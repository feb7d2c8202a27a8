import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { partHash, partsCommitment, partsMax, partsOf } from './parts.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

test('a body is cut at the members of its members, and the first part lists the paths', () => {
  const parts = partsOf('{"name":"send","arguments":{"to":"a,}\\"b","deep":{"x":[1,{"y":2}]},"n":1.0},"empty":{}}', 2);
  assert.deepEqual(parts, [
    { path: '[]', value: '[["name"],["arguments","to"],["arguments","deep"],["arguments","n"],["empty"]]' },
    { path: '["name"]', value: '"send"' },
    { path: '["arguments","to"]', value: '"a,}\\"b"' },
    { path: '["arguments","deep"]', value: '{"x":[1,{"y":2}]}' },
    { path: '["arguments","n"]', value: '1.0' },
    { path: '["empty"]', value: '{}' },
  ]);
});

test('or at its members alone', () => {
  assert.deepEqual(partsOf('{"a":{"b":1},"c":2}', 1), [
    { path: '[]', value: '[["a"],["c"]]' },
    { path: '["a"]', value: '{"b":1}' },
    { path: '["c"]', value: '2' },
  ]);
});

test('what is no object, or has too many parts, is one part', () => {
  const many = JSON.stringify({ a: Object.fromEntries(Array.from({ length: partsMax }, (_, at) => [`m${at}`, at])) });
  for (const text of [
    '',
    '[]',
    '"[redacted]"',
    '{',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1}x',
    '{"a":"',
    '{a:1}',
    '{"a":}',
    many,
  ])
    assert.deepEqual(partsOf(text, 2), [{ path: '*', value: text }], text);
  assert.equal(partsOf('{}', 2).length, 1);
});

test('the parts of any object are its members, and put together they are the object again', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 6 }), given => {
      const text = JSON.stringify(given);
      const parts = partsOf(text, 2);
      if (parts[0]?.path === '*') return;
      const rebuilt = new Map<string, unknown>();
      for (const { path, value } of parts.slice(1)) {
        const [first = '', second] = JSON.parse(path) as string[];
        if (second === undefined) rebuilt.set(first, JSON.parse(value));
        else
          rebuilt.set(
            first,
            new Map([...((rebuilt.get(first) as Map<string, unknown>) ?? []), [second, JSON.parse(value)]]),
          );
      }
      const plain = [...rebuilt].map(([name, value]) => [name, value instanceof Map ? [...value] : value]);
      const expected = Object.entries(given).map(([name, value]) => [
        name,
        isFilled(value)
          ? Object.entries(JSON.parse(JSON.stringify(value)) as object)
          : JSON.parse(JSON.stringify(value)),
      ]);
      assert.deepEqual(plain, expected);
    }),
    { numRuns: 500 },
  );
});

function isFilled(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
}

test('another part, salt, field, order or number of parts is another commitment', () => {
  const hash = (field: string, salt: string, value: string): string =>
    partHash(field, salt, { path: '["a"]', value }, sha256);
  const made = new Set([hash('f', 's', '1'), hash('g', 's', '1'), hash('f', 't', '1'), hash('f', 's', '2')]);
  assert.equal(made.size, 4);
  const commits = [['x', 'y'], ['y', 'x'], ['x'], ['x', 'y', 'y']].map(list => partsCommitment('f', list, sha256));
  assert.equal(new Set([...commits, partsCommitment('g', ['x', 'y'], sha256)]).size, 5);
});
