import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { upstreamLimits } from '../limits.ts';
import { HttpWire } from './wire.ts';

const own = { lines: '', secrets: [], lent: [] };
const events = { heard: () => {}, broken: () => {}, closed: () => {} };

test('G-6 a server that leaves what it is told unanswered holds a bounded number of connections, and each for a bounded time', async () => {
  let most = 0;
  const open = new Set<object>();
  const server = createServer(() => {});
  server.on('connection', socket => {
    open.add(socket);
    most = Math.max(most, open.size);
    socket.once('close', () => open.delete(socket));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const limits = { ...upstreamLimits, callsInFlightMax: 5, askMillisMax: 300 };
  const wire = new HttpWire({ url: new URL(`http://127.0.0.1:${port}/`), own, limits, listening: () => [] }, events);
  try {
    for (let round = 1; round <= 2; round++) {
      most = 0;
      for (let count = 0; count < 40; count++) wire.tell('{"jsonrpc":"2.0","method":"notifications/x"}');
      const until = performance.now() + 5_000;
      while (most < 5 && performance.now() < until) await pause(10);
      while (open.size > 0 && performance.now() < until) await pause(10);
      assert.deepEqual({ most, open: open.size }, { most: 5, open: 0 }, `round ${round}`);
    }
  } finally {
    await wire.close('the test is over');
    server.close();
    server.closeAllConnections();
  }
});
