import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { test } from 'node:test';
import type { A2aOperation } from '@sallyport/core/model/a2a.ts';
import { refused } from '@sallyport/core/model/refusal.ts';
import { fakeAgent, fakeTool, jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { fakeTask } from '@sallyport/testkit/fakes/task.ts';
import type { PeerConfig } from './config.ts';
import type { HandOver } from './hand-over.ts';
import { createPeers } from './peers.ts';

/** An agent that shows its card, and the connections to it that are open. */
async function openAgent() {
  const server = createServer((_, res) => res.end(card));
  const open = new Set<Socket>();
  server.on('connection', socket => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const spoken = { url: `${url}/rpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' };
  const card = JSON.stringify({ supportedInterfaces: [spoken] });
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url, open, [Symbol.dispose]: close };
}

function preparing(url: string, handOver: Partial<HandOver>) {
  const peer = {
    ...{ id: 'booking', url, headers: [], keys: undefined, push: [], agent: 'clerk' },
    segment: 'booking',
  };
  const credentials = {
    issue: async () => assert.fail('nothing is issued'),
    release: () => {},
    isPerTask: () => false,
  };
  const { prepare } = createPeers({
    ...{ peers: [peer as unknown as PeerConfig], credentials, listening: () => [] },
    ...{ verify: async () => false, now: () => 1, handOver: () => handOver as HandOver },
    sha256: text => createHash('sha256').update(text).digest('base64url'),
  });
  return (operation: A2aOperation, params: string) => {
    const acting = { method: `a2a/${operation}`, server: 'booking', tool: fakeTool(), digest: '' } as const;
    const action = { ...acting, input: jsonObject(params), params };
    return prepare(action, fakeAgent, fakeTask, new AbortController().signal);
  };
}

const noTask = refused({ code: 'denied', what: 'booking', why: 'no task below this one can be opened' });

test('R3 a message for which no task can be opened leaves no connection behind', { timeout: 10_000 }, async () => {
  using agent = await openAgent();
  const throwing = preparing(agent.url, { begin: () => Promise.reject(new Error('journal is down')) });
  await assert.rejects(throwing('SendMessage', '{"message":{}}'), /journal is down/);
  const refusing = preparing(agent.url, { begin: async () => noTask });
  assert.deepEqual(await refusing('SendMessage', '{"message":{}}'), noTask);
  while (agent.open.size > 0) await new Promise(setImmediate);
});

test('K-7 what is said with the end of a task, or where to report it, reaches it as a message does; looking at it tells nothing', async () => {
  using agent = await openAgent();
  const told: string[] = [];
  const prepare = preparing(agent.url, {
    tell: async (_peer, _task, a2aTask) => void told.push(a2aTask),
    over: () => {},
  });
  for (const [operation, params] of [
    ['CancelTask', '{"id":"T1","metadata":{"why":"enough"}}'],
    [
      'CreateTaskPushNotificationConfig',
      '{"taskId":"T2","id":"c1","url":"https://hooks.example.org/","token":"words"}',
    ],
    ['GetTask', '{"id":"T3"}'],
    ['GetTaskPushNotificationConfig', '{"taskId":"T4","id":"c1"}'],
  ] as const) {
    const ready = await prepare(operation, params);
    assert.ok(ready.ok);
    ready.value.abandon();
  }
  assert.deepEqual(told, ['T1', 'T2']);
});
