import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonObject, parseJson, resultJsonLimits } from '../model/json.ts';
import { indexResult } from './index.ts';
import { Secrets } from './secrets.ts';

const secret = 'copper-4471-lantern';

test('F-6 what was handed out as a secret is found whole, encoded, backwards and in pieces', () => {
  const held = new Secrets();
  held.hold(true, indexResult(json({ name: 'vault-a', value: secret })));
  for (const leaving of [
    `It is ${secret}.`,
    secret.toUpperCase(),
    `check ${Buffer.from(secret).toString('base64')}`,
    Buffer.from(secret).toString('hex'),
    encodeURIComponent(`x=${secret}&y`),
    [...secret].reverse().join(''),
    'copper 4471 lantern',
    'copp',
    '71-lan',
  ])
    assert.equal(held.isIn(json({ text: leaving })), true, leaving);
  for (const plain of ['vault-a', 'The copper pipe leaks.', 'a lantern', 'cop', ''])
    assert.equal(held.isIn(json({ text: plain })), false, plain);
});

test('fields that are called so are secrets whoever returns them, and other fields are not', () => {
  const held = new Secrets();
  held.hold(false, indexResult(json({ host: 'db.example', db_password: secret, keyboard: 'qwertz-layout' })));
  assert.equal(held.isIn(json({ a: [{ b: secret }] })), true);
  assert.equal(held.isIn(json({ a: 'db.example qwertz-layout' })), false);
});

test('another task that goes on with what this one read holds them too', () => {
  const [one, other] = [new Secrets(), new Secrets()];
  one.hold(true, indexResult(json({ value: secret })));
  other.inheritFrom(one);
  assert.equal(other.isIn(json({ text: secret })), true);
});

function json(value: object): JsonObject {
  const parsed = parseJson(JSON.stringify(value), resultJsonLimits);
  assert.ok(parsed.ok && parsed.node.kind === 'object');
  return parsed.node;
}
