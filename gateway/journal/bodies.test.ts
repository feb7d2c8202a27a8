import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { readBody } from '../receipt/check/shown-body.ts';
import { prepareBody } from './bodies.ts';
import { saltsOf } from './hash.ts';
import { isCommittedTo, openedParts } from './opened-body.ts';
import { type BodyField, packBody, unpackBody } from './packed-body.ts';

const request = '{"agent":{"id":"a"},"task":{"kind":"ambient"},"env":{"now":1}}';

test('G-4 every part of a body has random salt of its own, and the stored body opens all of them', () => {
  const { field, committed } = kept('request', request);
  assert.ok(isCommittedTo('request', field, committed));
  const opened = openedParts('request', field, committed);
  assert.deepEqual(
    opened?.parts.map(({ path, value }) => [path, value]),
    [
      ['["agent"]', '{"id":"a"}'],
      ['["task"]', '{"kind":"ambient"}'],
      ['["env"]', '{"now":1}'],
    ],
  );
  const salts = opened.parts.map(({ salt }) => salt);
  assert.ok(salts.every(salt => /^[\w-]{22}$/.test(salt)));
  const again = kept('request', request);
  const others = openedParts('request', again.field, again.committed)?.parts.map(({ salt }) => salt) ?? [];
  assert.equal(new Set([...salts, ...others]).size, 6);
});

/** One field as the writer packs it and a reader unpacks it. */
function kept(name: string, text: string): { readonly field: BodyField; readonly committed: string } {
  const { commitments, packed } = prepareBody({ [name]: text }, new Set());
  const field = unpackBody(packBody(7, packed), 7)?.fields[name];
  assert.ok(field?.text === text);
  return { field, committed: commitments[name] ?? '' };
}

const sha = (text: string): string => hash('sha256', text, 'base64url');

for (const [what, salt, salts] of [
  ['from one seed', 'abcdefghijklmnopqrstuv', saltsOf('abcdefghijklmnopqrstuv', 4)],
  ['drawn for each part', 'abcdefghijklmnopqrstuv'.repeat(4), Array(4).fill('abcdefghijklmnopqrstuv')],
] as const)
  test(`a body of an earlier version, salts ${what}, is opened and checked as it was committed to`, () => {
    const parts = [
      ['[]', '[["agent"],["task"],["env"]]'],
      ['["agent"]', '{"id":"a"}'],
      ['["task"]', '{"kind":"ambient"}'],
      ['["env"]', '{"now":1}'],
    ] as const;
    const hashes = parts.map(([path, value], at) => sha(`sallyport part v1\nrequest\n${path}\n${salts[at]}\n${value}`));
    const committed = sha(`sallyport parts v1\nrequest\n${hashes.join('\n')}`);
    const field = { text: request, salt };
    assert.ok(isCommittedTo('request', field, committed));
    const opened = openedParts('request', field, committed);
    assert.equal(opened?.paths, undefined);
    assert.deepEqual(
      opened?.parts.map(part => part.hash),
      hashes,
    );
    const shown = opened?.parts.map((part, at) => (at === 2 ? part.hash : part)) ?? [];
    const read = readBody('request', shown, committed);
    assert.ok(typeof read === 'object' && read.hidden === 1 && read.known.get('["env"]') === '{"now":1}');
    assert.deepEqual(read.paths, [['agent'], ['task'], ['env']]);
    const altered = shown.map(part =>
      typeof part === 'object' && part.path === '["env"]' ? { ...part, value: '2' } : part,
    );
    assert.equal(readBody('request', altered, committed), 'what is shown of request is not what the record commits to');
    assert.ok(!isCommittedTo('request', { text: request.replace('1', '2'), salt }, committed));
  });

test('the earliest versions committed to a body as a whole: it is read, and cannot be shown in parts', () => {
  const field = { text: request, salt: 'abcdefghijklmnopqrstuv' };
  const committed = sha(`sallyport body v1\nrequest\n${field.salt}\n${request}`);
  assert.ok(isCommittedTo('request', field, committed));
  assert.equal(openedParts('request', field, committed), undefined);
});

test('a text that is one part, and a field that is opened as a whole, are opened by a single salt', () => {
  for (const [name, text] of [
    ['request', '"plain words"'],
    ['arguments', '{}'],
    ['result', '{"a":1}'],
  ] as const) {
    const { field, committed } = kept(name, text);
    assert.equal(field.salt.length, 22);
    assert.ok(isCommittedTo(name, field, committed));
    assert.ok(!isCommittedTo(name, { ...field, salt: kept(name, text).field.salt }, committed));
  }
});

test('a text that was altered is not what was committed to, whatever is left of its form', () => {
  const text = '{"name":"send","arguments":{"to":"Ann","deep":{"x":1}},"more":{"a":1,"b":2}}';
  const { field, committed } = kept('arguments', text);
  const inserted = ['x', ' ', '{}', '{"to":"Bob"}', ',', '"'].flatMap(piece =>
    Array.from({ length: text.length + 1 }, (_, at) => `${text.slice(0, at)}${piece}${text.slice(at)}`),
  );
  const replaced = ['\u0000', '"', '\\', '}'].flatMap(unit =>
    Array.from(text, (was, at) => (was === unit ? [] : `${text.slice(0, at)}${unit}${text.slice(at + 1)}`)).flat(),
  );
  for (const altered of [...inserted, ...replaced, text.replace('"a":1,"b":2', '"a":2,"b":1')])
    assert.ok(!isCommittedTo('arguments', { ...field, text: altered }, committed), altered);
});
