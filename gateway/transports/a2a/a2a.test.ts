import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { operations } from '@sallyport/core/model/a2a-operations.ts';
import { type JsonObject, normalText, parseJson, resultJsonLimits } from '@sallyport/core/model/json.ts';
import { seeded } from '@sallyport/testkit/random.ts';
import { taskNotFound, upstreamError } from './errors.ts';
import { type Owner, PeerIds } from './ids.ts';
import { routeOf } from './operations.ts';
import { OwnTasks } from './own-tasks.ts';

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

function object(value: unknown): JsonObject {
  const parsed = parseJson(JSON.stringify(value), resultJsonLimits);
  assert.ok(parsed.ok && parsed.node.kind === 'object');
  return parsed.node;
}

describe('ids that an agent knows another one by', () => {
  const ids = new PeerIds(digest);
  const emma: Owner = { peer: 'booking', agent: 'writer', principal: 'user:emma' };

  test('property: whatever lies in it, what goes out comes back as it was, and names nothing of the other agent', () => {
    const random = seeded(7);
    for (let run = 0; run < 300; run++) {
      const id = `task-${random.below(1e9)}`;
      const task = object({
        ...{ id, contextId: `ctx-${id}`, status: { state: 'TASK_STATE_WORKING', message: { taskId: id, parts: [] } } },
        history: [{ messageId: 'm', taskId: id, contextId: `ctx-${id}`, referenceTaskIds: [id, id], parts: [] }],
      });
      const shown = ids.outward(task, emma, true);
      assert.ok(!normalText(shown).includes(id));
      assert.equal(normalText(ids.inward(shown, emma, true) ?? task), normalText(task));
    }
  });

  test('what an agent says in its own words is left as it is', () => {
    const said = {
      message: { parts: [{ text: 'taskId', data: { taskId: 'T-1', id: 'x' } }], metadata: { taskId: 'T-1' } },
    };
    assert.equal(normalText(ids.outward(object(said), emma)), JSON.stringify(said));
  });

  test("F-6 nobody else's id opens, nor one for another purpose, nor an edited one", () => {
    const sealed = ids.close('task', 'T-1', emma);
    assert.equal(ids.open('task', sealed, emma), 'T-1');
    const others: readonly Owner[] = [
      { ...emma, agent: 'other' },
      { ...emma, principal: 'user:noor' },
      { ...emma, peer: 'plain' },
    ];
    for (const owner of others) assert.equal(ids.open('task', sealed, owner), undefined);
    assert.equal(ids.open('context', sealed, emma), undefined);
    for (let at = 0; at < sealed.length; at += 5) {
      const edited = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`;
      assert.equal(ids.open('task', edited, emma), undefined, `${at}`);
    }
    assert.equal(ids.inward(object({ message: { taskId: 'T-1' } }), emma), undefined);
    assert.equal(ids.inward(object({ message: { referenceTaskIds: [sealed, 'T-2'] } }), emma), undefined);
  });

  test('F-6 an operation about a task names one: an empty id could be read as all of them', () => {
    assert.equal(ids.inward(object({ id: '' }), emma, true), undefined);
    assert.equal(ids.inward(object({ taskId: '', id: 'config' }), emma), undefined);
    const first = {
      message: { taskId: '', contextId: '', parts: [] },
      configuration: { taskPushNotificationConfig: { taskId: '' } },
    };
    assert.equal(normalText(ids.inward(object(first), emma) ?? object({})), JSON.stringify(first));
    assert.equal(normalText(ids.inward(object({ contextId: '' }), emma) ?? object({})), '{"contextId":""}');
  });

  test('a list holds what is known to be its reader’s, and does not say how many others there are', () => {
    const own = new OwnTasks();
    own.noteAll(object({ task: { id: 'T-1' } }), emma, false);
    own.noteAll(object({ statusUpdate: { taskId: 'T-2' } }), { ...emma, principal: 'user:noor' }, false);
    own.noteAll(object({ id: 'T-1' }), { ...emma, principal: 'user:noor' }, true);
    const list = object({ tasks: [{ id: 'T-1' }, { id: 'T-2' }, { id: 'T-3' }], totalSize: 3, pageSize: 50 });
    assert.equal(normalText(own.only(list, emma)), '{"tasks":[{"id":"T-1"}],"totalSize":1,"pageSize":1}');
  });
});

describe('paths of the HTTP+JSON binding', () => {
  const concrete = (path: string): string => path.replace(/\{\w+\}/g, 'x1');

  test('A-17 each operation has one path, and the same below any tenant', () => {
    for (const operation of operations)
      for (const tenant of ['', '/acme', '/message', '/a.b_c-d']) {
        const routed = routeOf(operation.method, `${tenant}${concrete(operation.path)}`);
        assert.ok(typeof routed === 'object', `${tenant}${operation.path}`);
        assert.equal(routed.operation.name, operation.name, `${operation.method} ${tenant}${operation.path}`);
        assert.equal(routed.named.get('tenant') ?? '', tenant.slice(1), operation.path);
      }
  });

  test('where a tenant could be meant or a task, it is the task', () => {
    const routed = routeOf('GET', '/tasks/tasks');
    assert.ok(typeof routed === 'object');
    assert.deepEqual([routed.operation.name, routed.named.get('id')], ['GetTask', 'tasks']);
  });

  test('A-17 what is spelt otherwise is no path', () => {
    for (const path of [
      '',
      '/',
      '/a/b/tasks',
      '/tasks/',
      '/tasks/x:delete',
      '/tasks/x/y',
      '/message:send/',
      '/Message:send',
      '/tasks/%78',
      '//tasks',
    ])
      assert.equal(routeOf('GET', path), undefined, path);
    assert.equal(routeOf('DELETE', '/message:send'), 'method');
  });

  test('the specification has eleven operations', () => {
    assert.equal(new Set(operations.map(({ name }) => name)).size, 11);
  });
});

test('F-5 F-6 no word of another agent’s error is passed on, whatever its code', () => {
  const codes = [
    ...Array.from({ length: 12 }, (_, at) => -32000 - at),
    -32600,
    -32601,
    -32602,
    -32603,
    -32700,
    0,
    1,
    404,
  ];
  for (const code of codes) {
    const error = upstreamError(code);
    assert.ok(error.message.length > 10 && error.status >= 400, `${code}`);
    assert.ok([code, -32603].includes(error.code), 'nor does one become another of the protocol’s');
  }
  assert.deepEqual(upstreamError(-32001), taskNotFound, 'what is missing there and what is foreign here are one');
});
