import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { httpUpstream, temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { startRig, textOf } from '@sallyport/testkit/upstream/rig.ts';

interface Message {
  readonly id?: number;
  readonly method?: string;
}

interface Breaking extends AsyncDisposable {
  readonly url: string;
  /** `Last-Event-ID` of every request for the rest of a stream. */
  readonly resumed: string[];
}

/** A handshake-era server that hangs up in the middle of every call, with an event id; `rest` says what it does then. */
async function breaking(
  rest: (id: number, res: ServerResponse, tries: number) => void,
  begins: (id: number) => string = () => 'id: one\nretry: 10\ndata: \n\n',
): Promise<Breaking> {
  const resumed: string[] = [];
  let called = 0;
  const server = createServer(async (req, res) => {
    const last = req.headers['last-event-id'];
    if (req.method === 'GET' && last === undefined) return void res.writeHead(405).end();
    if (req.method === 'GET') {
      resumed.push(String(last));
      return rest(called, res, resumed.length);
    }
    const message = await bodyOf(req);
    if (message.method !== 'tools/call') return answerPlainly(message, res);
    called = message.id ?? 0;
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.end(begins(called));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    resumed,
    [Symbol.asyncDispose]: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(req: IncomingMessage): Promise<Message> {
  const parts: Buffer[] = [];
  for await (const part of req) parts.push(part as Buffer);
  return parts.length === 0 ? {} : (JSON.parse(Buffer.concat(parts).toString()) as Message);
}

function answerPlainly({ id, method }: Message, res: ServerResponse): void {
  const tools = [{ name: 'slow', description: 'Is slow.', inputSchema: { type: 'object' } }];
  const results: Record<string, object> = {
    initialize: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'b', version: '1' } },
    'tools/list': { tools },
  };
  const result = results[method ?? ''];
  if (id === undefined) return void res.writeHead(202).end();
  const error = { code: -32601, message: 'Method not found' };
  res.writeHead(result === undefined ? 400 : 200, { 'content-type': 'application/json' });
  res.end(JSON.stringify({ jsonrpc: '2.0', id, ...(result === undefined ? { error } : { result }) }));
}

function event(id: string, message?: object): string {
  return `id: ${id}\ndata: ${message === undefined ? '' : JSON.stringify(message)}\n\n`;
}

function answer(id: number): object {
  return { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: 'the rest' }] } };
}

async function call(server: Breaking, headers: Parameters<typeof httpUpstream>[2] = {}): Promise<string> {
  using folder = temporaryFolder();
  await using rig = await startRig({ servers: [httpUpstream('s', server.url, headers)], stateDir: folder.path });
  return textOf(await rig.call({ server: 's', tool: 'slow' }));
}

test('the rest of an answer is asked for by the id of its last event, as often as there is something new', async () => {
  await using server = await breaking((id, res, tries) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.end(tries < 8 ? event(`try-${tries}`) : event('last', answer(id)));
  });
  assert.equal(await call(server), 'the rest');
  assert.deepEqual(server.resumed, ['one', ...[1, 2, 3, 4, 5, 6, 7].map(tries => `try-${tries}`)]);
});

test('the rest of an answer is asked for with the operator’s own headers, as the call was', async () => {
  await using server = await breaking((id, res) => {
    const isShown = res.req.headers['x-key'] === 'a key of the operator';
    res.writeHead(isShown ? 200 : 401, { 'content-type': 'text/event-stream' });
    res.end(event('last', answer(id)));
  });
  assert.equal(await call(server, { 'x-key': { value: 'a key of the operator' } }), 'the rest');
});

test('a server that never gets further is given up, and nothing is sent again', async () => {
  await using server = await breaking((_, res) => res.writeHead(200, { 'content-type': 'text/event-stream' }).end());
  assert.equal(await call(server), 'lost: the stream ended without an answer');
  assert.deepEqual(server.resumed, ['one', 'one', 'one', 'one', 'one']);
});

test('a server that has forgotten the stream leaves the call without an answer', async () => {
  await using server = await breaking((_, res) => res.writeHead(404).end());
  assert.equal(await call(server), 'lost: the stream ended without an answer');
  assert.deepEqual(server.resumed, ['one']);
});

test('a stream that ends behind its answer is over: nothing more is asked for', async () => {
  await using server = await breaking(
    () => assert.fail('resumed'),
    id => `id: zero\ndata: \n\n${event('one', answer(id))}`,
  );
  using folder = temporaryFolder();
  await using rig = await startRig({ servers: [httpUpstream('s', server.url)], stateDir: folder.path });
  for (let count = 0; count < 3; count++)
    assert.equal(textOf(await rig.call({ server: 's', tool: 'slow' })), 'the rest');
  // Longer than the shortest wait before a stream is resumed.
  await new Promise(resolve => setTimeout(resolve, 150));
  assert.deepEqual(server.resumed, []);
});
