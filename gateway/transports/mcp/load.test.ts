import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import type { AgentId } from '@sallyport/core/model/ids.ts';
import { emptyObject } from '@sallyport/core/model/json.ts';
import { type OpenDoor, openDoor } from '@sallyport/testkit/door/open-door.ts';
import { modernRequest } from '@sallyport/testkit/modern-request.ts';
import { until } from '@sallyport/testkit/upstream/fixture.ts';
import { mcpLimits } from './limits.ts';
import { Load } from './load.ts';
import { withMember } from './wire/json-edit.ts';

const MiB = 2 ** 20;
const large = withMember(emptyObject, 'content', { kind: 'string', value: 'x'.repeat(16 * MiB) });

function openLarge(limits: Parameters<typeof openDoor>[0] & object): Promise<OpenDoor> {
  return openDoor({ ...limits, upstream: async () => ({ kind: 'result', result: large, bytes: 16 * MiB }) });
}

/** Asks for a large answer, and reads none of it. */
function deaf(door: OpenDoor): Socket {
  const { headers, body } = modernRequest('tools/call', { name: 'files__read_file', arguments: {} });
  const lines = Object.entries({
    ...headers,
    host: `127.0.0.1:${door.listener.port}`,
    authorization: 'Bearer token-a',
  });
  const socket = connect(door.listener.port, '127.0.0.1').pause();
  socket.on('error', () => {});
  const head = [...lines, ['content-length', body.length]].map(line => line.join(': '));
  socket.write(`POST /mcp HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n${body}`);
  return socket;
}

test('G-6 answers that nobody reads count by their bytes: with too many there is no further call', async () => {
  await using door = await openLarge({ limits: { callBytesPerAgentMax: 8 * MiB } });
  const ask = (token: string): Promise<Response> =>
    fetch(`${door.listener.origin}/mcp`, modernRequest('tools/list', {}, { authorization: `Bearer ${token}` }));
  assert.equal((await ask('token-a')).status, 200);
  const socket = deaf(door);
  await until('the answer is not read', async () => (await ask('token-a')).status === 503);
  assert.equal((await ask('token-b')).status, 200);
  socket.destroy();
  await until('nobody is there to read it', async () => (await ask('token-a')).status === 200);
});

test('G-6 of the answers that nobody reads those are cut off that have waited longest', async () => {
  await using door = await openLarge({ limits: { callBytesPerAgentMax: 256 * MiB, unreadBytesPerAgentMax: 24 * MiB } });
  const sockets: Socket[] = [];
  for (const nth of [1, 2, 3, 4]) {
    sockets.push(deaf(door));
    await until('it was asked', async () => door.world.reached.length === nth);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  const wholes = sockets.map(async socket => {
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    socket.resume();
    await until('it is whole or cut', async () => socket.closed || bytes > 16 * MiB);
    socket.destroy();
    return bytes > 16 * MiB;
  });
  assert.deepEqual(await Promise.all(wholes), [false, false, true, true]);
});

test('one answer alone is never too much, however large', () => {
  const load = new Load({ ...mcpLimits, unreadBytesPerAgentMax: 1 });
  const agent = 'a' as AgentId;
  const cut: number[] = [];
  const answers = [10, 20].map(writableLength => ({ writableLength, destroy: () => cut.push(writableLength) }));
  for (const answer of answers) {
    assert.equal(load.begin(agent, 0), true);
    load.answered(agent, answer);
  }
  assert.deepEqual(cut, [10]);
});

test('G-6 answers on one connection that takes none of them are too much together', () => {
  const load = new Load({ ...mcpLimits, unreadBytesPerAgentMax: 20 });
  const agent = 'a' as AgentId;
  const socket = {
    writableLength: 0,
    cut: false,
    destroy: () => {
      socket.cut = true;
    },
  };
  for (const isTooMuch of [false, false, true]) {
    assert.equal(load.begin(agent, 0), true);
    socket.writableLength += 10;
    load.answered(agent, socket);
    assert.equal(socket.cut, isTooMuch);
  }
});

test('an answer that has been read leaves the others of its connection counted', () => {
  const load = new Load({ ...mcpLimits, callBytesPerAgentMax: 5 });
  const agent = 'a' as AgentId;
  const socket = { writableLength: 0, destroy: () => {} };
  for (let nth = 0; nth < 3; nth++) assert.equal(load.begin(agent, 0), true);
  load.answered(agent, socket);
  load.answered(agent, socket);
  load.end(agent, 0, socket);
  socket.writableLength = 10;
  assert.equal(load.begin(agent, 0), false);
  load.end(agent, 0, socket);
  assert.equal(load.begin(agent, 0), true);
});
