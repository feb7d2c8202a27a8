import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client as Client2, StreamableHTTPClientTransport as Http2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as Stdio2 } from '@modelcontextprotocol/client/stdio';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as Http1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { normalText } from '@sallyport/core/model/json.ts';
import type { QuestionMethod } from '@sallyport/core/model/question.ts';
import { jsonObject, textResult } from '../fakes/ports.ts';
import type { Upstream } from './door-world.ts';
import { type OpenDoor, type OpenDoorOptions, openDoor } from './open-door.ts';

/** Official clients that are asked something in the middle of a call, in both eras. */

const headers = { authorization: 'Bearer token-a' };
const info = { name: 'peer', version: '0.0.0' };
const capabilities = { elicitation: {}, sampling: {}, roots: {} };
const asked: Readonly<Record<QuestionMethod, object>> = {
  'elicitation/create': {
    message: 'Your name?',
    requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
  },
  'sampling/createMessage': { messages: [{ role: 'user', content: { type: 'text', text: 'Hi' } }], maxTokens: 5 },
  'roots/list': {},
};
const elicited = { action: 'accept', content: { name: 'Emma' } } as const;
const sampled = {
  role: 'assistant',
  content: { type: 'text', text: 'Ho' },
  model: 'm',
  stopReason: 'endTurn',
} as const;
const rooted = { roots: [{ uri: 'file:///home/emma', name: 'home' }] };

/** Asks `method` in the way of the handshake era, and says what it was told. */
function asksInTheMiddle(method: QuestionMethod): Upstream {
  return (_, { onQuestion, replyBytesMax }) =>
    new Promise(resolve => {
      onQuestion?.({
        method,
        params: jsonObject(JSON.stringify(asked[method])),
        answer: result => {
          resolve(textResult(result, replyBytesMax));
          return true;
        },
        refuse: why => resolve(textResult(why, replyBytesMax)),
      });
    });
}

/** The same as a round trip of 2026-07-28. */
function asksBack(method: QuestionMethod): Upstream {
  return ({ params }, { replyBytesMax }) => {
    const { inputResponses } = JSON.parse(params) as { inputResponses?: { q: object } };
    if (inputResponses !== undefined)
      return Promise.resolve(textResult(normalText(jsonObject(JSON.stringify(inputResponses.q))), replyBytesMax));
    const inputRequests = { q: { method, params: asked[method] } };
    const result = jsonObject(JSON.stringify({ resultType: 'input_required', inputRequests, requestState: 's' }));
    return Promise.resolve({ kind: 'result', result, bytes: 1 });
  };
}

async function second(door: OpenDoor, over: 'http' | 'stdio', mode: 'legacy' | 'modern'): Promise<Client2> {
  const versionNegotiation = mode === 'legacy' ? { mode: 'legacy' as const } : { mode: { pin: '2026-07-28' } };
  const client = new Client2(info, { capabilities, versionNegotiation });
  client.setRequestHandler('elicitation/create', async () => elicited);
  client.setRequestHandler('sampling/createMessage', async () => sampled);
  client.setRequestHandler('roots/list', async () => rooted);
  const shim = fileURLToPath(new URL('shim-main.ts', import.meta.url));
  const env = { SHIM_SOCKET: door.socket.path };
  const transport =
    over === 'http'
      ? new Http2(new URL('/mcp', door.listener.origin), { requestInit: { headers } })
      : new Stdio2({ command: process.execPath, args: [shim], env, stderr: 'ignore' });
  await client.connect(transport);
  return client;
}

async function first(door: OpenDoor): Promise<Client1> {
  const client = new Client1(info, { capabilities });
  client.setRequestHandler(ElicitRequestSchema, async () => elicited);
  client.setRequestHandler(CreateMessageRequestSchema, async () => sampled);
  client.setRequestHandler(ListRootsRequestSchema, async () => rooted);
  const transport = new Http1(new URL('/mcp', door.listener.origin), { requestInit: { headers } });
  await client.connect(transport as Parameters<Client1['connect']>[0]);
  return client;
}

const peers: readonly {
  readonly name: string;
  readonly asks: (method: QuestionMethod) => Upstream;
  readonly connect: (door: OpenDoor) => Promise<Client1 | Client2>;
}[] = [
  { name: 'sdk 1.32.2 over HTTP', asks: asksInTheMiddle, connect: first },
  { name: 'client 2.4.0, legacy, over HTTP', asks: asksInTheMiddle, connect: door => second(door, 'http', 'legacy') },
  { name: 'client 2.4.0, legacy, over stdio', asks: asksInTheMiddle, connect: door => second(door, 'stdio', 'legacy') },
  { name: 'sdk 1.32.2 over HTTP, and a server of 2026-07-28', asks: asksBack, connect: first },
  {
    name: 'client 2.4.0, legacy, over HTTP, and a server of 2026-07-28',
    asks: asksBack,
    connect: door => second(door, 'http', 'legacy'),
  },
  {
    name: 'client 2.4.0, legacy, over stdio, and a server of 2026-07-28',
    asks: asksBack,
    connect: door => second(door, 'stdio', 'legacy'),
  },
  { name: 'client 2.4.0, modern, over HTTP', asks: asksBack, connect: door => second(door, 'http', 'modern') },
  { name: 'client 2.4.0, modern, over stdio', asks: asksBack, connect: door => second(door, 'stdio', 'modern') },
];

async function called(
  peer: (typeof peers)[number],
  method: QuestionMethod,
  options: OpenDoorOptions = {},
): Promise<{ readonly text: string; readonly decided: readonly string[] }> {
  await using door = await openDoor({ upstream: peer.asks(method), ...options });
  const client = await peer.connect(door);
  try {
    const result = await client.callTool({ name: 'files__read_file', arguments: { path: 'a' } });
    const [content] = result.content as [{ text: string }];
    const decided = door.world.entries.flatMap(({ draft }) => (draft.kind === 'decided' ? [draft.action.tool] : []));
    return { text: content.text, decided };
  } finally {
    await client.close();
  }
}

for (const peer of peers) {
  test(`${peer.name}: is asked, and its answers reach the server word for word, each decided`, async () => {
    for (const [method, answer] of [
      ['elicitation/create', elicited],
      ['sampling/createMessage', sampled],
      ['roots/list', rooted],
    ] as const) {
      const { text, decided } = await called(peer, method);
      assert.deepEqual(JSON.parse(text), answer, method);
      assert.ok(decided.includes(`mcp:${method}`), `${method} among ${decided}`);
    }
  });

  test(`${peer.name}: an answer that policy refuses never reaches the server`, async () => {
    const permits: OpenDoorOptions['permits'] = ({ tool }) => tool.name !== 'mcp:elicitation/create';
    const { text } = await called(peer, 'elicitation/create', { permits });
    assert.doesNotMatch(text, /Emma/);
    assert.match(text, /^refused$|^Refused files\/mcp:elicitation\/create/);
  });
}

test('an answer is heard only in the session that was asked, and once', async () => {
  await using door = await openDoor({ upstream: asksInTheMiddle('elicitation/create') });
  const strangers = await first(door);
  const client = new Client1(info, { capabilities });
  let id: string | number = '';
  client.setRequestHandler(ElicitRequestSchema, async (_, { requestId }) => {
    id = requestId;
    const session = (strangers.transport as Http1).sessionId ?? '';
    const body = JSON.stringify({ jsonrpc: '2.0', id, result: { action: 'accept', content: { name: 'Mallory' } } });
    const more = { 'mcp-session-id': session, 'content-type': 'application/json', accept: 'application/json' };
    const answer = await fetch(new URL('/mcp', door.listener.origin), {
      method: 'POST',
      headers: { ...headers, ...more },
      body,
    });
    assert.equal(answer.status, 400);
    return elicited;
  });
  const transport = new Http1(new URL('/mcp', door.listener.origin), { requestInit: { headers } });
  await client.connect(transport as Parameters<Client1['connect']>[0]);
  const result = await client.callTool({ name: 'files__read_file', arguments: { path: 'a' } });
  assert.match(JSON.stringify(result.content), /Emma/);
  assert.doesNotMatch(JSON.stringify(result.content), /Mallory/);
  assert.match(String(id), /^sallyport-/);
  await Promise.all([client.close(), strangers.close()]);
});
