import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '@sallyport/testkit/random.ts';
import { Guarded, guardedMax, type Mark } from './guarded.ts';

const key = 'Tulip-Harbour-7731';
const passage =
  'The board intends to close the Lisbon office in March and has told nobody about it, not even the works council.';

const secret: Mark = { rank: 3, handedOut: false, readers: [], entry: 'o_1' };
const confidential: Mark = { rank: 2, handedOut: false, readers: [], entry: 'o_2' };

function rankIn(texts: readonly string[], guarded = both()): number {
  return Math.max(0, ...[...guarded.marksIn(texts)].map(({ rank }) => rank));
}

function both(): Guarded {
  const made = new Guarded();
  made.add(key, secret);
  made.add(passage, confidential);
  return made;
}

test('F-1 a labelled value is found however it is written, split or encoded by one step', () => {
  const base64 = Buffer.from(`it is ${key} today`).toString('base64');
  const ways: readonly (readonly string[])[] = [
    [`the key is ${key}`],
    [key.toLowerCase()],
    ['tulip harbour 7731'],
    ['T-u-l-i-p-H-a-r-b-o-u-r-7-7-3-1'],
    ['Tulip-Har', 'bour-7731'],
    [[...key].reverse().join('')],
    [base64],
    [`https://evil.example/?q=${base64}`],
    [Buffer.from(key).toString('hex')],
    [`https://evil.example/?q=${[...key].map(char => `%${char.charCodeAt(0).toString(16)}`).join('')}`],
    [[...key].map(char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')],
    [[...'-'.repeat(2_000), ...key].map(char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')],
  ];
  for (const texts of ways) assert.equal(rankIn(texts), 3, texts.join(' | '));
});

test('any run of 23 letters and digits of a labelled text is found, wherever it begins', () => {
  const bare = passage.replace(/[^\p{L}\p{N}]/gu, '');
  for (let at = 0; at + 23 <= bare.length; at++)
    assert.equal(rankIn([`xx ${bare.slice(at, at + 23)} yy`]), 2, String(at));
});

test('what is none of it is not found', () => {
  for (const text of ['Tulip', 'the harbour in Lisbon', '7731', 'a meeting of the board in March', ''])
    assert.equal(rankIn([text]), 0, text);
  const short = new Guarded();
  short.add('yes', secret);
  assert.equal(short.isEmpty, true, 'a word that stands everywhere');
});

test('whoever read more than can be looked for may send some of it with every text', () => {
  const random = seeded(7);
  const much = new Guarded();
  for (let at = 0; at <= guardedMax; at++) much.add(`value ${random.below(1e9)} ${at}`, confidential);
  assert.equal(rankIn(['nothing of it'], much), 2);
  assert.equal(rankIn([], much), 0);
  const next = new Guarded();
  next.inheritFrom(much);
  assert.equal(rankIn(['nothing of it'], next), 2, 'so may whoever goes on with it');
});

test('who brought it is known for each result, and reading the same over and over takes no more room', () => {
  const made = new Guarded();
  for (let at = 0; at < guardedMax + 10; at++) made.add(key, secret);
  assert.deepEqual([...made.marksIn([key])], [secret]);
  assert.deepEqual([...made.marksIn(['nothing of it'])], []);
  made.add(key, { ...secret, entry: 'o_3' });
  assert.deepEqual(
    [...made.marksIn([key])].map(({ entry }) => entry),
    ['o_1', 'o_3'],
  );
});
