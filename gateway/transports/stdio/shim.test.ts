import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { openDoor } from '@sallyport/testkit/door/open-door.ts';
import { runShim } from './shim.ts';
import { listenSocket, type SocketDoor } from './socket.ts';

/** A client on the far side of a shim: what it writes, what it reads, what people read. */
function startShim(socketPath: string, secret = 's3cret') {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const options = { socketPath, entry: 'editor', secret, version: '0.0.0', stdin, stdout, stderr };
  const exit = runShim({ ...options, limits: { connectMillisMax: 1_000, drainMillisMax: 1_000 } });
  const lines = stdout.setEncoding('utf8')[Symbol.asyncIterator]() as AsyncIterator<string>;
  let held = '';
  const next = async (): Promise<{
    id?: unknown;
    error?: { code: number; message: string; data: { code: string } };
    method?: string;
  }> => {
    while (!held.includes('\n')) held += String((await lines.next()).value);
    const at = held.indexOf('\n');
    const line = held.slice(0, at);
    held = held.slice(at + 1);
    return JSON.parse(line);
  };
  const said = (): string => String(stderr.read() ?? '');
  return {
    exit,
    next,
    said,
    write: (message: object) => stdin.write(`${JSON.stringify(message)}\n`),
    end: () => stdin.end(),
  };
}

const initialize = {
  jsonrpc: '2.0',
  id: 'i',
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: {} },
};
const read = {
  jsonrpc: '2.0',
  id: 2,
  method: 'tools/call',
  params: { name: 'files__read_file', arguments: { path: 'a' } },
};

test('a gateway that is not there is said on stderr and in the answer to every request', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-shim-'));
  const shim = startShim(join(directory, 'nobody.sock'));
  shim.write(initialize);
  const answer = await shim.next();
  assert.equal(answer.id, 'i');
  assert.equal(answer.error?.data.code, 'unavailable');
  assert.match(answer.error?.message ?? '', /the gateway is not running; start it with `sallyport up`/);
  assert.match(shim.said(), /^sallyport: the gateway is not running.*nobody\.sock\)\n$/);
  shim.end();
  assert.equal(await shim.exit, 6);
  await rm(directory, { recursive: true });
});

test('a secret that is not known is said, and nothing is listed', async () => {
  await using door = await openDoor();
  const shim = startShim(door.socket.path, 'guess');
  shim.write(initialize);
  assert.match((await shim.next()).error?.message ?? '', /the entry or its secret is not known/);
  assert.doesNotMatch(shim.said(), /guess/);
  shim.end();
  assert.equal(await shim.exit, 6);
  assert.deepEqual(door.world.reached, []);
});

test('a gateway that goes away: what was under way is answered as indeterminate, and a new one hears the handshake', async () => {
  let started: () => void = () => {};
  const reached = new Promise<void>(resolve => (started = resolve));
  await using door = await openDoor({
    upstream: () => {
      started();
      return new Promise(() => {});
    },
  });
  const path = join(dirname(door.socket.path), 'second.sock');
  const first = await listenSocket({ path, core: door.core });
  const shim = startShim(path);
  shim.write(initialize);
  assert.equal((await shim.next()).error, undefined);
  shim.write(read);
  await reached;
  await first.close();
  const lost = await shim.next();
  assert.equal(lost.id, 2);
  assert.equal(lost.error?.data.code, 'indeterminate');

  const second: SocketDoor = await listenSocket({ path, core: door.core });
  shim.write({ ...read, id: 3, method: 'tools/list', params: {} });
  const heard = [await shim.next(), await shim.next(), await shim.next(), await shim.next()];
  assert.deepEqual(
    heard.map(({ id, method, error }) => error ?? method ?? id),
    ['tools', 'prompts', 'resources'].map(kind => `notifications/${kind}/list_changed`).concat(3 as never),
  );
  assert.match(shim.said(), /the gateway went away.*connected again/s);
  shim.end();
  assert.equal(await shim.exit, 0);
  await second.close();
});

test('what is under way is waited for when the client closes its side', async () => {
  await using door = await openDoor();
  const shim = startShim(door.socket.path);
  shim.write(initialize);
  shim.write({ jsonrpc: '2.0', method: 'notifications/initialized' });
  assert.equal((await shim.next()).id, 'i');
  shim.write(read);
  shim.end();
  assert.equal((await shim.next()).id, 2);
  assert.equal(await shim.exit, 0);
});

test('the socket is for its owner alone, and a stale one is replaced', async () => {
  await using door = await openDoor();
  const { path } = door.socket;
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.equal((await stat(dirname(path))).mode & 0o777, 0o700);
  await assert.rejects(listenSocket({ path, core: door.core }), /another gateway is listening/);
  const file = join(dirname(path), 'file');
  await writeFile(file, 'mine');
  await assert.rejects(listenSocket({ path: file, core: door.core }), /it is not a socket/);
});

test('A-5 requests side by side each get their own answer', async () => {
  await using door = await openDoor();
  const shim = startShim(door.socket.path);
  shim.write(initialize);
  assert.equal((await shim.next()).id, 'i');
  for (let id = 10; id < 30; id++) shim.write({ ...read, id });
  const ids = new Set<unknown>();
  for (let count = 0; count < 20; count++) ids.add((await shim.next()).id);
  assert.equal(ids.size, 20);
  shim.end();
  assert.equal(await shim.exit, 0);
});
