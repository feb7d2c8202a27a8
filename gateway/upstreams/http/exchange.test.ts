import assert from 'node:assert/strict';
import test from 'node:test';
import { type Endpoint, Exchange } from './exchange.ts';
import type { Line } from './sockets.ts';

test('G-6 a lasting stream brings as many messages as it likes, and only so much that is none', () => {
  let [heard, closed] = [0, false];
  const endpoint: Endpoint = {
    events: { heard: () => heard++, broken: () => {}, closed: () => {} },
    own: { lines: '', secrets: [], lent: [] },
    noticeBytesMax: 1_000,
    begun: () => {},
    over: () => {},
    resume: () => false,
  };
  const line = { close: () => (closed = true) } as unknown as Line;
  const exchange = new Exchange(endpoint, line, undefined, { lasting: true });
  exchange.head({ status: 200, headers: new Map(), contentType: 'text/event-stream' });
  const say = (text: string): void => exchange.body(Buffer.from(text), 0, text.length);
  for (let count = 0; count < 500; count++) say(': alive\n\ndata: {"jsonrpc":"2.0","method":"x"}\n\n');
  assert.deepEqual([heard, closed], [500, false]);
  for (let count = 0; count < 500; count++) say(': alive\n\n');
  assert.deepEqual([heard, closed], [500, true]);
});
