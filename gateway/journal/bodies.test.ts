import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partHash, partsCommitment, partsOf } from '@sallyport/core/journal/parts.ts';
import { fieldCommitment, isCommittedTo, openedParts, packBody, prepareBody, unpackBody } from './bodies.ts';
import { saltsOf, sha256Text } from './hash.ts';

const request = '{"agent":{"id":"a"},"task":{"kind":"ambient"},"env":{"now":1}}';

test('G-4 every part of a body has random salt of its own, and the stored body opens all of them', () => {
  const { commitments, body } = prepareBody({ request }, new Set());
  const stored = unpackBody(packBody(7, body), 7)?.fields.request;
  assert.ok(stored !== undefined && isCommittedTo('request', stored, commitments.request ?? ''));
  const salts = openedParts('request', stored)?.map(({ salt }) => salt) ?? [];
  assert.equal(salts.length, 4);
  assert.ok(salts.every(salt => /^[\w-]{22}$/.test(salt)));
  assert.equal(new Set([...salts, ...(openedParts('request', again()) ?? []).map(({ salt }) => salt)]).size, 8);
});

function again(): { readonly text: string; readonly salt: string } {
  const { fields } = prepareBody({ request }, new Set()).body;
  assert.ok(fields.request !== undefined);
  return fields.request;
}

test('a body of an earlier version, whose salts come from one seed, is opened as it was committed to', () => {
  const seed = 'abcdefghijklmnopqrstuv';
  const parts = partsOf(request, 1);
  const hashes = saltsOf(seed, parts.length).map((salt, at) => {
    const part = parts[at];
    assert.ok(part !== undefined);
    return partHash('request', salt, part, sha256Text);
  });
  const committed = partsCommitment('request', hashes, sha256Text);
  assert.equal(fieldCommitment('request', { text: request, salt: seed }), committed);
  assert.deepEqual(
    openedParts('request', { text: request, salt: seed })?.map(({ hash }) => hash),
    hashes,
  );
});

test('a text that is one part, and a field that is opened as a whole, are opened by a single salt', () => {
  const { commitments, body } = prepareBody({ request: '"plain words"', result: '{"a":1}' }, new Set());
  for (const name of ['request', 'result']) {
    const field = body.fields[name];
    assert.equal(field?.salt.length, 22);
    assert.ok(isCommittedTo(name, field, commitments[name] ?? ''));
    assert.ok(!isCommittedTo(name, { ...field, salt: again().salt.slice(0, 22) }, commitments[name] ?? ''));
  }
});
