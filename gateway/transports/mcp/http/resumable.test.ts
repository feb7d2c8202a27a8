import assert from 'node:assert/strict';
import { test } from 'node:test';
import { passed } from '@sallyport/core/model/refusal.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { type OpenDoor, openDoor } from '@sallyport/testkit/door/open-door.ts';
import { jsonObject, textResult } from '@sallyport/testkit/fakes/ports.ts';
import { fakeTask } from '@sallyport/testkit/fakes/task.ts';
import { Kept } from './resumable.ts';

/** A call that tells of its progress, and answers when `finish` says so. */
function slow(begun = () => {}): { readonly door: Promise<OpenDoor>; readonly finish: () => void } {
  const gate = Promise.withResolvers<void>();
  const door = openDoor({
    upstream: (_, { onNotice, replyBytesMax }) => {
      begun();
      onNotice({ method: 'notifications/progress', params: jsonObject('{"progressToken":0,"progress":1}') });
      return gate.promise.then(() => {
        onNotice({ method: 'notifications/progress', params: jsonObject('{"progressToken":0,"progress":2}') });
        return textResult('at last', replyBytesMax);
      });
    },
  });
  return { door, finish: gate.resolve };
}

function headers(session: string, more: Record<string, string> = {}): Record<string, string> {
  const accept = 'application/json, text/event-stream';
  const own = session === '' ? {} : { 'mcp-session-id': session };
  return { authorization: 'Bearer token-a', 'content-type': 'application/json', accept, ...own, ...more };
}

async function begin(door: OpenDoor, protocolVersion = '2025-11-25', token = 'token-a'): Promise<string> {
  const params = { protocolVersion, capabilities: {}, clientInfo: { name: 'test', version: '1' } };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
  const authorization = `Bearer ${token}`;
  const answer = await fetch(`${door.listener.origin}/mcp`, {
    method: 'POST',
    headers: headers('', { authorization }),
    body,
  });
  return answer.headers.get('mcp-session-id') ?? '';
}

const call = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'files__pay', arguments: {}, _meta: { progressToken: 'p' } },
});

/** Reads events until `count` have come, and then goes away. */
async function read(response: Response, count: number): Promise<{ id: string | undefined; data: string }[]> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  const events = (): string[] => text.split('\n\n').slice(0, -1);
  for (;;) {
    const { value, done } = await reader.read();
    if (value !== undefined) text += Buffer.from(value).toString('utf8');
    if (done || events().length >= count) break;
  }
  await reader.cancel().catch(() => undefined);
  return events().map(event => {
    const field = (name: string): string | undefined =>
      event
        .split('\n')
        .find(line => line.startsWith(`${name}: `))
        ?.slice(name.length + 2);
    return { id: field('id'), data: field('data') ?? '' };
  });
}

function get(door: OpenDoor, session: string, lastEvent: string, token = 'token-a', task = {}): Promise<Response> {
  const more = { 'last-event-id': lastEvent, authorization: `Bearer ${token}`, ...task };
  return fetch(`${door.listener.origin}/mcp`, { headers: headers(session, more) });
}

test('a client whose connection broke comes back for the rest, and reads nothing twice', async () => {
  const { door: opening, finish } = slow();
  await using door = await opening;
  const session = await begin(door);
  const post = await fetch(`${door.listener.origin}/mcp`, { method: 'POST', headers: headers(session), body: call });
  const seen = await read(post, 2);
  assert.deepEqual(seen[0]?.data, '', 'the first event only says from where to resume');
  assert.match(seen[1]?.data ?? '', /"progress":1/);
  const last = seen.at(-1)?.id ?? '';
  const resumed = await get(door, session, last);
  assert.equal(resumed.headers.get('content-type'), 'text/event-stream');
  finish();
  const rest = await read(resumed, 2);
  assert.match(rest[0]?.data ?? '', /"progress":2/);
  assert.match(rest[1]?.data ?? '', /"id":1,"result":\{"content":\[\{"type":"text","text":"at last"/);
  assert.equal(door.world.reached.length, 1, 'nothing was sent a second time');
});

test('A-14 only the session whose stream it is can resume it, and only until it has been read', async () => {
  const { door: opening, finish } = slow();
  await using door = await opening;
  const [own, second, other] = [await begin(door), await begin(door), await begin(door, '2025-11-25', 'token-b')];
  const post = await fetch(`${door.listener.origin}/mcp`, { method: 'POST', headers: headers(own), body: call });
  const last = (await read(post, 2)).at(-1)?.id ?? '';
  assert.equal((await get(door, second, last)).status, 403);
  assert.equal((await get(door, other, last, 'token-b')).status, 403);
  assert.equal((await get(door, own, last, 'token-b')).status, 404, 'another agent’s session does not exist');
  assert.equal((await get(door, own, last, 'token-unknown')).status, 401);
  for (const invented of [`${last}x`, last.replace(/^./, 'x'), '_1', '7'])
    assert.equal((await get(door, own, invented)).status, 403, invented);
  finish();
  await read(await get(door, own, last), 2);
  await new Promise(setImmediate);
  assert.equal((await get(door, own, last)).status, 403);
});

test('A-14 what was said in one task is resumed in no other, whichever session it was said in and for whom both are', async () => {
  const { door: opening, finish } = slow();
  await using door = await opening;
  const others = new Map([
    ['of-ben', { ...fakeTask, id: 't_ben', principal: 'user:ben' }],
    ['second', { ...fakeTask, id: 't_second' }],
  ]);
  Object.assign(door.world.ports.tasks, {
    require: async (_: unknown, token = '') => passed(others.get(token) ?? fakeTask),
  });
  const session = await begin(door);
  const post = await fetch(`${door.listener.origin}/mcp`, { method: 'POST', headers: headers(session), body: call });
  const last = (await read(post, 2)).at(-1)?.id ?? '';
  for (const token of others.keys())
    assert.equal((await get(door, session, last, 'token-a', { 'sallyport-task': token })).status, 403, token);
  finish();
  assert.match((await read(await get(door, session, last), 2)).at(-1)?.data ?? '', /at last/);
});

test('A-14 a stream is of the task in which its call was decided, also where the agent has another by its first byte', async () => {
  let task: Task = fakeTask;
  const { door: opening, finish } = slow(() => {
    task = { ...fakeTask, id: 't_next' };
  });
  await using door = await opening;
  Object.assign(door.world.ports.tasks, { require: async () => passed(task) });
  const session = await begin(door);
  const post = await fetch(`${door.listener.origin}/mcp`, { method: 'POST', headers: headers(session), body: call });
  const last = (await read(post, 2)).at(-1)?.id ?? '';
  assert.equal((await get(door, session, last)).status, 403);
  task = fakeTask;
  finish();
  assert.match((await read(await get(door, session, last), 2)).at(-1)?.data ?? '', /at last/);
});

test('earlier versions get no event without a message', async () => {
  const { door: opening, finish } = slow();
  await using door = await opening;
  const session = await begin(door, '2025-06-18');
  const post = await fetch(`${door.listener.origin}/mcp`, { method: 'POST', headers: headers(session), body: call });
  finish();
  const events = await read(post, 3);
  assert.deepEqual(
    events.map(({ id }) => id),
    [undefined, undefined, undefined],
  );
});

test('an answer that comes at once and never was a stream arrives whole', async () => {
  await using door = await openDoor({ upstream: async (_, { replyBytesMax }) => textResult('at once', replyBytesMax) });
  const session = await begin(door);
  const answer = await fetch(`${door.listener.origin}/mcp`, {
    method: 'POST',
    headers: headers(session),
    body: call,
    signal: AbortSignal.timeout(10_000),
  });
  assert.equal(answer.headers.get('content-type'), 'application/json');
  assert.match(await answer.text(), /at once/);
});

test('R-5 what one agent leaves unread takes nothing of what another needs', () => {
  const kept = new Kept();
  const mebibyte = 1024 * 1024;
  const filledBy = (agent: string): number => {
    let times = 0;
    while (kept.add(agent, mebibyte)) times++;
    return times;
  };
  assert.deepEqual(['one', 'two', 'three', 'four'].map(filledBy), [32, 16, 8, 4]);
  kept.drop('one', 32 * mebibyte);
  assert.equal(kept.add('four', 8 * mebibyte), true, 'what is read is free again');
});
