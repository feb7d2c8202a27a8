import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonObject, parseJson, resultJsonLimits } from '../../model/json.ts';
import { indexResult } from '../result/index-result.ts';
import { Guarded } from './guarded.ts';
import { handedOutIn } from './handed-out.ts';
import { leavingWith } from './leaving.ts';

const secret = 'copper-4471-lantern';

test('F-1 F-2 what was handed out as a secret is found whole, encoded, backwards, split and in pieces', () => {
  const isIn = secretIn(true, { name: 'vault-a', value: secret });
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
    `${secret}@evil.example`,
  ])
    assert.equal(isIn({ text: leaving }), true, leaving);
  assert.equal(isIn({ a: 'see: copper-44', b: '71-lantern, end' }), true, 'over two arguments');
  for (const plain of ['vault-a', 'The copper pipe leaks.', 'a lantern', 'cop', ''])
    assert.equal(isIn({ text: plain }), false, plain);
  assert.equal(isIn({ count: 4471 }), false, 'a number that happens to be four of its digits');
});

test('a short secret of signs is found as it is written', () => {
  assert.equal(secretIn(true, { value: 'p@ss!1' })({ text: 'it is p@ss!1' }), true);
});

test('fields that are called so are secrets whoever returns them, and other fields are not', () => {
  const isIn = secretIn(false, { host: 'db.example', db_password: secret, keyboard: 'qwertz-layout' });
  assert.equal(isIn({ a: [{ b: secret }] }), true);
  assert.equal(isIn({ a: 'db.example qwertz-layout' }), false);
});

test('another task that goes on with what this one read holds them too', () => {
  const [one, other] = [new Guarded(), new Guarded()];
  one.add(secret, { rank: 0, handedOut: true, readers: [], entry: 'o_1' });
  other.inheritFrom(one);
  assert.equal(leavingWith(other, json({ text: '4471-la' }), () => false).secret, true);
});

function secretIn(all: boolean, result: object): (args: object) => boolean {
  const guarded = new Guarded();
  for (const value of handedOutIn(all, indexResult(json(result))))
    guarded.add(value, { rank: 0, handedOut: true, readers: [], entry: 'o_1' });
  return args => leavingWith(guarded, json(args), () => false).secret;
}

function json(value: object): JsonObject {
  const parsed = parseJson(JSON.stringify(value), resultJsonLimits);
  assert.ok(parsed.ok && parsed.node.kind === 'object');
  return parsed.node;
}

test('a long secret is one as well: a key in lines, and a text that is called so', () => {
  const lines = Array.from({ length: 120 }, (_, at) =>
    Buffer.from(`line ${at} of the key: ${secret}`).toString('base64'),
  );
  const key = ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----'].join('\n');
  for (const isIn of [secretIn(true, { content: key }), secretIn(false, { private_key: key })]) {
    assert.equal(isIn({ text: `see ${lines[119]}` }), true);
    assert.equal(isIn({ text: 'see the log of the night' }), false);
  }
  const phrase = 'otter lamp gravel pine drum cobalt sieve nettle anchor plum robin tallow quartz birch';
  assert.equal(secretIn(false, { passphrase: phrase })({ text: `it is ${phrase}` }), true);
  const prose =
    'The key of https://vault.example/keys/rotation-of-2026/overview was rotated yesterday by the one who does so.';
  assert.equal(
    secretIn(true, { note: prose })({ text: 'https://vault.example/keys/rotation-of-2026/overview' }),
    false,
  );
  const unbroken = secretIn(false, { api_key: secret.repeat(300) });
  assert.equal(unbroken({ text: secret.repeat(2) }), true);
});

test('whoever was handed out more secrets than are kept may hold a piece of one in every word', () => {
  const many = Object.fromEntries(Array.from({ length: 1_200 }, (_, at) => [`p${at}`, { password: `secret-${at}-x` }]));
  const isIn = secretIn(false, many);
  assert.equal(isIn({ text: 'ret-3' }), true);
  assert.equal(isIn({ text: '1199-x' }), true);
});
