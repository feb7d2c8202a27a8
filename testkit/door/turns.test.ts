import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { sendRaw } from '../scenarios/raw-http.ts';
import { openSession, postBytes } from '../scenarios/run-protocol.ts';
import { openDoor } from './open-door.ts';

const call = '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"files__pay","arguments":{}}}';
const modernCall = call.replace(
  '"params":{',
  '"params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}},',
);
const ping = '{"jsonrpc":"2.0","id":8,"method":"ping"}';

test('A call waits for its turn before anything is done about it; what acts on nothing does not wait', async t => {
  await using door = await openDoor();
  const { port } = door.listener;
  const session = await openSession(port);
  const bytesOf = (body: string) => postBytes({ era: 'legacy', body }, { port: String(port) }, session);
  const turn = Promise.withResolvers<void>();
  const begun = t.mock.method(door.core.turns, 'begin', () => turn.promise);
  const answer = sendRaw(port, bytesOf(call));
  while (begun.mock.callCount() === 0) await wait(5);
  assert.equal((await sendRaw(port, bytesOf(ping))).responses[0]?.status, 200);
  assert.equal(begun.mock.callCount(), 1);
  assert.equal(door.world.reached.length, 0);
  turn.resolve();
  assert.equal((await answer).responses[0]?.status, 200);
  assert.equal(door.world.reached.length, 1);
});

test('A call whose client left before its turn came reaches no server', async t => {
  await using door = await openDoor();
  const { port } = door.listener;
  const post = { era: 'modern', method: 'tools/call', name: 'files__pay', body: modernCall } as const;
  const bytes = postBytes(post, { port: String(port) }, '');
  const reached: number[] = [];
  for (const leaves of [true, false]) {
    const turn = Promise.withResolvers<void>();
    const begun = t.mock.method(door.core.turns, 'begin', () => turn.promise);
    const socket = connect(port, '127.0.0.1');
    socket.write(bytes);
    while (begun.mock.callCount() === 0) await wait(5);
    if (leaves) socket.destroy();
    await wait(50);
    turn.resolve();
    begun.mock.restore();
    if (!leaves) await once(socket, 'data');
    else await wait(50);
    reached.push(door.world.reached.length);
    socket.destroy();
  }
  assert.deepEqual(reached, [0, 1]);
});
