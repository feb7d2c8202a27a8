import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askModern, type Wire } from '@sallyport/testkit/door/ask.ts';
import { type OpenDoor, openDoor } from '@sallyport/testkit/door/open-door.ts';

const version = '2025-11-25';
const long = `sallyport+files:file:///${'x'.repeat(5_000)}`;

interface Session {
  readonly ask: (method: string, params: object) => Promise<Wire>;
  /** Opens the stream of news. */
  readonly listen: () => Promise<Response>;
}

/** One session of the handshake era. */
async function begin(door: OpenDoor): Promise<Session> {
  const headers = {
    authorization: 'Bearer token-a',
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  const post = (message: object, more: object = {}): Promise<Response> =>
    fetch(new URL('/mcp', door.listener.origin), {
      method: 'POST',
      headers: { ...headers, ...more },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }),
    });
  const clientInfo = { name: 'peer', version: '0' };
  const params = { protocolVersion: version, capabilities: {}, clientInfo };
  const { headers: answered } = await post({ method: 'initialize', params });
  const session = { 'mcp-session-id': answered.get('mcp-session-id') ?? '', 'mcp-protocol-version': version };
  return {
    ask: async (method, about) => (await (await post({ method, params: about }, session)).json()) as Wire,
    listen: () => fetch(new URL('/mcp', door.listener.origin), { headers: { ...headers, ...session } }),
  };
}

test('a session subscribes to so many resources and to no more: the gateway keeps them all', async () => {
  await using door = await openDoor({ limits: { subscriptionsMax: 2 } });
  const { ask } = await begin(door);
  const subscribe = (name: string): Promise<Wire> =>
    ask('resources/subscribe', { uri: `sallyport+files:file:///${name}` });
  for (const name of ['a', 'b', 'a']) assert.deepEqual((await subscribe(name)).result, {}, name);
  const { data } = (await subscribe('c')).error ?? {};
  assert.deepEqual([data?.code, data?.why], ['overloaded', 'this session has subscribed to 2 resources already']);
  assert.equal(door.world.reached.length, 3, 'nothing of it reached the server');
  await ask('resources/unsubscribe', { uri: 'sallyport+files:file:///a' });
  assert.deepEqual((await subscribe('c')).result, {});
});

test('nobody subscribes to a resource whose name is a book', async () => {
  await using door = await openDoor();
  const { ask } = await begin(door);
  const legacy = (await ask('resources/subscribe', { uri: long })).error?.message;
  const notifications = { resourceSubscriptions: [long] };
  const modern = (await askModern(door, 'subscriptions/listen', { notifications })).body.error?.message;
  const why = 'is longer than 4096 characters';
  assert.deepEqual([legacy, modern], [`params.uri: ${why}`, `params.notifications.resourceSubscriptions: ${why}`]);
  assert.deepEqual(door.world.reached, []);
});

test('what one session unsubscribes from is still told to another that listens for it', async () => {
  await using door = await openDoor();
  const [one, other] = [await begin(door), await begin(door)];
  const about = { uri: 'sallyport+files:file:///a' };
  for (const { ask, listen } of [one, other]) {
    assert.equal((await listen()).status, 200);
    assert.deepEqual((await ask('resources/subscribe', about)).result, {});
  }
  door.world.reached.length = 0;
  assert.deepEqual((await one.ask('resources/unsubscribe', about)).result, {});
  assert.deepEqual(door.world.reached, [], 'the server goes on telling');
  assert.deepEqual((await other.ask('resources/unsubscribe', about)).result, {});
  assert.deepEqual(door.world.reached, ['files resources/unsubscribe {"uri":"file:///a"}']);
});
