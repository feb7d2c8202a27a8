import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AskOptions, askModern, refusalOf } from '@sallyport/testkit/door/ask.ts';
import { withTasks } from '@sallyport/testkit/door/door-world.ts';
import { type OpenDoor, type OpenDoorOptions, openDoor } from '@sallyport/testkit/door/open-door.ts';
import { jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { errorCodes } from './wire/protocol.ts';

/** A server that runs every call as its task `job-1`, which asks for a name until it gets one. */
async function working(options: OpenDoorOptions = {}): Promise<OpenDoor> {
  let name: string | undefined;
  const door = await openDoor({
    upstream: ({ method, params }) => {
      const given = JSON.parse(params) as { inputResponses?: { name?: { content: { name: string } } } };
      name = given.inputResponses?.name?.content.name ?? name;
      return Promise.resolve({ kind: 'result', result: jsonObject(JSON.stringify(said(method, name))), bytes: 1 });
    },
    ...options,
  });
  withTasks(door.world);
  return door;
}

function said(method: string, name: string | undefined): object {
  const request = {
    method: 'elicitation/create',
    params: { message: 'Your name?', requestedSchema: { type: 'object' } },
  };
  if (method === 'tools/call') return { resultType: 'task', taskId: 'job-1', status: 'working', ttlMs: 1000 };
  if (method !== 'tasks/get') return { resultType: 'complete' };
  if (name === undefined)
    return { resultType: 'complete', taskId: 'job-1', status: 'input_required', inputRequests: { name: request } };
  const content = [{ type: 'resource_link', uri: 'file:///a', name }];
  return { resultType: 'complete', taskId: 'job-1', status: 'completed', result: { content } };
}

const extensions = { 'io.modelcontextprotocol/tasks': {} };
const capable: AskOptions = { capabilities: { extensions, elicitation: {} } };
const call = { name: 'files__read_file', arguments: { path: 'a' } };

async function begin(door: OpenDoor): Promise<string> {
  const { body } = await askModern(door, 'tools/call', call, capable);
  assert.equal(body.result?.resultType, 'task');
  return String(body.result?.taskId);
}

test('a task is known under an id of ours, and every request about it is decided', async () => {
  await using door = await working();
  const taskId = await begin(door);
  assert.doesNotMatch(taskId, /job/);
  const asked = await askModern(door, 'tasks/get', { taskId }, capable);
  assert.equal(asked.body.result?.taskId, taskId);
  const [key = ''] = Object.keys(asked.body.result?.inputRequests as object);
  const again = await askModern(door, 'tasks/get', { taskId }, capable);
  assert.deepEqual(Object.keys(again.body.result?.inputRequests as object), [key], 'the same question, the same key');

  const inputResponses = { [key]: { action: 'accept', content: { name: 'Emma' } }, other: { action: 'accept' } };
  await askModern(door, 'tasks/update', { taskId, inputResponses }, capable);
  const done = await askModern(door, 'tasks/get', { taskId }, capable);
  assert.deepEqual(done.body.result?.result, {
    content: [{ type: 'resource_link', uri: 'sallyport+files:file:///a', name: 'Emma' }],
  });
  await askModern(door, 'tasks/cancel', { taskId }, capable);
  assert.deepEqual(door.world.reached.slice(1), [
    'files tasks/get {"taskId":"job-1"}',
    'files tasks/get {"taskId":"job-1"}',
    'files tasks/update {"taskId":"job-1","inputResponses":{"name":{"action":"accept","content":{"name":"Emma"}}}}',
    'files tasks/get {"taskId":"job-1"}',
    'files tasks/cancel {"taskId":"job-1"}',
  ]);
  const decided = door.world.entries.flatMap(({ draft }) => (draft.kind === 'decided' ? [draft.action.tool] : []));
  assert.deepEqual(decided.slice(1), [
    'mcp:tasks/get',
    'mcp:tasks/get',
    'mcp:elicitation/create',
    'mcp:tasks/update',
    'mcp:tasks/get',
    'mcp:tasks/cancel',
  ]);
});

test("another's task is answered like one that never was", async () => {
  await using door = await working();
  await using other = await working();
  const taskId = await begin(door);
  const wrong = { ...capable, token: 'token-b' };
  const answers = await Promise.all([
    askModern(door, 'tasks/get', { taskId }, wrong),
    askModern(door, 'tasks/get', { taskId: 'job-1' }, capable),
    askModern(door, 'tasks/get', { taskId: `${taskId}A` }, capable),
    askModern(door, 'tasks/cancel', { taskId: taskId.slice(1) }, capable),
    askModern(door, 'tasks/get', { taskId }, { ...capable, path: '/mcp/web' }),
  ]);
  for (const { body } of answers)
    assert.deepEqual(
      [body.error?.code, body.error?.message],
      [errorCodes.invalidParams, 'params.taskId: is no task of this agent'],
    );
  assert.equal(door.world.reached.length, 1);
  // One installation, one key: the same gateway knows it after a restart.
  assert.equal((await askModern(other, 'tasks/get', { taskId }, capable)).body.result?.taskId, taskId);
});

test('a client that does not speak of tasks gets none, and cannot ask for one', async () => {
  await using door = await working();
  const { status, body } = await askModern(door, 'tasks/get', { taskId: 'x' }, { capabilities: {} });
  assert.deepEqual([status, body.error?.code], [400, errorCodes.capabilityRequired]);
  assert.deepEqual(body.error?.data?.requiredCapabilities, { extensions });
  const called = await askModern(door, 'tools/call', call, { capabilities: {} });
  assert.equal(refusalOf(called.body), 'withheld');
});

test('a request about a task, or an answer to it, that policy refuses does not leave', async () => {
  let refused = '';
  await using door = await working({ permits: ({ tool }) => tool.name !== refused });
  const taskId = await begin(door);
  const asked = await askModern(door, 'tasks/get', { taskId }, capable);
  const [key = ''] = Object.keys(asked.body.result?.inputRequests as object);
  const inputResponses = { [key]: { action: 'accept', content: { name: 'Emma' } } };
  for (const [name, method, params] of [
    ['mcp:tasks/get', 'tasks/get', { taskId }],
    ['mcp:tasks/cancel', 'tasks/cancel', { taskId }],
    ['mcp:tasks/update', 'tasks/update', { taskId, inputResponses }],
    ['mcp:elicitation/create', 'tasks/update', { taskId, inputResponses }],
  ] as const) {
    refused = name;
    assert.equal(refusalOf((await askModern(door, method, params, capable)).body), 'denied', name);
  }
  assert.equal(door.world.reached.length, 2);
});

test('B-7 a question of a task that the client cannot be asked is not shown', async () => {
  await using door = await working();
  const taskId = await begin(door);
  const { body } = await askModern(door, 'tasks/get', { taskId }, { capabilities: { extensions } });
  assert.equal(refusalOf(body), 'withheld');
  assert.doesNotMatch(JSON.stringify(body), /Your name/);
});

test('an answer cannot be passed off as one of another kind', async () => {
  await using door = await working();
  const taskId = await begin(door);
  const asked = await askModern(door, 'tasks/get', { taskId }, capable);
  const [key = ''] = Object.keys(asked.body.result?.inputRequests as object);
  const inputResponses = { [key.replace(/^e/, 'r')]: { roots: [] }, name: { roots: [] } };
  await askModern(door, 'tasks/update', { taskId, inputResponses }, capable);
  assert.equal(door.world.reached.at(-1), 'files tasks/update {"taskId":"job-1","inputResponses":{}}');
});

test('B-7 what a task asks as it begins is shown as the question of its server, and only to who can be asked', async () => {
  const params = { message: 'Your name?', requestedSchema: { type: 'object' } };
  const inputRequests = { name: { method: 'elicitation/create', params } };
  const begun = { resultType: 'task', taskId: 'job-1', status: 'input_required', inputRequests };
  const result = jsonObject(JSON.stringify(begun));
  await using door = await working({ upstream: () => Promise.resolve({ kind: 'result', result, bytes: 1 }) });
  const { body } = await askModern(door, 'tools/call', call, capable);
  const [[key, asked] = []] = Object.entries(body.result?.inputRequests as Record<string, unknown>);
  assert.match(key ?? '', /^e\.[\w-]{22}\.name$/);
  const message = `Asked by the server "files", not by Sallyport:\n${params.message}`;
  assert.deepEqual(asked, { method: 'elicitation/create', params: { ...params, message } });
  const mute: AskOptions = { capabilities: { extensions } };
  assert.equal(refusalOf((await askModern(door, 'tools/call', call, mute)).body), 'withheld');
});

test('B-7 what a task came to is held to what an answer is: no further question, and no error under a code of the gateway', async () => {
  const ended = async (over: object) => {
    const whole = { resultType: 'complete', taskId: 'job-1', ...over };
    await using door = await working({
      upstream: ({ method }) =>
        Promise.resolve({
          kind: 'result',
          result: jsonObject(JSON.stringify(method === 'tools/call' ? said(method, undefined) : whole)),
          bytes: 1,
        }),
    });
    return (await askModern(door, 'tasks/get', { taskId: await begin(door) }, capable)).body;
  };
  const asking = { resultType: 'input_required', inputRequests: { q: { method: 'elicitation/create', params: {} } } };
  assert.equal(refusalOf(await ended({ status: 'completed', result: asking })), 'withheld');
  const plain = { resultType: 'complete', content: [] };
  assert.deepEqual((await ended({ status: 'completed', result: plain })).result?.result, plain);
  const failed = async (error: object) => (await ended({ status: 'failed', error })).result?.error;
  const data = { code: 'denied', fix: 'pay first' };
  for (const code of [errorCodes.refused, errorCodes.unavailable])
    assert.deepEqual(await failed({ code, message: 'no', data }), { code: errorCodes.internal, message: 'no', data });
  assert.deepEqual(await failed({ code: -32000, message: 'no', data }), { code: -32000, message: 'no', data });
});
