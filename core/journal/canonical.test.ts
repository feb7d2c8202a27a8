import assert from 'node:assert/strict';
import { test } from 'node:test';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { EntryFault, writeBoth, writeCanonical } from './canonical.ts';

function canonicalText(value: unknown): string {
  const into = new Uint8Array(64 * 1024);
  const length = writeCanonical(value, into);
  assert.ok(length !== undefined);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(into.subarray(0, length));
}

/** Values without what an entry writes otherwise than RFC 8785: no fractions, no characters that are escaped. */
const jcsValue = fc.letrec(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'grapheme-ascii' }),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.string({ unit: 'grapheme-ascii' }), tie('value'), { maxKeys: 12 }),
  ),
})).value;

test('canonical text is that of an independent RFC 8785 implementation', () => {
  fc.assert(
    fc.property(jcsValue, value => canonicalText(value) === canonicalize(value)),
    { numRuns: 1_000 },
  );
});

test('two objects are written as the one that has the members of both, and of a name that both have only the other', () => {
  const members = fc.dictionary(fc.string({ unit: 'grapheme-ascii' }), jcsValue, { maxKeys: 12 });
  const whole = new Uint8Array(64 * 1024);
  const both = new Uint8Array(64 * 1024);
  fc.assert(
    fc.property(members, fc.nat(12), fc.nat(2), (given, first, shared) => {
      const named = Object.entries(given);
      const one = Object.fromEntries(named.slice(0, first).map(([name]) => [name, name]));
      const other = Object.fromEntries(named.slice(Math.max(0, first - shared)));
      const length = writeBoth(one, other, both);
      assert.equal(length, writeCanonical({ ...one, ...other }, whole));
      assert.deepEqual(both.subarray(0, length), whole.subarray(0, length));
    }),
    { numRuns: 1_000 },
  );
});

test('whole numbers are written to the last digit', () => {
  const powers = Array.from({ length: 16 }, (_, power) => 10 ** power);
  const near = powers.flatMap(power => [power - 1, power, power + 1, 9 * power - 1].filter(Number.isSafeInteger));
  for (const number of [...near, 2 ** 31, 2 ** 32 - 1, Number.MAX_SAFE_INTEGER])
    for (const signed of [number, -number]) assert.equal(canonicalText(signed), String(signed));
  fc.assert(fc.property(fc.maxSafeInteger(), number => canonicalText(number) === String(number)));
});

test('canonical text parses back to its value, whatever is in the strings', () => {
  const text = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(fc.dictionary(text, fc.oneof(text, fc.maxSafeInteger())), value => {
      assert.deepEqual(JSON.parse(canonicalText(value)), { ...value });
    }),
    { numRuns: 1_000 },
  );
});

test('G-2 an entry is one line that commands no terminal and reads in one direction', () => {
  const hostile = '\n{"decision":"allow"}\r\u2028\u2029\u0085\u001b[2J\u009b31m\u202e\u2066\ufeff\u0000=cmd|x';
  const text = canonicalText({ why: hostile });
  assert.match(text, /^[\x20-\x7e]*$/);
  assert.equal((JSON.parse(text) as { why: string }).why, hostile);
});

test('members are in the order of UTF-16 units, and undefined ones are absent', () => {
  assert.equal(
    canonicalText({ b: 1, a: undefined, 'a\u{1f600}': 2, 'a\uff61': 3, A: [] }),
    '{"A":[],"a😀":2,"a｡":3,"b":1}',
  );
  assert.equal(canonicalText({}), '{}');
});

test('halves of surrogate pairs become U+FFFD', () => {
  assert.equal(canonicalText('a\ud800b'), '"a\ufffdb"');
});

test('what no entry can hold is refused, by the name of its member', () => {
  for (const wrong of [0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 1, [undefined]])
    assert.throws(
      () => canonicalText({ outer: { bytes: wrong } }),
      (thrown: unknown) => thrown instanceof EntryFault && thrown.path === 'bytes' && /bytes/.test(thrown.message),
    );
  assert.equal(canonicalText(-0), '0');
  let deep: unknown = 1;
  for (let level = 0; level < 40; level++) deep = [deep];
  assert.throws(() => canonicalText(deep), /deeper than 32 levels/);
});

test('a value is written whole or not at all', () => {
  for (const value of ['abc', 'äöü', ['\u2028'], { a: [1, 23] }]) {
    const text = canonicalText(value);
    const bytes = new TextEncoder().encode(text).length;
    assert.equal(writeCanonical(value, new Uint8Array(bytes)), bytes);
    for (let room = 0; room < bytes; room++) assert.equal(writeCanonical(value, new Uint8Array(room)), undefined);
  }
});

test('members of objects that look alike are kept apart', () => {
  for (let count = 0; count < 40; count++) {
    const object = Object.fromEntries([
      [`b${count}`, 1],
      ['a,b', 2],
      ['a', 3],
    ]);
    assert.equal(canonicalText(object), canonicalize(object));
    assert.equal(canonicalText({ a: 1, [`b${count}`]: 2, 'a,b': 3 }), `{"a":1,"a,b":3,"b${count}":2}`);
  }
});
