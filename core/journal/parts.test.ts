import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { cutText, partHash, partsCommitment, partsMax } from './parts.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

test('a body is cut at the members of its members, and the list of paths says where', () => {
  const { paths, values } = cut(
    '{"name":"send","arguments":{"to":"a,}\\"b","deep":{"x":[1,{"y":2}]},"n":1.0},"empty":{}}',
    2,
  );
  assert.equal(paths, '[["name"],["arguments","to"],["arguments","deep"],["arguments","n"],["empty"]]');
  assert.deepEqual(values, ['"send"', '"a,}\\"b"', '{"x":[1,{"y":2}]}', '1.0', '{}']);
});

test('or at its members alone, also where theirs are not as our own writer writes them', () => {
  assert.deepEqual(cut('{"a":{"b":1,"c":},"d":2}', 2), { paths: '[["a"],["d"]]', values: ['{"b":1,"c":}', '2'] });
  assert.deepEqual(cut('{"a":{"b":1}x,"d":2}', 2), { paths: '[["a"],["d"]]', values: ['{"b":1}x', '2'] });
  assert.deepEqual(cut('{"a":{"b":1},"c":2}', 1), { paths: '[["a"],["c"]]', values: ['{"b":1}', '2'] });
});

function cut(given: string, depth: 1 | 2): { readonly paths: string; readonly values: readonly string[] } {
  const { text, paths, parts } = cutText(given, depth);
  return { paths, values: parts.map(({ start, end }) => text.slice(start, end)) };
}

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
    '{}',
    '{a:1}',
    '{"a":}',
    many,
  ])
    assert.deepEqual(cut(text, 2), { paths: '*', values: [text] }, text);
});

test('the parts of any object are its members, and put together they are the object again', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 6 }), given => {
      const text = JSON.stringify(given);
      const { paths, values } = cut(text, 2);
      if (paths === '*') return;
      const rebuilt = new Map<string, unknown>();
      for (const [at, [first = '', second]] of (JSON.parse(paths) as string[][]).entries()) {
        const value = values[at] ?? '';
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

test('another part, salt, field, path, order or number of parts is another commitment', () => {
  const salts = ['a'.repeat(22), 'b'.repeat(22)].join('');
  const made = [
    ['f', '{"a":1,"b":2}', salts],
    ['g', '{"a":1,"b":2}', salts],
    ['f', '{"a":1,"b":3}', salts],
    ['f', '{"a":1,"c":2}', salts],
    ['f', '{"b":2,"a":1}', salts],
    ['f', '{"a":1}', salts],
    ['f', '{"a":1,"b":2}', salts.toUpperCase()],
    ['f', '[1,2]', salts],
  ].map(([field = '', text = '', own = '']) => partsCommitment(field, cutText(text, 1), own, sha256));
  assert.equal(new Set(made).size, made.length);
});

test('what is hashed of a part is its salt and its value, of a body its field, its paths and those hashes', () => {
  const salts = ['a'.repeat(22), 'b'.repeat(22)];
  const hashes = [sha256(`${salts[0]}1`), sha256(`${salts[1]}"x"`)];
  assert.equal(partHash(salts[0] ?? '', '1', sha256), hashes[0]);
  assert.equal(
    partsCommitment('request', cutText('{"a":1,"b":"x"}', 1), salts.join(''), sha256),
    sha256(`sallyport parts v2\nrequest\n[["a"],["b"]]\n${hashes.join('')}`),
  );
});

test('paths are those of this text, whatever was cut before it: names that look like paths, the same but for one letter, not ASCII, or long', () => {
  const names = ['a', 'b', 'ab', '],[', '"],["', 'ä', 'ö', '\\', 'x'.repeat(5_000)];
  const shapes = names.flatMap(one =>
    names.flatMap(other => [{ [one]: 1, [other]: 2 }, { [one]: { [other]: 1 } }, { [one]: { b: 1, [other]: 2 } }]),
  );
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...shapes), { minLength: 2, maxLength: 6 }), given => {
      for (const shape of given)
        for (const depth of [1, 2] as const) {
          const paths = Object.entries(shape).flatMap(([name, value]) =>
            depth === 2 && typeof value === 'object' ? Object.keys(value).map(inner => [name, inner]) : [[name]],
          );
          assert.equal(cut(JSON.stringify(shape), depth).paths, JSON.stringify(paths));
        }
    }),
    { numRuns: 500 },
  );
});
