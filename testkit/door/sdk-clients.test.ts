import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client as Client2, StreamableHTTPClientTransport as Http2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as Stdio2 } from '@modelcontextprotocol/client/stdio';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as Stdio1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as Http1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { jsonObject, textResult } from '../fakes/ports.ts';
import type { Upstream } from './door-world.ts';
import { type OpenDoor, openDoor } from './open-door.ts';

/** The official clients of both eras against the doors: what they send is taken, and what they get they understand. */
type AnyClient = Client1 | Client2;

interface Peer {
  readonly name: string;
  readonly era: 'modern' | 'legacy';
  readonly connect: (door: OpenDoor, path: string) => Promise<AnyClient>;
}

/** For whom the server was asked. */
const assistant = { agent: 'assistant', principal: 'user:emma', task: undefined };
const info = { name: 'peer', version: '0.0.0' };
const headers = { authorization: 'Bearer token-a' };
const shim = fileURLToPath(new URL('shim-main.ts', import.meta.url));

function urlOf(door: OpenDoor, path: string): URL {
  return new URL(path, door.listener.origin);
}

function child(
  door: OpenDoor,
  path: string,
): { command: string; args: string[]; env: Record<string, string>; stderr: 'ignore' } {
  const server = path.slice('/mcp/'.length);
  const env = { SHIM_SOCKET: door.socket.path, ...(server === '' ? {} : { SHIM_SERVER: server }) };
  return { command: process.execPath, args: [shim], env, stderr: 'ignore' };
}

type Negotiation = { mode: 'auto' } | { mode: 'legacy' } | { mode: { pin: string } };

async function client2(transport: Http2 | Stdio2, versionNegotiation: Negotiation): Promise<Client2> {
  const client = new Client2(info, { versionNegotiation });
  await client.connect(transport);
  return client;
}

async function client1(transport: Http1 | Stdio1): Promise<Client1> {
  const client = new Client1(info, { capabilities: {} });
  await client.connect(transport as Parameters<Client1['connect']>[0]);
  return client;
}

const pin = { mode: { pin: '2026-07-28' } };
const peers: readonly Peer[] = [
  {
    name: 'client 2.4.0, modern, over HTTP',
    era: 'modern',
    connect: (door, path) => client2(new Http2(urlOf(door, path), { requestInit: { headers } }), pin),
  },
  {
    name: 'client 2.4.0, negotiating, over HTTP',
    era: 'modern',
    connect: (door, path) => client2(new Http2(urlOf(door, path), { requestInit: { headers } }), { mode: 'auto' }),
  },
  {
    name: 'client 2.4.0, legacy, over HTTP',
    era: 'legacy',
    connect: (door, path) => client2(new Http2(urlOf(door, path), { requestInit: { headers } }), { mode: 'legacy' }),
  },
  {
    name: 'sdk 1.32.2 over HTTP',
    era: 'legacy',
    connect: (door, path) => client1(new Http1(urlOf(door, path), { requestInit: { headers } })),
  },
  {
    name: 'client 2.4.0, negotiating, over stdio',
    era: 'modern',
    connect: (door, path) => client2(new Stdio2(child(door, path)), { mode: 'auto' }),
  },
  {
    name: 'client 2.4.0, legacy, over stdio',
    era: 'legacy',
    connect: (door, path) => client2(new Stdio2(child(door, path)), { mode: 'legacy' }),
  },
  {
    name: 'sdk 1.32.2 over stdio',
    era: 'legacy',
    connect: (door, path) => client1(new Stdio1(child(door, path))),
  },
];

/** Held back until the test has seen the progress: some clients forget their handler with the answer. */
let paid: Promise<void> = Promise.resolve();

/** `pay` tells of its progress; `open` never answers by itself. */
const upstream: Upstream = (action, { onNotice, signal, replyBytesMax }) => {
  if (action.tool.name === 'pay') {
    for (const progress of [1, 2])
      onNotice({ method: 'notifications/progress', params: jsonObject(`{"progressToken":0,"progress":${progress}}`) });
    return paid.then(() => textResult('paid', replyBytesMax));
  }
  if (action.tool.name !== 'open') return undefined;
  return new Promise(resolve => {
    const lost = { kind: 'lost', sent: true, code: 'cancelled', why: 'the agent cancelled it' } as const;
    signal.addEventListener('abort', () => resolve(lost));
  });
};

for (const peer of peers) {
  test(`${peer.name}: lists, calls, prompts, resources, completion`, async () => {
    await using door = await openDoor({ upstream });
    const client = await peer.connect(door, '/mcp');
    try {
      assert.equal(client.getServerVersion()?.name, 'sallyport');
      const { tools } = await client.listTools();
      assert.deepEqual(
        tools.map(tool => tool.name),
        ['_odd__name', 'forbidden', 'open', 'pay', 'read_file', 'regional']
          .map(name => `files__${name}`)
          .concat('web__fetch'),
      );
      const called = await client.callTool({ name: 'files___odd__name', arguments: { path: 'a' } });
      assert.deepEqual(called.content, [
        { type: 'text', text: 'files got {"name":"_odd__name","arguments":{"path":"a"}}' },
      ]);
      const refused = await client.callTool({ name: 'files__forbidden', arguments: { path: 'a' } });
      assert.equal(refused.isError, true);
      const detail = (refused._meta as Record<string, { code: string; rule: string; decision: string }>)[
        'dev.sallyport/refusal'
      ];
      assert.equal(detail?.code, 'denied');
      assert.equal(detail?.rule, 'p');
      assert.match(
        JSON.stringify(refused.content),
        new RegExp(`Refused files/forbidden .*Decision ${detail?.decision}`),
      );

      assert.deepEqual(
        (await client.listPrompts()).prompts.map(prompt => prompt.name),
        ['files__summarise'],
      );
      const prompt = await client.getPrompt({ name: 'files__summarise', arguments: { path: 'a' } });
      assert.match(JSON.stringify(prompt.messages), /summarise/);
      const { resources } = await client.listResources();
      assert.deepEqual(
        resources.map(resource => resource.uri),
        ['sallyport+files:file:///files.txt', 'sallyport+web:file:///web.txt'],
      );
      const read = await client.readResource({ uri: 'sallyport+web:file:///web.txt' });
      assert.deepEqual(read.contents[0], { uri: 'sallyport+web:file:///web.txt', text: 'content from web' });
      const templates = await client.listResourceTemplates();
      assert.deepEqual(
        templates.resourceTemplates.map(template => template.uriTemplate),
        ['sallyport+files:file:///{path}'],
      );
      const completed = await client.complete({
        ref: { type: 'ref/prompt', name: 'files__summarise' },
        argument: { name: 'path', value: 'o' },
      });
      assert.deepEqual(completed.completion.values, ['one', 'two']);
      assert.deepEqual(door.world.reached.slice(1, 4), [
        'files prompts/get {"name":"summarise","arguments":{"path":"a"}}',
        'files resources/list {}',
        'web resources/list {}',
      ]);
    } finally {
      await client.close();
    }
  });

  test(`${peer.name}: one server under its own path keeps its own names`, async () => {
    await using door = await openDoor({ upstream });
    const client = await peer.connect(door, '/mcp/web');
    try {
      assert.deepEqual(
        (await client.listTools()).tools.map(tool => tool.name),
        ['fetch'],
      );
      assert.deepEqual(
        (await client.listResources()).resources.map(({ uri }) => uri),
        ['file:///web.txt'],
      );
      await client.callTool({ name: 'fetch', arguments: { url: 'x' } });
      assert.equal(door.world.reached.at(-1), 'web tools/call {"name":"fetch","arguments":{"url":"x"}}');
    } finally {
      await client.close();
    }
  });

  test(`${peer.name}: progress arrives before the answer, under the client's own token`, async () => {
    await using door = await openDoor({ upstream });
    const client = await peer.connect(door, '/mcp');
    try {
      const seen: number[] = [];
      const both = Promise.withResolvers<void>();
      paid = both.promise;
      const onprogress = ({ progress }: { progress: number }): void => {
        if (seen.push(progress) === 2) both.resolve();
      };
      const options = { onprogress };
      const params = { name: 'files__pay', arguments: { amount: 1 } };
      const result =
        client instanceof Client1
          ? await client.callTool(params, undefined, options)
          : await client.callTool(params, options);
      assert.deepEqual(result.content, [{ type: 'text', text: 'paid' }]);
      assert.deepEqual(seen, [1, 2]);
    } finally {
      await client.close();
    }
  });

  test(`${peer.name}: a cancelled call is cancelled upstream`, async () => {
    await using door = await openDoor({ upstream });
    const client = await peer.connect(door, '/mcp');
    try {
      const abort = new AbortController();
      const options = { signal: abort.signal };
      const params = { name: 'files__open', arguments: {} };
      const call =
        client instanceof Client1 ? client.callTool(params, undefined, options) : client.callTool(params, options);
      const failed = assert.rejects(call);
      await until(() => door.world.reached.length === 1);
      abort.abort();
      await failed;
      await until(() => door.world.entries.some(({ draft }) => draft.kind === 'indeterminate'));
      const after = await client.callTool({ name: 'files__read_file', arguments: { path: 'b' } });
      assert.match(JSON.stringify(after.content), /read_file/);
    } finally {
      await client.close();
    }
  });
}

for (const peer of peers.filter(({ era }) => era === 'legacy')) {
  test(`${peer.name}: ping, log level and changes of lists`, async () => {
    await using door = await openDoor({ upstream });
    const client = await peer.connect(door, '/mcp');
    try {
      await client.ping();
      await client.setLoggingLevel('warning');
      assert.deepEqual(door.world.reached, ['files logging/setLevel {"level":"warning"}']);
      await client.subscribeResource({ uri: 'sallyport+files:file:///a' });
      const heard: string[] = [];
      client.fallbackNotificationHandler = async ({ method, params }) => {
        heard.push(`${method} ${params?.uri ?? ''}`.trim());
      };
      await until(() => door.core.audience.countOf('assistant') === 1);
      await door.core.audience.listsChanged(['tools']);
      await door.core.audience.resourceUpdated(assistant, 'files', 'file:///a');
      await door.core.audience.resourceUpdated(assistant, 'files', 'file:///b');
      await door.core.audience.resourceUpdated({ ...assistant, agent: 'auditor' }, 'files', 'file:///a');
      await door.core.audience.resourceUpdated({ ...assistant, principal: 'user:ben' }, 'files', 'file:///a');
      await door.core.audience.resourceUpdated({ ...assistant, task: 't_other' }, 'files', 'file:///a');
      await door.core.audience.listsChanged(['prompts']);
      await until(() => heard.length === 3);
      assert.deepEqual(heard, [
        'notifications/tools/list_changed',
        'notifications/resources/updated sallyport+files:file:///a',
        'notifications/prompts/list_changed',
      ]);
    } finally {
      await client.close();
    }
  });
}

for (const peer of peers.filter(({ era }) => era === 'modern')) {
  test(`${peer.name}: a subscription hears what it asked for, and is ended with an answer`, async () => {
    await using door = await openDoor({ upstream });
    const client = (await peer.connect(door, '/mcp')) as Client2;
    try {
      const heard: string[] = [];
      client.fallbackNotificationHandler = async ({ method, params }) => {
        heard.push(`${method} ${(params as { uri?: string } | undefined)?.uri ?? ''}`.trim());
      };
      const uri = 'sallyport+files:file:///a';
      const subscription = await client.listen({ toolsListChanged: true, resourceSubscriptions: [uri] });
      assert.deepEqual(subscription.honoredFilter, { toolsListChanged: true, resourceSubscriptions: [uri] });
      assert.deepEqual(door.world.reached, ['files resources/subscribe {"uri":"file:///a"}']);
      await door.core.audience.listsChanged(['prompts', 'tools']);
      await door.core.audience.resourceUpdated(assistant, 'files', 'file:///a');
      await until(() => heard.length === 2);
      assert.deepEqual(heard, ['notifications/tools/list_changed', `notifications/resources/updated ${uri}`]);
      await subscription.close();
      await until(() => door.left.length === 1);
      assert.equal(door.core.audience.countOf('assistant'), 0);
    } finally {
      await client.close();
    }
  });
}

async function until(ready: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!ready()) {
    assert.ok(Date.now() < deadline, `still waiting: ${ready}`);
    await new Promise(resolve => setTimeout(resolve, 2));
  }
}
