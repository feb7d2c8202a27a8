import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openDoor } from '@sallyport/testkit/door/open-door.ts';
import { textResult } from '@sallyport/testkit/fakes/ports.ts';
import { until } from '@sallyport/testkit/upstream/fixture.ts';
import { metaKeys } from '../mcp/wire/protocol.ts';
import { helloText } from './hello.ts';

/** A local process that speaks to the socket by itself, and never closes its side. */
async function connected(path: string): Promise<Socket> {
  const socket = connect({ path, allowHalfOpen: true });
  socket.on('error', () => {});
  await new Promise(resolve => socket.once('connect', resolve));
  return socket;
}

test('G-6 who is not known holds no connection, also when it never closes its side', async () => {
  await using door = await openDoor();
  const strangers = await Promise.all(Array.from({ length: 20 }, () => connected(door.socket.path)));
  let open = strangers.length;
  for (const socket of strangers) {
    socket.once('close', () => open--);
    socket.resume();
    socket.write(`${helloText({ entry: 'editor', secret: 'no', task: undefined, server: undefined, shim: '0' })}\n`);
  }
  for (let tries = 0; open > 0 && tries < 300; tries++) {
    await pause(10);
    // Only whoever still writes notices that the other side is gone for good.
    for (const socket of strangers) if (!socket.destroyed) socket.write('x');
  }
  for (const socket of strangers) socket.destroy();
  assert.equal(open, 0);
});

test('G-6 lines that come all at once leave turns of the event loop to everybody else', async () => {
  await using door = await openDoor();
  const { journal } = door.core.ports;
  const append = journal.append.bind(journal);
  let [inTurn, most, all] = [0, 0, 0];
  Object.assign(journal, {
    append: (...entry: Parameters<typeof append>) => {
      all++;
      most = Math.max(most, ++inTurn);
      setImmediate(() => {
        inTurn = 0;
      });
      return append(...entry);
    },
  });
  const socket = await connected(door.socket.path);
  socket.resume();
  const hello = helloText({ entry: 'editor', secret: 's3cret', task: undefined, server: undefined, shim: '0' });
  socket.write(`${hello}\n${'{\n'.repeat(5_000)}`);
  for (let tries = 0; all < 5_000 && tries < 1_000; tries++) await pause(10);
  socket.destroy();
  assert.equal(all, 5_000, 'each is read');
  assert.ok(most < 200, `${most} in one turn`);
});

test('G-6 a call is under way until its answer has been read: who reads none is given no more, on any connection', async t => {
  // More than a connection takes by itself.
  const large = 'x'.repeat(2 ** 21);
  await using door = await openDoor({
    limits: { callsPerAgentMax: 1 },
    upstream: async () => textResult(large, 2 ** 22),
  });
  const hello = helloText({ entry: 'editor', secret: 's3cret', task: undefined, server: undefined, shim: '0' });
  const _meta = { [metaKeys.protocolVersion]: '2026-07-28', [metaKeys.clientCapabilities]: {} };
  const request = (method: string, params = {}): string =>
    `${JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { _meta, ...params } })}\n`;
  const [slow, other] = [await connected(door.socket.path), await connected(door.socket.path)];
  t.after(() => [slow, other].map(socket => socket.destroy()));
  slow.write(`${hello}\n${request('tools/call', { name: 'files__read_file', arguments: {} })}`);
  await until('it is answered', () => door.world.entries.some(({ draft }) => draft.kind === 'performed'));
  const said: string[] = [];
  createInterface({ input: other }).on('line', line => said.push(line));
  other.write(`${hello}\n`);
  const listed = async (): Promise<boolean> => {
    const before = said.length;
    other.write(request('tools/list'));
    await until('it is answered', () => said.length > before);
    return said.at(-1)?.includes('"tools":[') === true;
  };
  await until('it is greeted', () => said.length === 1);
  for (let tries = 0; tries < 5; tries++) assert.equal(await listed(), false, said.at(-1));
  slow.resume();
  await until('it was read', listed);
});

test('a subscription that the gateway ends is answered, and cancelled', async () => {
  await using door = await openDoor();
  const socket = await connected(door.socket.path);
  const said: unknown[] = [];
  createInterface({ input: socket }).on('line', line => said.push(JSON.parse(line)));
  const _meta = { [metaKeys.protocolVersion]: '2026-07-28', [metaKeys.clientCapabilities]: {} };
  const params = { _meta, notifications: { toolsListChanged: true } };
  const hello = helloText({ entry: 'editor', secret: 's3cret', task: undefined, server: undefined, shim: '0' });
  socket.write(`${hello}\n${JSON.stringify({ jsonrpc: '2.0', id: 'l', method: 'subscriptions/listen', params })}\n`);
  await until('it is open', () => said.length === 2);
  door.core.audience.endAll();
  await until('it has ended', () => said.length === 4);
  socket.destroy();
  const stream = { [metaKeys.subscriptionId]: 'l' };
  assert.deepEqual(said.slice(2), [
    { jsonrpc: '2.0', id: 'l', result: { resultType: 'complete', _meta: stream } },
    { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'l' } },
  ]);
});
