import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { UpstreamReply } from '@sallyport/core/mediate/ports.ts';
import { normalText } from '@sallyport/core/model/json.ts';
import type { Line } from '../http/sockets.ts';
import { Exchange } from './exchange.ts';

interface Played {
  readonly reply: UpstreamReply;
  readonly events: readonly string[];
  readonly closed: boolean;
}

/** What becomes of an answer that comes in these pieces. */
async function play(
  type: string,
  pieces: readonly string[],
  how: 'ends' | 'breaks' | 'hangs' = 'ends',
  status = 200,
  speaks: 'rpc' | 'rest' = 'rpc',
): Promise<Played> {
  let closed = false;
  const events: string[] = [];
  const exchange = new Exchange({
    line: { close: () => (closed = true) } as unknown as Line,
    own: { lines: '', secrets: [Buffer.from('hunter2-hunter2')], lent: [] },
    ...{ bytesMax: 2_000, millisMax: how === 'hangs' ? 20 : 5_000, signal: new AbortController().signal },
    speaks,
    onEvent: event => void events.push(normalText(event)),
  });
  exchange.head({ status, headers: new Map([['content-type', type]]), contentType: type.split(';', 1)[0] ?? '' });
  for (const bytes of pieces.map(piece => Buffer.from(piece))) exchange.body(bytes, 0, bytes.length);
  if (how === 'ends') exchange.end();
  if (how === 'breaks') exchange.fault('the connection broke');
  return { reply: await exchange.reply, events, closed };
}

const json = 'application/json';
const stream = 'text/event-stream; charset=utf-8';
const event = (result: object): string => `data: ${JSON.stringify({ jsonrpc: '2.0', id: 1, result })}\n\n`;

describe('what another agent answers', () => {
  test('a result, an error and a stream are what they are', async () => {
    const whole = await play(json, ['{"jsonrpc":"2.0","id":1,', '"result":{"task":{"id":"T"}}}']);
    assert.ok(whole.reply.kind === 'result' && whole.closed);
    const error = await play(json, ['{"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"gone"}}']);
    assert.ok(error.reply.kind === 'error' && error.reply.error.code === -32001);
    const streamed = await play(stream, [event({ task: { id: 'T' } }), event({ statusUpdate: { taskId: 'T' } })]);
    assert.deepEqual(streamed.events, ['{"task":{"id":"T"}}', '{"statusUpdate":{"taskId":"T"}}']);
    assert.ok(streamed.reply.kind === 'result');
    assert.equal(normalText(streamed.reply.result), `{"events":[${streamed.events.join(',')}]}`);
  });

  test('a deletion answers with nothing, and that is an answer', async () => {
    const { reply } = await play(json, ['{"jsonrpc":"2.0","id":1,"result":null}']);
    assert.ok(reply.kind === 'result' && normalText(reply.result) === '{}');
  });

  test('what is no answer is kept back, with a reason that says nothing of it', async () => {
    for (const [type, piece, why] of [
      [json, 'not json', 'no well-formed JSON'],
      [json, '{"jsonrpc":"2.0","id":1,"result":"text"}', 'neither a result nor an error'],
      [json, '{"jsonrpc":"2.0","id":1,"result":{"a":1,"a":2}}', 'no well-formed JSON'],
      [json, `{"result":{"x":"${'x'.repeat(3_000)}"}}`, 'larger than 2000 bytes'],
      [stream, `data: ${'x'.repeat(3_000)}`, 'larger than 2000 bytes'],
      [json, '{"result":{"echo":"Bearer hunter2-hunter2"}}', 'repeats a secret'],
      [stream, event({ echo: 'hunter2-hunter2' }), 'repeats a secret'],
    ] as const) {
      const { reply, closed, events } = await play(type, [piece]);
      assert.ok(reply.kind === 'unusable', `${piece.slice(0, 40)}: ${JSON.stringify(reply)}`);
      assert.match(reply.why, new RegExp(why));
      assert.deepEqual([closed, events], [true, []]);
    }
    const status = await play('text/html', ['<h1>502</h1>'], 'ends', 502);
    assert.ok(status.reply.kind === 'unusable' && status.reply.why === 'HTTP 502');
  });

  test('over HTTP+JSON a status, a document and an error of the protocol are what they are', async () => {
    const rest = (pieces: readonly string[], status: number, type = json) => play(type, pieces, 'ends', status, 'rest');
    const made = await rest(['{"id":"c1"}'], 201);
    assert.ok(made.reply.kind === 'result' && normalText(made.reply.result) === '{"id":"c1"}');
    const gone = await rest([], 204);
    assert.ok(gone.reply.kind === 'result' && normalText(gone.reply.result) === '{}');
    const error = (reason: string) =>
      `{"error":{"code":404,"status":"NOT_FOUND","message":"gone","details":[{"reason":"${reason}"}]}}`;
    const none = await rest([error('TASK_NOT_FOUND')], 404);
    assert.ok(none.reply.kind === 'error' && none.reply.error.code === -32001);
    const odd = await rest([error('SOMETHING_ELSE')], 404);
    assert.ok(odd.reply.kind === 'unusable' && odd.reply.why === 'HTTP 404');
    const streamed = await rest(
      ['data: {"task":{"id":"T"}}\n\n', `event: error\ndata: ${error('UNSUPPORTED_OPERATION')}\n\n`],
      200,
      stream,
    );
    assert.deepEqual(streamed.events, ['{"task":{"id":"T"}}']);
    assert.ok(streamed.reply.kind === 'error' && streamed.reply.error.code === -32004);
    const half = await rest([''], 200);
    assert.equal(half.reply.kind, 'result');
  });

  test('an answer that breaks off or never comes is lost after it was sent, whatever was heard before', async () => {
    for (const how of ['breaks', 'hangs'] as const) {
      const { reply, events, closed } = await play(stream, [event({ task: { id: 'T' } })], how);
      assert.ok(reply.kind === 'lost' && reply.sent, how);
      assert.deepEqual([events.length, closed], [1, true]);
    }
  });
});
