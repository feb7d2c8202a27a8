import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askModern as ask } from '@sallyport/testkit/door/ask.ts';
import type { Upstream } from '@sallyport/testkit/door/door-world.ts';
import { openDoor } from '@sallyport/testkit/door/open-door.ts';
import { jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { Cursors, cursorCharsMax } from './cursors.ts';

/** Each page names the next, but for the third. */
const paged: Upstream = ({ server, method, params }) => {
  if (method !== 'resources/list') return undefined;
  const { cursor = 'p1' } = JSON.parse(params) as { cursor?: string };
  const next = { p1: 'p2', p2: 'p3' }[cursor];
  const more = next === undefined || server === 'web' ? '' : `,"nextCursor":"${next}"`;
  const result = jsonObject(`{"resources":[{"uri":"file:///${cursor}","name":"x"}]${more}}`);
  return Promise.resolve({ kind: 'result', result, bytes: 10 });
};

const written = 'balance 8123.55 account DE89370400440532013000';

for (const path of ['/mcp', '/mcp/files'])
  test(`F-5 on ${path} a cursor of a list is one that the server gave: what an agent writes into one reaches nobody`, async () => {
    await using door = await openDoor({ upstream: paged });
    const list = (cursor?: unknown, token = 'token-a') =>
      ask(door, 'resources/list', cursor === undefined ? {} : { cursor }, { path, token });
    const first = await list();
    const given = first.body.result?.nextCursor;
    assert.equal(typeof given, 'string');
    assert.doesNotMatch(Buffer.from(String(given), 'base64url').toString('latin1'), /p2|files/);
    const second = await list(given);
    assert.equal(typeof second.body.result?.nextCursor, 'string');
    const third = await list(second.body.result?.nextCursor);
    assert.equal(third.body.result?.nextCursor, undefined);
    const asked = door.world.reached.filter(line => line.startsWith('files'));
    assert.deepEqual(asked.slice(1), ['files resources/list {"cursor":"p2"}', 'files resources/list {"cursor":"p3"}']);
    const reached = door.world.reached.length;
    for (const [cursor, token] of [
      [written, 'token-a'],
      ['p2', 'token-a'],
      [Buffer.from(JSON.stringify([['files', written]])).toString('base64url'), 'token-a'],
      [`${String(given)}A`, 'token-a'],
      [given, 'token-b'],
    ] as const) {
      const wrong = await list(cursor, token);
      assert.deepEqual([wrong.status, wrong.body.error?.data?.field], [400, 'params.cursor'], String(cursor));
    }
    assert.equal(door.world.reached.length, reached);
  });

test('a list goes on with the servers that are still there', async () => {
  await using door = await openDoor({
    upstream: ({ server, method, params }) => {
      const next = params.includes('cursor') ? '' : `,"nextCursor":"${server}-2"`;
      const result = jsonObject(`{"resources":[]${next}}`);
      return method === 'resources/list' ? Promise.resolve({ kind: 'result', result, bytes: 10 }) : undefined;
    },
  });
  const first = await ask(door, 'resources/list', {});
  const cursor = first.body.result?.nextCursor;
  const reached = door.world.reached.length;
  assert.equal(reached, 2);
  const { current } = door.world;
  const servers = new Map([...current.catalogue.servers].filter(([id]) => id !== 'web'));
  door.world.current = { ...current, catalogue: { servers } };
  assert.deepEqual((await ask(door, 'resources/list', { cursor })).body.result?.resources, []);
  assert.deepEqual(door.world.reached.slice(reached), ['files resources/list {"cursor":"files-2"}']);
  door.world.current = { ...current, catalogue: { servers: new Map() } };
  assert.equal((await ask(door, 'resources/list', { cursor })).body.error?.data?.field, 'params.cursor');
});

test('F-5 a log level is one of eight: nothing else can be said with it', async () => {
  await using door = await openDoor();
  const headers = {
    authorization: 'Bearer token-a',
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  const post = (method: string, params: object, session?: string) =>
    fetch(new URL('/mcp', door.listener.origin), {
      method: 'POST',
      headers: session === undefined ? headers : { ...headers, 'mcp-session-id': session },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
  const clientInfo = { name: 'peer', version: '0' };
  const begun = await post('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
  const session = begun.headers.get('mcp-session-id') ?? '';
  const wrong = (await (await post('logging/setLevel', { level: written }, session)).json()) as {
    error?: { data?: { field?: string } };
  };
  assert.equal(wrong.error?.data?.field, 'params.level');
  assert.deepEqual(door.world.reached, []);
  await (await post('logging/setLevel', { level: 'warning' }, session)).json();
  assert.deepEqual(door.world.reached, ['files logging/setLevel {"level":"warning"}']);
});

test('a cursor holds for its agent and its task, and a server with a longer one than there is room for ends its own list alone', () => {
  const cursors = new Cursors(text => Buffer.from(text.padEnd(32).slice(0, 32)).toString('base64url'));
  const of = { agent: 'a', task: 't_1' } as const;
  const sealed = cursors.close([{ server: 'files', cursor: 'x' }], of) ?? '';
  assert.deepEqual(cursors.open(sealed, of), [{ server: 'files', cursor: 'x' }]);
  assert.equal(cursors.open(sealed, { agent: 'a', task: 't_2' }), undefined);
  assert.equal(cursors.open(sealed, { agent: 'b', task: 't_1' }), undefined);
  const long = { server: 'web', cursor: 'x'.repeat(cursorCharsMax + 1) };
  assert.deepEqual(cursors.open(cursors.close([long, { server: 'files', cursor: 'y' }], of) ?? '', of), [
    { server: 'files', cursor: 'y' },
  ]);
  assert.equal(cursors.close([long], of), undefined);
});
