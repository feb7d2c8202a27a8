import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { askModern, refusalOf, type Wire } from '@sallyport/testkit/door/ask.ts';
import type { Upstream } from '@sallyport/testkit/door/door-world.ts';
import { type OpenDoor, openDoor } from '@sallyport/testkit/door/open-door.ts';
import { until } from '@sallyport/testkit/upstream/fixture.ts';
import { helloText } from '../stdio/hello.ts';

const version = '2025-11-25';
const long = `sallyport+files:file:///${'x'.repeat(5_000)}`;

interface Session {
  readonly ask: (method: string, params: object) => Promise<Wire>;
  /** Opens the stream of news. */
  readonly listen: () => Promise<Response>;
  readonly end: () => Promise<Response>;
}

/** One session of the handshake era. */
async function begin(door: OpenDoor): Promise<Session> {
  const headers = {
    authorization: 'Bearer token-a',
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  const url = new URL('/mcp', door.listener.origin);
  const post = (message: object, more: object = {}): Promise<Response> =>
    fetch(url, {
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
    listen: () => fetch(url, { headers: { ...headers, ...session } }),
    end: () => fetch(url, { method: 'DELETE', headers: { ...headers, ...session } }),
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

const subscribed = 'files resources/subscribe {"uri":"file:///a"}';
const key = 'files\nfile:///a';

/** Whether somebody went who had heard of the resource, and whether anybody is left who wants to. */
async function wantedAfter(door: OpenDoor, gone: number): Promise<boolean> {
  const heard = (): number => door.left.filter(([agent, uris]) => agent === 'assistant' && uris.has(key)).length;
  await until('it is told who went', () => heard() >= gone);
  return await door.core.audience.wants({ agent: 'assistant', principal: 'user:emma', task: undefined }, key);
}

test('with the last session that subscribed to it nobody wants to hear of a resource, and no agent is made to act', async () => {
  await using door = await openDoor();
  const [one, other] = [await begin(door), await begin(door)];
  const about = { uri: 'sallyport+files:file:///a' };
  for (const { ask } of [one, other]) await ask('resources/subscribe', about);
  assert.equal((await one.end()).status, 204);
  assert.equal(await wantedAfter(door, 1), true);
  assert.equal((await other.end()).status, 204);
  assert.equal(await wantedAfter(door, 2), false);
  assert.deepEqual(door.world.reached, [subscribed, subscribed]);
});

test('a session that is left alone ends by itself, and with it what it wanted to hear of', async () => {
  await using door = await openDoor({ limits: { heartbeatMillis: 20, sessionIdleMillisMax: 1_000 } });
  const { ask } = await begin(door);
  await ask('resources/subscribe', { uri: 'sallyport+files:file:///a' });
  door.world.clock.now += 1_001;
  assert.equal(await wantedAfter(door, 1), false);
  assert.match(JSON.stringify((await ask('ping', {})) ?? {}), /session-unknown/);
});

test('a session that makes room for another gives up what it had subscribed to', async () => {
  await using door = await openDoor({ limits: { sessionsPerAgentMax: 1 } });
  const { ask } = await begin(door);
  await ask('resources/subscribe', { uri: 'sallyport+files:file:///a' });
  await begin(door);
  assert.equal(await wantedAfter(door, 1), false);
});

test('a connection over stdio that closes gives up what it had subscribed to', async () => {
  await using door = await openDoor();
  const socket = connect(door.socket.path);
  const lines = createInterface({ input: socket });
  const say = async (message: object | string): Promise<void> => {
    const heard = once(lines, 'line');
    socket.write(`${typeof message === 'string' ? message : JSON.stringify({ jsonrpc: '2.0', id: 1, ...message })}\n`);
    await heard;
  };
  await say(helloText({ entry: 'editor', secret: 's3cret', task: undefined, server: undefined, shim: '0' }));
  const clientInfo = { name: 'peer', version: '0' };
  await say({ method: 'initialize', params: { protocolVersion: version, capabilities: {}, clientInfo } });
  await say({ method: 'resources/subscribe', params: { uri: 'sallyport+files:file:///a' } });
  socket.destroy();
  assert.equal(await wantedAfter(door, 1), false);
  assert.deepEqual(door.world.reached, [subscribed]);
});

test('G-2 streams that are still subscribing are streams: as many as are allowed, opened at once, are all', async () => {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const slow: Upstream = async () => {
    await opened;
    return { kind: 'result', result: { kind: 'object', members: new Map() }, bytes: 2 };
  };
  await using door = await openDoor({ limits: { streamsPerAgentMax: 2 }, upstream: slow });
  const notifications = { resourceSubscriptions: ['sallyport+files:file:///a'] };
  const listen = () => askModern(door, 'subscriptions/listen', { notifications });
  const two = [listen(), listen()].map(stream => stream.catch(() => undefined));
  await until('two are subscribing', () => door.world.reached.length === 2);
  assert.equal(refusalOf((await listen()).body), 'overloaded');
  open();
  await until('both are open', () => door.core.audience.countOf('assistant') === 2);
  await door[Symbol.asyncDispose]();
  await Promise.all(two);
});

test('a gateway that stops asks nothing more of servers that stop with it', async () => {
  const door = await openDoor();
  const { ask, listen } = await begin(door);
  await ask('resources/subscribe', { uri: 'sallyport+files:file:///a' });
  await listen();
  const notifications = { resourceSubscriptions: ['sallyport+files:file:///a'] };
  const listening = askModern(door, 'subscriptions/listen', { notifications }).catch(() => undefined);
  await until('both streams are open', () => door.core.audience.countOf('assistant') === 2);
  await door[Symbol.asyncDispose]();
  await listening;
  assert.deepEqual(door.world.reached, [subscribed, subscribed]);
});

test('lists that changed before the stream of a session is open are told on it, each once', async () => {
  await using door = await openDoor();
  const { listen } = await begin(door);
  for (const _ of [1, 2]) await door.core.audience.listsChanged(['tools', 'prompts']);
  const stream = await listen();
  let said = '';
  void (async () => {
    for await (const part of stream.body?.pipeThrough(new TextDecoderStream()) ?? []) said += part;
  })().catch(() => undefined);
  const told = (kind: string): number => said.split(`notifications/${kind}/list_changed`).length - 1;
  await until('what was missed is told', () => told('tools') > 0 && told('prompts') > 0);
  await door.core.audience.listsChanged(['resources']);
  await until('and what comes', () => told('resources') > 0);
  assert.deepEqual(['tools', 'prompts', 'resources'].map(told), [1, 1, 1]);
});
