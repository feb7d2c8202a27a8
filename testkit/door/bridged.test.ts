import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { jsonObject, textResult } from '../fakes/ports.ts';
import type { Upstream } from './door-world.ts';
import { type OpenDoor, openDoor } from './open-door.ts';

/** A server of 2026-07-28 asks back, and the client is of the handshake era: it is asked in the course of its request. */

type Elicited = { readonly action: 'accept' | 'decline'; readonly content?: Record<string, string> };

interface Asked {
  readonly text: string;
  /** `params` of every question that the client was asked, as JSON text. */
  readonly questions: readonly string[];
  /** What the server was sent, call by call. */
  readonly sent: readonly string[];
  /** Tools of the decisions, in order. */
  readonly decided: readonly string[];
}

const form = { message: 'Your name?', requestedSchema: { type: 'object', properties: { name: { type: 'string' } } } };

/** `asks` says what the server asks back in which round (from 0); undefined: it answers. */
async function play(
  asks: (round: number) => object | undefined,
  answer: (round: number) => Elicited,
  elicitation: Readonly<Record<string, object>> | 'none' = { form: {}, url: {} },
): Promise<Asked> {
  const [questions, sent]: [string[], string[]] = [[], []];
  const upstream: Upstream = async ({ params }, { replyBytesMax }) => {
    const asked = asks(sent.push(params) - 1);
    if (asked === undefined) return textResult('done', replyBytesMax);
    return { kind: 'result', result: jsonObject(JSON.stringify({ resultType: 'input_required', ...asked })), bytes: 1 };
  };
  await using door: OpenDoor = await openDoor({ upstream });
  const capabilities = elicitation === 'none' ? {} : { elicitation };
  const client = new Client({ name: 'peer', version: '0' }, { capabilities });
  if (elicitation !== 'none')
    client.setRequestHandler(ElicitRequestSchema, async ({ params }) =>
      answer(questions.push(JSON.stringify(params)) - 1),
    );
  const headers = { authorization: 'Bearer token-a' };
  const transport = new StreamableHTTPClientTransport(new URL('/mcp', door.listener.origin), {
    requestInit: { headers },
  });
  await client.connect(transport as Parameters<Client['connect']>[0]);
  try {
    const { content } = await client.callTool({ name: 'files__read_file', arguments: { path: 'a' } });
    const decided = door.world.entries.flatMap(({ draft }) => (draft.kind === 'decided' ? [draft.action.tool] : []));
    return { text: (content as [{ text: string }])[0].text, questions, sent, decided };
  } finally {
    await client.close();
  }
}

const asking = (params: object, requestState = 'state-of-the-server') => ({
  inputRequests: { q: { method: 'elicitation/create', params } },
  requestState,
});

test('each round is asked, decided and sent anew, with the server’s state word for word, which no client sees', async () => {
  const { text, questions, sent, decided } = await play(
    round => (round < 2 ? asking(form, `state "${round}"`) : undefined),
    round => ({ action: 'accept', content: { name: `Emma ${round}` } }),
  );
  assert.equal(text, 'done');
  assert.equal(questions.length, 2);
  assert.doesNotMatch(questions.join(), /state/);
  assert.deepEqual(decided, ['read_file', ...Array(2).fill(['mcp:elicitation/create', 'read_file']).flat()]);
  const rounds = sent.map(params => {
    const { inputResponses, requestState } = JSON.parse(params) as { inputResponses?: object; requestState?: string };
    return [inputResponses, requestState];
  });
  assert.deepEqual(rounds, [
    [undefined, undefined],
    [{ q: { action: 'accept', content: { name: 'Emma 0' } } }, 'state "0"'],
    [{ q: { action: 'accept', content: { name: 'Emma 1' } } }, 'state "1"'],
  ]);
});

test('a no is an answer, and the server gets it', async () => {
  const { text, sent } = await play(
    round => (round === 0 ? asking(form) : undefined),
    () => ({ action: 'decline' }),
  );
  assert.equal(text, 'done');
  assert.match(sent[1] ?? '', /"action":"decline"/);
});

test('a client that fails to answer is not answered for: the call is refused, and made no second time', async () => {
  const { text, sent } = await play(
    () => asking(form),
    () => {
      throw new Error('the window was closed');
    },
  );
  assert.match(text, /the client gave no answer/);
  assert.equal(sent.length, 1);
});

test('a server that never stops asking is left after eight rounds', async () => {
  const { text, questions, sent } = await play(
    () => asking(form),
    () => ({ action: 'accept', content: { name: 'Emma' } }),
  );
  assert.match(text, /never stops asking back/);
  assert.deepEqual([questions.length, sent.length], [8, 9]);
});

test('the questions of all rounds together are sixteen', async () => {
  const inputRequests = Object.fromEntries(
    Array.from({ length: 9 }, (_, at) => [`q${at}`, { method: 'elicitation/create', params: form }]),
  );
  const { text, questions, sent } = await play(
    () => ({ inputRequests }),
    () => ({ action: 'decline' }),
  );
  assert.match(text, /more than 16 answers/);
  assert.deepEqual([questions.length, sent.length], [9, 2]);
});

test('what a client cannot be asked, or must not be, it is not shown', async () => {
  const url = (address: string) => asking({ mode: 'url', message: 'Sign in', url: address });
  for (const [asked, elicitation, why] of [
    [asking(form), 'none', /the client shows no forms/],
    [url('https://a.example/'), { form: {} }, /the client opens no pages/],
    [url('https://a.example/'), 'none', /the client opens no pages/],
    [url('javascript:alert(1)'), { url: {} }, /not a web page/],
    [{ inputRequests: { q: { method: 'tools/call', params: {} } } }, { form: {} }, /the protocol does not know/],
  ] as const) {
    const { text, questions, sent } = await play(
      () => asked,
      () => ({ action: 'accept' }),
      elicitation,
    );
    assert.match(text, why);
    assert.doesNotMatch(text, /Your name|Sign in|alert/);
    assert.deepEqual([questions.length, sent.length], [0, 1]);
  }
});

test('a page has an id, as the handshake era wants it', async () => {
  const { text, questions } = await play(
    round => (round === 0 ? asking({ mode: 'url', message: 'Sign in', url: 'https://a.example/x' }) : undefined),
    () => ({ action: 'accept' }),
  );
  assert.equal(text, 'done');
  const { url, elicitationId } = JSON.parse(questions[0] ?? '{}') as Record<string, string>;
  assert.equal(url, 'https://a.example/x');
  assert.match(elicitationId ?? '', /^[\w-]{16}$/);
});
