import assert from 'node:assert/strict';
import { mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type AgentCard, generateAgentCardSignature, SendMessageRequest, TaskState } from '@a2a-js/sdk';
import { type Client, ClientFactory, JsonRpcTransportFactory, RestTransportFactory } from '@a2a-js/sdk/client';
import { openTestAgent, type TestAgent } from '@sallyport/testkit/a2a/agent.ts';
import { exportJWK, generateKeyPair } from 'jose';
import { parseConfig } from '../config/config.ts';
import { type Gateway, startGateway } from '../gateway.ts';

const policies = `@id("all") permit (principal, action, resource)
unless { principal == Agent::"writer" && action == Action::"plain/a2a:ListTasks" };
@id("no-secrets") @reason("that word stays here") forbid (principal, action == Action::"booking/a2a:SendMessage", resource)
when { context.flow.untrusted && principal == Agent::"clerk" };`;

interface Asked {
  readonly tasks: readonly { id: string; agent: string; state: string; parent?: string; labels: unknown[] }[];
  readonly entries: readonly { kind: string; task?: string; action?: { tool: string }; code?: string; why?: string }[];
}

describe('A2A 1.0 with the official SDK on both sides', () => {
  const folder = mkdtempDisposableSync(join(tmpdir(), 'sallyport-a2a-'));
  let [agent, signer] = [
    undefined as unknown as TestAgent,
    undefined as unknown as (card: AgentCard) => Promise<AgentCard>,
  ];
  let resting: TestAgent;
  let gateway: Gateway;
  let [writer, other] = ['', ''];
  let heardTask: string | undefined;

  before(async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'card-1', use: 'sig' };
    writeFileSync(join(folder.path, 'card.jwks.json'), JSON.stringify({ keys: [jwk] }));
    signer = generateAgentCardSignature(privateKey, { alg: 'ES256', kid: 'card-1', typ: 'JOSE' });
    agent = await openTestAgent({
      sign: signer,
      working: async ({ headers }) => {
        heardTask = headers['sallyport-task'] as string | undefined;
      },
    });
    resting = await openTestAgent({ binding: 'HTTP+JSON' });
    writeFileSync(join(folder.path, 'a.cedar'), policies);
    const config = parseConfig(
      join(folder.path, 'sallyport.yaml'),
      `listen: 127.0.0.1:0
policies: .
agents:
  writer: { principal: "user:emma" }
  other: { principal: "user:noor" }
  clerk: { principal: "system:booking" }
a2a:
  booking: { url: "${agent.url}", keys: card.jwks.json, push: ["https://hooks.example.org/a2a/"], agent: clerk }
  plain: { url: "${agent.url}" }
  resting: { url: "${resting.url}", push: ["https://hooks.example.org/a2a/"] }
`,
    );
    const { path } = folder;
    gateway = await startGateway({
      ...{ config, stateDir: join(path, 'state'), version: '0', log: () => {}, onShutdown: () => {} },
      onFailure: why => assert.fail(why),
    });
    for (const name of ['writer', 'other']) {
      const { token } = await ask<{ token: string }>(`agents/${name}/token`, {});
      if (name === 'writer') writer = token;
      else other = token;
    }
  });
  after(async () => {
    await gateway.close();
    await agent[Symbol.asyncDispose]();
    await resting[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  async function ask<T = Asked>(path: string, body?: object): Promise<T> {
    const key = readFileSync(join(folder.path, 'state', 'operator.key'), 'utf8').trim();
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const init = body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) };
    return (await (await fetch(`${gateway.url}/api/v1/${path}`, init)).json()) as T;
  }

  const fetchAs =
    (token: string): typeof fetch =>
    (input, init) => {
      const headers = new Headers(init?.headers);
      headers.set('authorization', `Bearer ${token}`);
      return fetch(input, { ...init, headers });
    };

  async function clientOf(token: string, binding: 'JSONRPC' | 'HTTP+JSON', peer = 'booking'): Promise<Client> {
    const fetchImpl = fetchAs(token);
    const transports = [new JsonRpcTransportFactory({ fetchImpl }), new RestTransportFactory({ fetchImpl })];
    const card = (await (await fetchImpl(`${gateway.url}/a2a/${peer}/.well-known/agent-card.json`)).json()) as never;
    const factory = new ClientFactory({ transports, preferredTransports: [binding] });
    return await factory.createFromAgentCard(card);
  }

  const saying = (text: string, taskId?: string): SendMessageRequest =>
    SendMessageRequest.fromJSON({
      message: { messageId: crypto.randomUUID(), role: 'ROLE_USER', parts: [{ text }], ...(taskId ? { taskId } : {}) },
    });

  const openTasks = async (of: string): Promise<Asked['tasks']> =>
    (await ask('tasks')).tasks.filter(task => task.agent === of);

  for (const [binding, peer] of [
    ['JSONRPC', 'booking'],
    ['HTTP+JSON', 'booking'],
    ['JSONRPC', 'resting'],
    ['HTTP+JSON', 'resting'],
  ] as const)
    describe(`${binding}, to an agent that speaks ${peer === 'booking' ? 'JSON-RPC' : 'HTTP+JSON'}`, () => {
      test('a message is answered, recorded as an action, and what came back is labelled', async () => {
        const answer = await (await clientOf(writer, binding, peer)).sendMessage(saying('answer me'));
        assert.ok('parts' in answer);
        assert.deepEqual(answer.parts[0]?.content, { $case: 'text', value: 'you said: answer me' });
        // The index of entries follows the journal: it is waited for.
        const newest = async () => (await ask('entries?kind=decided')).entries.at(-1)?.action?.tool;
        while ((await newest()) !== 'a2a:SendMessage') await new Promise(setImmediate);
        const [task] = await openTasks('writer');
        assert.match(JSON.stringify(task?.labels), /untrusted/);
      });

      test('a stream is relayed event by event, to its end', async () => {
        const client = await clientOf(writer, binding, peer);
        const kinds: string[] = [];
        for await (const event of client.sendMessageStream(saying('work'))) kinds.push(event.payload?.$case ?? '');
        assert.deepEqual(kinds, ['task', 'statusUpdate']);
      });

      test('a task is followed, listed, reported on within the allow-list, and cancelled', async () => {
        const client = await clientOf(writer, binding, peer);
        const stream = client.sendMessageStream(saying('wait'));
        const first = (await stream.next()).value;
        assert.ok(first?.payload?.$case === 'task');
        const { id } = first.payload.value;
        const state = async () => (await client.getTask({ tenant: '', id })).status?.state;
        assert.equal(await state(), TaskState.TASK_STATE_WORKING);
        const list = await client.listTasks({
          ...{ tenant: '', contextId: '', status: 0, pageToken: '', statusTimestampAfter: undefined },
        });
        assert.ok(list.tasks.length >= 1);
        const push = { tenant: '', id: 'c1', taskId: id, token: '', authentication: undefined };
        const allowed = await client.createTaskPushNotificationConfig({
          ...push,
          url: 'https://hooks.example.org/a2a/1',
        });
        assert.equal(allowed.taskId !== '', true);
        for (const url of [
          'http://127.0.0.1:9/',
          'https://hooks.example.org/a2a/../x',
          'https://hooks.example.org.evil/a2a/',
          'https://hooks.example.org\\a2a\\@evil.example/',
          'https://hooks.example.org/a2a/..%2fx',
          'https:hooks.example.org/a2a/x',
          'https://hooks.example.org\t/a2a/x',
        ])
          await assert.rejects(
            client.createTaskPushNotificationConfig({ ...push, url }),
            /not one that the agent/,
            url,
          );
        const one = { tenant: '', taskId: id, id: 'c1' };
        assert.equal((await client.getTaskPushNotificationConfig(one)).url, 'https://hooks.example.org/a2a/1');
        const configs = await client.listTaskPushNotificationConfig({ ...one, pageSize: 10, pageToken: '' });
        assert.equal(configs.configs.length, 1);
        await client.deleteTaskPushNotificationConfig(one);
        const again = client.resubscribeTask({ tenant: '', id });
        assert.equal((await again.next()).value?.payload?.$case, 'task');
        assert.equal(
          (await client.cancelTask({ tenant: '', id, metadata: undefined })).status?.state,
          TaskState.TASK_STATE_CANCELED,
        );
        await stream.return(undefined);
        await again.return(undefined);
      });

      test("F-6 another one's task, an invented one and one that is not there are the same to an agent", async () => {
        const sent = await (await clientOf(writer, binding, peer)).sendMessage(saying('later'));
        assert.ok('status' in sent);
        const stranger = await clientOf(other, binding, peer);
        const errors = await Promise.all(
          [sent.id, 'x', crypto.randomUUID()].map(id =>
            stranger.getTask({ tenant: '', id }).then(
              () => 'found',
              (thrown: Error) => `${thrown.constructor.name}: ${thrown.message}`,
            ),
          ),
        );
        assert.equal(new Set(errors).size, 1, errors.join(' | '));
        assert.match(errors[0] ?? '', /no such task/i);
        await assert.rejects(stranger.sendMessage(saying('work', sent.id)), /no such task/i);
        const list = await stranger.listTasks({
          ...{ tenant: '', contextId: '', status: 0, pageToken: '', statusTimestampAfter: undefined },
        });
        assert.deepEqual([list.tasks, list.totalSize], [[], 0]);
        await (await clientOf(writer, binding, peer)).sendMessage(saying('work', sent.id));
      });
    });

  test('K-7 delegation and labels travel by a task below the sender, which ends with the task that it is bound to', async () => {
    const client = await clientOf(writer, 'JSONRPC');
    const sent = await client.sendMessage(saying('later'));
    assert.ok('status' in sent);
    assert.match(heardTask ?? '', /^spt_/);
    const [below] = await openTasks('clerk');
    const [sender] = await openTasks('writer');
    assert.equal(below?.parent, sender?.id);
    assert.match(JSON.stringify(below?.labels), /untrusted/, 'it has read what the sender has');
    const first = heardTask;
    await client.sendMessage(saying('work', sent.id));
    assert.equal(heardTask, first, 'the same work, the same task');
    assert.deepEqual(await openTasks('clerk'), []);
    const { task } = await ask<{ task: { ended?: { by: string; why: string } } }>(`tasks/${below?.id}`);
    assert.deepEqual(
      [task.ended?.by, task.ended?.why],
      ['agent:booking', 'its task there ended (TASK_STATE_COMPLETED)'],
    );
  });

  test('K-7 a message whose answer is lost leaves its task open, which is said, and goes on in it when it is sent again', async () => {
    const client = await clientOf(writer, 'JSONRPC');
    const message = saying('later');
    agent.isMute = true;
    const refused = await client.sendMessage(message).then(() => '', String);
    agent.isMute = false;
    assert.match(refused, /its effect is not known: .*; task \S+ stays open until it has rested 3600 s/);
    const first = heardTask;
    const [below] = await openTasks('clerk');
    const lost = async () => (await ask('entries?kind=indeterminate')).entries.at(-1)?.why;
    while ((await lost()) === undefined) await new Promise(setImmediate);
    assert.match(
      (await lost()) ?? '',
      new RegExp(
        `; task ${below?.id} stays open until it has rested 3600 s; the same messageId sent again goes on in it`,
      ),
    );
    const again = await client.sendMessage(message);
    assert.ok('status' in again);
    assert.equal(heardTask, first, 'the same work, the same task');
    assert.deepEqual(
      (await openTasks('clerk')).map(({ id }) => id),
      [below?.id],
    );
    await client.sendMessage(saying('work', again.id));
    assert.deepEqual(await openTasks('clerk'), []);
  });

  test('every operation reaches an agent over HTTP+JSON by its own path, below a tenant too, and its errors keep their names', async () => {
    const client = await clientOf(writer, 'JSONRPC', 'resting');
    assert.match((await client.getAgentCard()).description, /says more/, 'the extended card');
    const done = await client.sendMessage({ ...saying('work'), tenant: 'acme' });
    assert.ok('status' in done);
    await assert.rejects(client.cancelTask({ tenant: 'acme', id: done.id, metadata: undefined }), (thrown: Error) => {
      const idsThere = resting.heard.flatMap(({ path }) => path.match(/[0-9a-f]{8}-[0-9a-f-]{27}/g) ?? []);
      assert.ok(idsThere.length > 0);
      for (const id of idsThere)
        assert.ok(!thrown.message.includes(id), 'F-6 the other agent’s words name the task as it knows it');
      assert.match(thrown.message, /cannot be cancelled any more/);
      return /NotCancelable/.test(thrown.constructor.name);
    });
    const got = await client.getTask({ tenant: 'acme', id: done.id, historyLength: 3 });
    assert.equal(got.status?.state, TaskState.TASK_STATE_COMPLETED);
    const asked = new Set(resting.heard.map(({ path }) => path.replace(/[0-9a-f-]{36}/g, 'ID').replace(/\?.*/, '')));
    for (const path of [
      ...['POST /rest/message:send', 'POST /rest/acme/message:send', 'POST /rest/message:stream', 'GET /rest/tasks'],
      ...[
        'GET /rest/tasks/ID',
        'GET /rest/acme/tasks/ID',
        'POST /rest/tasks/ID:cancel',
        'POST /rest/tasks/ID:subscribe',
      ],
      ...['POST', 'GET'].map(method => `${method} /rest/tasks/ID/pushNotificationConfigs`),
      ...['GET', 'DELETE'].map(method => `${method} /rest/tasks/ID/pushNotificationConfigs/c1`),
      'GET /rest/extendedAgentCard',
    ])
      assert.ok(asked.has(path), `${path} in ${[...asked].join(', ')}`);
    assert.ok(resting.heard.some(({ path }) => path.endsWith('?historyLength=3')));
  });

  test('F-6 with the task that came along, an agent may not do what is forbidden to either, nor what the one that asked may not do', async () => {
    await (await clientOf(writer, 'JSONRPC')).sendMessage(saying('later'));
    const [below] = await openTasks('clerk');
    assert.ok(below);
    const clerk = (await ask<{ token: string }>('agents/clerk/token', {})).token;
    const said = async (peer: string, method: string, params: unknown, task: string): Promise<string> => {
      const headers = { authorization: `Bearer ${clerk}`, 'content-type': 'application/json', 'a2a-version': '1.0' };
      const answer = await fetch(`${gateway.url}/a2a/${peer}`, {
        method: 'POST',
        headers: task === '' ? headers : { ...headers, 'sallyport-task': task },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      });
      return await answer.text();
    };
    const sending = SendMessageRequest.toJSON(saying('answer'));
    assert.match(await said('booking', 'SendMessage', sending, heardTask ?? ''), /no-secrets/);
    assert.match(await said('plain', 'ListTasks', {}, heardTask ?? ''), /asked-by-less/, 'the writer may not do it');
    assert.match(await said('plain', 'ListTasks', {}, ''), /"result"/, 'for itself it may');
    await ask(`tasks/${below.id}/end`, {});
  });

  test('what the sender writes into a message is not what goes along: a token of its own choice never does', async () => {
    const plain = await clientOf(writer, 'JSONRPC', 'plain');
    heardTask = 'untouched';
    await plain.sendMessage({ ...saying('answer'), metadata: { 'sallyport-task': 'spt_forged' } });
    assert.equal(heardTask, undefined);
  });

  test('a card that is not signed with a configured key, or leads to another host, is not used', async () => {
    const signed = agent.card as { signatures: unknown[]; skills: { name: string }[] };
    const card = async (peer: string) =>
      await fetchAs(writer)(`${gateway.url}/a2a/${peer}/.well-known/agent-card.json`);
    assert.equal((await card('booking')).status, 200);
    const tampered = structuredClone(signed);
    Object.assign(tampered.skills[0] ?? {}, { name: 'Steal' });
    for (const other of [tampered, { ...signed, signatures: [] }]) {
      agent.card = other;
      assert.equal((await card('booking')).status, 502);
      assert.equal((await card('plain')).status, 200, 'no key is configured there');
    }
    const elsewhere = { url: 'https://evil.example/rpc', protocolBinding: 'JSONRPC', protocolVersion: '1.0' };
    agent.card = { ...signed, supportedInterfaces: [elsewhere] };
    assert.match(await (await card('plain')).text(), /another host/);
    const states = async () =>
      (await ask<{ status: { servers: { id: string; state: string; why?: string }[] } }>('status')).status.servers;
    assert.match(
      JSON.stringify(await states()),
      /"id":"plain","transport":"a2a","tools":12,"state":"down","why":"its card names an endpoint on another host/,
    );
    agent.card = signed;
    const text = await (await card('booking')).text();
    assert.ok(!text.includes(agent.url), 'its own address is ours to know');
    assert.match(text, /"protocolBinding":"HTTP\+JSON"/);
    assert.equal((await states()).find(({ id }) => id === 'booking')?.state, 'ready');
  });

  test('the extended card is read through the line as well, and leads to us', async () => {
    const card = await (await clientOf(writer, 'JSONRPC')).getAgentCard();
    assert.equal(card.description, 'An agent that says more to who it knows.');
    assert.ok(card.supportedInterfaces.every(({ url }) => url === `${gateway.url}/a2a/booking`));
    assert.deepEqual(card.signatures, []);
  });

  test('A2A 0.3, an unknown agent, and a caller without proof are refused', async () => {
    const rpc = { jsonrpc: '2.0', id: 1, method: 'message/send', params: {} };
    const post = (path: string, headers: Record<string, string>) =>
      fetch(`${gateway.url}/a2a/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(rpc),
      });
    const authorization = `Bearer ${writer}`;
    assert.match(await (await post('booking', { authorization })).text(), /"code":-32009/);
    const old = JSON.stringify({ ...rpc, method: 'SendMessage' });
    const refused = await fetch(`${gateway.url}/a2a/booking`, {
      ...{ method: 'POST', body: old, headers: { authorization, 'content-type': 'application/json' } },
    });
    assert.match(await refused.text(), /"code":-32009.*VERSION_NOT_SUPPORTED/);
    assert.equal((await post('nobody', { authorization })).status, 404);
    assert.equal((await post('booking', {})).status, 401);
    assert.equal((await post('nobody', {})).status, 401, 'which agents there are is told to nobody');
  });

  test('F-6 a member under the name that other readers of the same message know, or twice, reaches nobody', async () => {
    const sent = await (await clientOf(writer, 'JSONRPC')).sendMessage(saying('later'));
    assert.ok('status' in sent);
    const said = { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'answer' }] };
    const message = JSON.stringify(said);
    const url = 'http://169.254.169.254/';
    const bodies = [
      JSON.stringify({ message: { ...said, task_id: 'T-1' } }),
      JSON.stringify({ message: { ...said, reference_task_ids: ['T-1'] } }),
      JSON.stringify({ message: said, configuration: { task_push_notification_config: { url } } }),
      JSON.stringify({ message: said, url }),
      JSON.stringify({ message: said, configuration: { taskPushNotificationConfig: [{ url }] } }),
      JSON.stringify({ message: { ...said, taskId: ['T-1'] } }),
      `{"message":${message},"message":${message}}`,
    ];
    const post = async (body: string, path = ''): Promise<string> => {
      const headers = { 'content-type': 'application/json', 'a2a-version': '1.0' };
      return await (
        await fetchAs(writer)(`${gateway.url}/a2a/booking${path}`, { method: 'POST', headers, body })
      ).text();
    };
    const before = agent.heard.length;
    for (const params of bodies) {
      const rpc = `{"jsonrpc":"2.0","id":1,"method":"SendMessage","params":${params}}`;
      assert.match(await post(rpc), /"error":/, params);
      assert.match(await post(params, '/message:send'), /"error":/, params);
      assert.match(await post(`[${rpc}]`), /"error":/);
    }
    assert.equal(agent.heard.length, before);
  });

  test('a path below a tenant is the same operation, and is decided as such', async () => {
    const before = agent.heard.length;
    const answer = await fetchAs(writer)(`${gateway.url}/a2a/booking/acme/message:send`, {
      method: 'POST',
      headers: { 'content-type': 'application/a2a+json', 'a2a-version': '1.0' },
      body: JSON.stringify(SendMessageRequest.toJSON(saying('answer'))),
    });
    assert.equal(answer.status, 200);
    assert.match(agent.heard.at(-1)?.body ?? '', /"tenant":"acme"/);
    assert.ok(agent.heard.length > before);
  });

  test('a body without a type is refused, and not left out of what is done', async () => {
    const sent = await (await clientOf(writer, 'HTTP+JSON')).sendMessage(saying('wait'));
    assert.ok('status' in sent);
    const cancel = (body?: Uint8Array): Promise<Response> =>
      fetchAs(writer)(`${gateway.url}/a2a/booking/tasks/${sent.id}:cancel`, {
        ...{ method: 'POST', headers: { 'a2a-version': '1.0' } },
        ...(body === undefined ? {} : { body }),
      });
    const before = agent.heard.length;
    const refused = await cancel(Buffer.from('{"metadata":{"why":"it is late"}}'));
    assert.equal(refused.status, 415, await refused.text());
    assert.equal(agent.heard.length, before);
    assert.equal((await cancel()).status, 200, 'no body is none');
  });
});
