import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { A2aOperation } from '@sallyport/core/model/a2a.ts';
import { fakeTool, jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import type { PeerCard } from './card.ts';
import { operationRequest } from './request.ts';

const own = { lines: 'authorization: Bearer x\r\n', secrets: [], lent: [] };
const card: PeerCard = {
  card: jsonObject('{}'),
  endpoint: new URL('https://agent.example/a2a/'),
  binding: 'rest',
  tenant: undefined,
};

function lineOf(operation: A2aOperation, params: string, more: Partial<PeerCard> = {}): string {
  const input = jsonObject(params);
  const tool = fakeTool();
  const action = { method: `a2a/${operation}`, server: 'agent', tool, input, params, digest: '' } as const;
  return operationRequest({ ...card, ...more }, own, action, 'spt_1').split('\r\n')[0] ?? '';
}

test('parameters stand in path, query and body as the binding wants them', () => {
  assert.equal(lineOf('SendMessage', '{"message":{}}'), 'POST /a2a/message:send HTTP/1.1');
  assert.equal(lineOf('GetTask', '{"id":"T","historyLength":2}'), 'GET /a2a/tasks/T?historyLength=2 HTTP/1.1');
  assert.equal(
    lineOf('ListTasks', '{"contextId":"a b&c","includeArtifacts":true,"pageToken":""}'),
    'GET /a2a/tasks?contextId=a+b%26c&includeArtifacts=true HTTP/1.1',
  );
  assert.equal(lineOf('SubscribeToTask', '{"id":"T"}'), 'POST /a2a/tasks/T:subscribe HTTP/1.1');
  assert.equal(lineOf('GetTask', '{"id":"T","tenant":"acme"}', { tenant: 'card' }), 'GET /a2a/acme/tasks/T HTTP/1.1');
  assert.equal(lineOf('GetTask', '{"id":"T"}', { tenant: 'card' }), 'GET /a2a/card/tasks/T HTTP/1.1');
});

test('A-17 no id leads out of its step of the path, nor begins a query or another line', () => {
  for (const id of ['..', '.', '', 'a/b', 'a?b', 'a#b', 'a\\b', '%2e%2e', 'a\r\nhost: evil', 'a:cancel'])
    for (const line of [
      lineOf('GetTask', JSON.stringify({ id })),
      lineOf('GetTask', JSON.stringify({ id: 'T', tenant: `x${id}` })),
    ]) {
      const path = /^GET (\S+) HTTP\/1\.1$/.exec(line)?.[1];
      assert.ok(path !== undefined, line);
      assert.match(path, /^\/a2a\/(?:tasks\/[^/?#]+|[^/?#]+\/tasks\/T)$/, JSON.stringify(id));
    }
});

test('the body is the very text that was decided on, and the task goes along beside it', () => {
  const params = '{"message":{"parts":[{"text":"é"}]},"n":1.50}';
  const action = {
    method: 'a2a/SendMessage',
    server: 'agent',
    tool: fakeTool(),
    input: jsonObject(params),
    params,
    digest: '',
  } as const;
  const request = operationRequest(card, own, action, 'spt_1');
  assert.ok(request.endsWith(`content-length: ${Buffer.byteLength(params)}\r\n\r\n${params}`));
  assert.match(request, /\r\nsallyport-task: spt_1\r\n/);
});
