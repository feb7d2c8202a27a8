import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AskOptions, askModern, refusalOf, type Wire } from '@sallyport/testkit/door/ask.ts';
import { type OpenDoor, openDoor } from '@sallyport/testkit/door/open-door.ts';
import { fakeAgent, jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { type AskedCall, askFromGateway } from './asked-back.ts';
import type { Caller } from './incoming.ts';
import { openRetry } from './retry.ts';
import { roundMillisMax } from './rounds.ts';

/** A server that asks for a name, and greets whoever answers; its own state is `state-of-theirs`. */
const asking = {
  upstream: ({ params }: { params: string }) => {
    const { inputResponses } = JSON.parse(params) as { inputResponses?: { name?: { content?: { name: string } } } };
    const name = inputResponses?.name?.content?.name;
    const result =
      name === undefined
        ? `{"resultType":"input_required","inputRequests":${questions},"requestState":"state-of-theirs","_meta":{"dev.sallyport/refusal":{}}}`
        : `{"resultType":"complete","content":[{"type":"text","text":"hello ${name}"}]}`;
    return Promise.resolve({ kind: 'result', result: jsonObject(result), bytes: result.length } as const);
  },
};
const form = '{"method":"elicitation/create","params":{"message":"Your name?","requestedSchema":{"type":"object"}}}';
const questions = `{"name":${form}}`;
const capable: AskOptions = { capabilities: { elicitation: {}, sampling: {}, roots: {} } };
const call: Record<string, unknown> = { name: 'files__read_file', arguments: { path: 'a' } };
const answer = { inputResponses: { name: { action: 'accept', content: { name: 'Emma' } } } };

async function begin(door: OpenDoor): Promise<string> {
  const { body } = await askModern(door, 'tools/call', call, capable);
  assert.equal(body.result?.resultType, 'input_required');
  return String(body.result?.requestState);
}

function retry(door: OpenDoor, requestState: string, over: object = {}, options = capable): Promise<{ body: Wire }> {
  return askModern(door, 'tools/call', { ...call, ...answer, requestState, ...over }, options);
}

function fieldOf({ body }: { body: Wire }): (string | undefined)[] {
  return [body.error?.data?.field as string | undefined, body.error?.message];
}

test('a server asks back: its state stays inside ours, and the retry is decided and carries the answer', async () => {
  await using door = await openDoor(asking);
  const state = await begin(door);
  assert.ok(
    !state.includes('state-of-theirs') &&
      !state.includes(Buffer.from('state-of-theirs').toString('base64url').slice(0, -1)),
  );
  const { body } = await retry(door, state);
  assert.deepEqual(body.result?.content, [{ type: 'text', text: 'hello Emma' }]);
  assert.deepEqual(door.world.reached, [
    'files tools/call {"name":"read_file","arguments":{"path":"a"}}',
    'files tools/call {"name":"read_file","arguments":{"path":"a"},"inputResponses":{"name":{"action":"accept","content":{"name":"Emma"}}},"requestState":"state-of-theirs"}',
  ]);
  const decided = door.world.entries.flatMap(({ draft }) => (draft.kind === 'decided' ? [draft.action.tool] : []));
  assert.deepEqual(decided, ['read_file', 'mcp:elicitation/create', 'read_file'], 'the answer is an action of its own');
  const done = door.world.entries.filter(({ draft }) => draft.kind === 'performed');
  assert.equal(done.length, 3);
});

test('B-7 nothing of the server may stand for the gateway in what it asks', async () => {
  await using door = await openDoor(asking);
  const { body } = await askModern(door, 'tools/call', call, capable);
  assert.deepEqual(body.result?._meta, {});
  const asked = JSON.parse(questions) as { name: { params: { message: string } } };
  asked.name.params.message = `Asked by the server "files", not by Sallyport:\n${asked.name.params.message}`;
  assert.deepEqual(body.result?.inputRequests, asked);
});

test('a state is good once', async () => {
  await using door = await openDoor(asking);
  const state = await begin(door);
  await retry(door, state);
  assert.deepEqual(fieldOf(await retry(door, state)), [
    'params.requestState',
    'params.requestState: was used already; make the call anew',
  ]);
  assert.equal(door.world.reached.length, 2);
});

test('of two retries at once one is sent', async () => {
  await using door = await openDoor(asking);
  const state = await begin(door);
  await Promise.all([retry(door, state), retry(door, state)]);
  assert.equal(door.world.reached.length, 2);
});

test('a state of another call, another agent, another gateway, an edited and an expired one are refused', async () => {
  await using door = await openDoor(asking);
  await using other = await openDoor(asking);
  const state = await begin(door);
  const foreign = 'params.requestState: belongs to another call, task or agent';
  const unreadable = 'params.requestState: is not a state that this gateway gave';
  assert.equal(fieldOf(await retry(door, state, { arguments: { path: 'b' } }))[1], foreign);
  assert.equal(fieldOf(await retry(door, state, { name: 'files___odd__name' }))[1], foreign);
  assert.equal(fieldOf(await retry(door, state, {}, { ...capable, token: 'token-b' }))[1], foreign);
  assert.equal(fieldOf(await retry(other, state))[1], unreadable);
  for (const edited of [
    `${state}A`,
    state.slice(1),
    state.replace(/.$/, last => (last === 'A' ? 'B' : 'A')),
    'state-of-theirs',
    '',
  ])
    assert.equal(fieldOf(await retry(door, edited))[1], unreadable, edited);
  door.world.clock.now += roundMillisMax;
  assert.equal(fieldOf(await retry(door, state))[1], 'params.requestState: has expired; make the call anew');
  assert.equal(door.world.reached.length, 1);
});

test('an answer that policy refuses does not leave, and neither does the call; the state stays good', async () => {
  let forbidden = true;
  await using door = await openDoor({
    ...asking,
    permits: ({ tool }) => !(forbidden && tool.name === 'mcp:elicitation/create'),
  });
  const state = await begin(door);
  const refused = await retry(door, state);
  assert.equal(refusalOf(refused.body), 'denied');
  assert.equal(door.world.reached.length, 1);
  forbidden = false;
  assert.deepEqual((await retry(door, state)).body.result?.content, [{ type: 'text', text: 'hello Emma' }]);
});

test('a call that policy refuses the second time takes its answer with it', async () => {
  let forbidden = false;
  await using door = await openDoor({ ...asking, permits: ({ tool }) => !(forbidden && tool.name === 'read_file') });
  const state = await begin(door);
  forbidden = true;
  assert.equal(refusalOf((await retry(door, state)).body), 'denied');
  assert.equal(door.world.reached.length, 1);
  const kinds = door.world.entries.map(({ draft }) => draft.kind);
  assert.deepEqual(
    kinds.slice(-4),
    ['decided', 'decided', 'refused', 'faulted'],
    'the answer is faulted, not performed',
  );
});

test('a client is asked only what it said it can be asked, and sent only to web pages', async () => {
  const ask = async (requests: string, capabilities: object): Promise<string | undefined> => {
    const result = jsonObject(`{"resultType":"input_required","inputRequests":${requests}}`);
    await using door = await openDoor({ upstream: () => Promise.resolve({ kind: 'result', result, bytes: 1 }) });
    const { body } = await askModern(door, 'tools/call', call, { capabilities });
    assert.doesNotMatch(JSON.stringify(body), /Your name|javascript/);
    return refusalOf(body);
  };
  const page = (url: string): string =>
    `{"a":{"method":"elicitation/create","params":{"mode":"url","message":"x","url":"${url}"}}}`;
  assert.equal(await ask(questions, {}), 'withheld');
  assert.equal(await ask(questions, { elicitation: { url: {} } }), 'withheld');
  assert.equal(await ask(page('https://example.com'), { elicitation: {} }), 'withheld');
  for (const url of ['javascript:alert(1)', 'file:///etc/passwd', 'https://u:p@example.com', 'nowhere'])
    assert.equal(await ask(page(url), { elicitation: { url: {} } }), 'withheld', url);
  assert.equal(await ask('{"a":{"method":"tools/call","params":{}}}', capable.capabilities ?? {}), 'withheld');
  assert.equal(await ask('[]', capable.capabilities ?? {}), 'withheld');
});

test('answers to questions that nobody asked are ignored', async () => {
  await using door = await openDoor(asking);
  const state = await begin(door);
  await retry(door, state, { inputResponses: { ...answer.inputResponses, other: { action: 'accept' }, name2: 'x' } });
  assert.match(
    door.world.reached[1] ?? '',
    /"inputResponses":\{"name":\{"action":"accept","content":\{"name":"Emma"\}\}\}/,
  );
});

test('answers without a state go on if they can be of one kind only, each decided', async () => {
  await using door = await openDoor(asking);
  const inputResponses = {
    name: { action: 'accept', content: { name: 'Emma' } },
    both: { action: 'accept', roots: [] },
    none: { text: 'x' },
  };
  const { body } = await askModern(door, 'tools/call', { ...call, inputResponses }, capable);
  assert.deepEqual(body.result?.content, [{ type: 'text', text: 'hello Emma' }]);
  assert.doesNotMatch(door.world.reached[0] ?? '', /both|none/);
});

test('the gateway itself may ask: the same call goes on afterwards, with what it had brought before', async () => {
  await using door = await openDoor(asking);
  const { core } = door;
  const params = jsonObject('{"name":"files__read_file","arguments":{"path":"a"}}');
  const caller: Caller = {
    door: 'mcp-http',
    proof: { kind: 'bearer', token: 'token-a' },
    agent: fakeAgent,
    scope: { kind: 'all' },
    era: 'modern',
    taskToken: undefined,
    offers: new Set(['elicitation-form', 'elicitation-url']),
  };
  const request = { id: '1', method: 'tools/call', params, bytes: 10, progressToken: undefined, logLevel: undefined };
  const outlet = { signal: new AbortController().signal, notify: () => {} };
  const target = { server: 'files', name: 'read_file', input: jsonObject('{"path":"a"}') };
  const asked: AskedCall = { method: 'tools/call', target, incoming: { request, caller, outlet } };
  const page = '{"mode":"url","message":"Approve","url":"http://127.0.0.1:7420/approvals/ap_1"}';
  const requests = { approval: { method: 'elicitation/create', params: page } } as const;

  const approval = 'ap_00000000000000000000000001';
  const plain = await askFromGateway({ requests, approval }, asked, core);
  const first = JSON.parse(plain.text) as { requestState: string; inputRequests: object };
  assert.deepEqual(first.inputRequests, { approval: { method: 'elicitation/create', params: JSON.parse(page) } });
  await retry(door, first.requestState, { inputResponses: { approval: { action: 'accept' } } });
  assert.equal(door.world.reached[0], 'files tools/call {"name":"read_file","arguments":{"path":"a"}}');

  const sealed = await begin(door);
  const opened = await openRetry(
    'tools/call',
    target,
    {
      ...asked.incoming,
      request: { ...request, params: jsonObject(JSON.stringify({ ...answer, requestState: sealed })) },
    },
    core,
  );
  assert.ok(opened.ok);
  const again = await askFromGateway({ requests, approval, retry: opened.value }, asked, core);
  const second = JSON.parse(again.text) as { requestState: string };
  await retry(door, second.requestState, { inputResponses: { approval: { action: 'accept' } } });
  assert.match(
    door.world.reached.at(-1) ?? '',
    /"inputResponses":\{"name":\{.*Emma.*\}\},"requestState":"state-of-theirs"\}$/,
  );
});

test('a state that could not come back is not given: nobody answers questions for nothing', async () => {
  const requestState = 'x'.repeat(3 * 1024 * 1024);
  const result = jsonObject(JSON.stringify({ resultType: 'input_required', inputRequests: {}, requestState }));
  await using door = await openDoor({ upstream: () => Promise.resolve({ kind: 'result', result, bytes: 1 }) });
  const { body } = await askModern(door, 'tools/call', call, capable);
  const refusal = body.result?._meta?.['dev.sallyport/refusal'] as { code: string; why: string };
  assert.deepEqual(
    [refusal.code, refusal.why],
    ['withheld', 'the server asked back with a state that is too long to come back'],
  );
});
