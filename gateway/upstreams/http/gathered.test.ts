import assert from 'node:assert/strict';
import test from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { EventReader } from './events.ts';
import { type Endpoint, Exchange } from './exchange.ts';
import { Gathered } from './gathered.ts';
import type { Line } from './sockets.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const pieces = 300_000;
const one = Buffer.from('x');

test('pieces come out whole and in their order, and nothing of them the next time', () => {
  const gathered = new Gathered();
  for (const texts of [['one'], [], ['a', '', 'b'.repeat(5_000), 'c'], ['', ''], ['', 'd', 'e']]) {
    for (const text of texts) gathered.add(Buffer.from(text));
    assert.equal(gathered.take().toString(), texts.join(''));
  }
});

test('what was taken is not written over by what comes next', () => {
  const gathered = new Gathered();
  const taken = ['first', 'other'].map(text => {
    for (const letter of text) gathered.add(Buffer.from(letter));
    return gathered.take();
  });
  assert.deepEqual(taken.map(String), ['first', 'other']);
});

test('G-6 an event that comes byte by byte takes as much memory as it is long', () => {
  const reader = new EventReader(pieces * 2, () => {});
  reader.push(Buffer.from('data: '));
  assertSmall(() => reader.push(one), reader);
});

test('G-6 a body that comes byte by byte takes as much memory as it is long', () => {
  const endpoint: Endpoint = {
    events: { heard: () => {}, broken: () => {}, closed: () => {} },
    own: { lines: '', secrets: [], lent: [] },
    noticeBytesMax: pieces * 2,
    begun: () => {},
    over: () => {},
    resume: () => false,
  };
  const exchange = new Exchange(endpoint, { close: () => {} } as unknown as Line, undefined);
  exchange.head({ status: 200, headers: new Map(), contentType: 'application/json' });
  assertSmall(() => exchange.body(one.subarray(), 0, 1), exchange);
});

/** `holder` is looked at afterwards, so that it is there to be measured. */
function assertSmall(push: () => void, holder: object): void {
  const before = held();
  for (let count = 0; count < pieces; count++) push();
  const bytes = held() - before;
  assert.ok(bytes < 10 * pieces, `${bytes} bytes are kept of ${pieces}`);
  assert.ok(holder);
}

function held(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
