import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fakeLimits, fakeUse } from '@sallyport/testkit/fakes/task.ts';
import type { Asked, TaskOpened } from '../model/entry.ts';
import type { TaskId } from '../model/ids.ts';
import { noManifest } from '../model/task.ts';
import { applyAsked } from './approve.ts';
import { delegate } from './delegate.ts';
import { applyKill } from './kill.ts';
import { descent, lineage, lineageMax } from './lineage.ts';
import { renewTask, resumeTask, suspendTask } from './pause.ts';
import { raiseTask } from './raise.ts';
import { standingOf } from './standing.ts';
import { emptyState, type State } from './state.ts';
import { endedAbove, endTask, enterSegment, openTask, spendTask } from './task.ts';

const [root, child, grandchild] = ['1', '2', '3'].map(n => `t_${n.padStart(26, '0')}` as TaskId) as [
  TaskId,
  TaskId,
  TaskId,
];

function open(state: State, task: TaskId, over: Partial<TaskOpened> = {}): void {
  const entry: TaskOpened = {
    kind: 'task.opened',
    id: task,
    task,
    agent: 'planner',
    principal: 'user:emma',
    taskKind: 'opened',
    opener: 'operator',
    manifest: { tools: undefined },
    limits: fakeLimits({ callsMax: 100, bytesMax: 10_000, spendCentsMax: 500 }),
    tokenHash: `hash-${task}`,
    labels: [],
    ...over,
  };
  openTask(state, entry, 1_000, '');
}

/** planner → researcher → reader */
function tree(): State {
  const state = emptyState();
  open(state, root);
  const limits = fakeLimits({ callsMax: 40, bytesMax: 4_000, spendCentsMax: 100 });
  open(state, child, { agent: 'researcher', parent: root, depth: 1, limits });
  open(state, grandchild, { agent: 'reader', parent: child, depth: 2, limits: { ...limits, callsMax: 10 } });
  return state;
}

const taskOf = (state: State, id: TaskId) => state.tasks.get(id)?.task ?? assert.fail(`no ${id}`);
const codeOf = (state: State, id: TaskId, server?: string): string => {
  const standing = standingOf(state, id, taskOf(state, id).agent, 2_000, server);
  return standing.ok ? 'ok' : standing.refusal.code;
};
const end = (state: State, task: TaskId): void =>
  endTask(state, { kind: 'task.ended', id: 'e_1', task, by: 'operator', why: 'done' }, 3_000);
const kill = (state: State, scope: Parameters<typeof applyKill>[1]['scope'], stop = true): void =>
  applyKill(state, { kind: 'killed', id: 'e_2', scope, by: 'operator', why: '', stop }, 2_000);

function ask(state: State, n: number, task: TaskId, server: string): void {
  const entry: Asked = {
    ...{ kind: 'asked', id: `ap_${n}`, decision: 'd_1', task, agent: taskOf(state, task).agent, server },
    ...{ method: 'tools/call', tool: 'act', digest: 'x', pin: 'p', world: 'w', approvers: ['operator'] },
    ...{ reasons: [], expiresAt: 9_000 },
  };
  applyAsked(state, entry, 1_000);
}

describe('a tree of tasks', () => {
  test('knows who is above and below', () => {
    const state = tree();
    assert.deepEqual(
      lineage(state, grandchild).map(({ id }) => id),
      [grandchild, child, root],
    );
    assert.deepEqual(descent(state, root), [grandchild, child, root]);
  });

  test('D-7 ends from below when its root ends, and a part of it leaves the rest', () => {
    const state = tree();
    end(state, child);
    assert.deepEqual(
      [codeOf(state, root), codeOf(state, child), codeOf(state, grandchild)],
      ['ok', 'task-ended', 'task-ended'],
    );
    const { state: ended } = taskOf(state, grandchild);
    assert.equal(ended.kind === 'ended' && ended.why, endedAbove);
    const whole = tree();
    end(whole, root);
    assert.equal(codeOf(whole, grandchild), 'task-ended');
  });

  test('what a child may use is set aside, and what it did not use comes back', () => {
    const state = tree();
    assert.deepEqual(taskOf(state, root).lent, { calls: 40, bytes: 4_000, spendCents: 100 });
    assert.deepEqual(taskOf(state, child).lent, { calls: 10, bytes: 4_000, spendCents: 100 });
    spendTask(state, grandchild, fakeUse({ calls: 3, bytes: 30 }));
    spendTask(state, child, fakeUse({ calls: 2, spendCents: 7 }));
    end(state, child);
    assert.deepEqual(taskOf(state, root).lent, fakeUse());
    assert.deepEqual(taskOf(state, root).used, { calls: 5, bytes: 30, spendCents: 7 });
    // A call that was under way when it ended.
    spendTask(state, grandchild, fakeUse({ calls: 1, bytes: 5 }));
    assert.deepEqual(taskOf(state, root).used, { calls: 6, bytes: 35, spendCents: 7 });
  });

  test('F K-7 what a child has read raises whoever delegated to it, up to the root', () => {
    const state = tree();
    raiseTask(state, grandchild, [{ label: 'untrusted', entry: 'o_1', server: 's', tool: 't', at: 1 }]);
    for (const id of [root, child, grandchild]) assert.ok(taskOf(state, id).labels.has('untrusted'), id);
  });

  test('R17 a stop of an agent or a task stops everything below it, and nothing beside or above', () => {
    for (const scope of [
      { kind: 'agent', agent: 'researcher' },
      { kind: 'task', task: child },
    ] as const) {
      const state = tree();
      kill(state, scope);
      assert.equal(codeOf(state, root), 'ok');
      assert.notEqual(codeOf(state, child), 'ok');
      assert.notEqual(codeOf(state, grandchild), 'ok');
      assert.deepEqual(
        [root, child, grandchild].map(id => state.tasks.get(id)?.tokenRevoked),
        [false, true, true],
      );
      kill(state, scope, false);
      assert.equal(codeOf(state, grandchild), 'ok');
      assert.equal(state.tasks.get(grandchild)?.tokenRevoked, true, 'a token does not come back');
      renewTask(state, { kind: 'task.renewed', id: 'e_3', task: grandchild, tokenHash: 'new', by: 'operator' });
      assert.equal(state.tasks.get(grandchild)?.tokenRevoked, false);
      assert.deepEqual([state.tokens.get('new'), state.tokens.get(`hash-${grandchild}`)], [grandchild, undefined]);
    }
  });

  test('R17 the longest chain that there can be is stopped at its root, and delegates no further', () => {
    const ids = Array.from({ length: lineageMax + 1 }, (_, depth) => `t_${depth}` as TaskId);
    const state = emptyState();
    for (const [depth, id] of ids.entries()) {
      const parent = ids[depth - 1];
      const limits = fakeLimits({ callsMax: 2 ** (40 - depth), bytesMax: 2 ** (40 - depth), spendCentsMax: 0 });
      open(state, id, { agent: `agent-${depth}`, depth, limits, ...(parent === undefined ? {} : { parent }) });
    }
    const [first, last] = [ids[0], ids.at(-1)] as [TaskId, TaskId];
    assert.equal(lineage(state, last).length, lineageMax + 1);
    const wanted = { manifest: noManifest, ceiling: undefined, segments: undefined, audience: undefined, limits: {} };
    const below = (id: TaskId) => delegate({ ...taskOf(state, id), segments: ['office'] }, fakeUse(), wanted, 1_000);
    assert.ok(below(ids.at(-2) as TaskId).ok);
    assert.equal(below(last).ok, false);
    kill(state, { kind: 'task', task: first });
    assert.equal(codeOf(state, last), 'task-ended');
    kill(state, { kind: 'task', task: first }, false);
    suspendTask(state, { kind: 'task.suspended', id: 'e_4', task: first, by: 'operator', why: '' }, 1_500);
    assert.equal(codeOf(state, last), 'task-suspended');
  });

  test('E-10 a stop voids the unused questions and answers of what it stops, and those of nothing else', () => {
    const rows: readonly [Parameters<typeof kill>[1], readonly number[]][] = [
      [{ kind: 'all' }, [0, 1, 2]],
      [{ kind: 'server', server: 'mail' }, [1]],
      [{ kind: 'task', task: child }, [1, 2]],
      [{ kind: 'agent', agent: 'reader' }, [2]],
      [{ kind: 'agent', agent: 'nobody' }, []],
    ];
    for (const [scope, voided] of rows) {
      const state = tree();
      for (const [n, [task, server]] of (
        [
          [root, 'files'],
          [child, 'mail'],
          [grandchild, 'files'],
        ] as const
      ).entries())
        ask(state, n, task, server);
      kill(state, scope);
      const is = [...state.approvals.values()].flatMap(({ state: now }, n) => (now === 'void' ? [n] : []));
      assert.deepEqual(is, voided, JSON.stringify(scope));
    }
  });

  test('E-10 with a task end the questions and answers of all below it, and of nothing beside it', () => {
    for (const [ends, voided] of [
      [root, [0, 1, 2]],
      [child, [1, 2]],
      [grandchild, [2]],
    ] as const) {
      const state = tree();
      for (const [n, task] of [root, child, grandchild].entries()) ask(state, n, task, 'files');
      end(state, ends);
      const is = [...state.approvals.values()].flatMap(({ state: now }, n) => (now === 'void' ? [n] : []));
      assert.deepEqual(is, voided, ends);
    }
  });

  test('a suspended task stops everything below it, and says so', () => {
    const state = tree();
    suspendTask(state, { kind: 'task.suspended', id: 'e_4', task: root, by: 'operator', why: 'lunch' }, 1_500);
    assert.equal(codeOf(state, grandchild), 'task-suspended');
    resumeTask(state, { kind: 'task.resumed', id: 'e_5', task: root, by: 'operator' }, 1_600);
    assert.equal(codeOf(state, grandchild), 'ok');
  });
});

test('E-10 what has ended is not suspended, resumed or given another token, and neither is what was never there', () => {
  const state = tree();
  end(state, child);
  const before = { tasks: new Map(state.tasks), tokens: new Map(state.tokens) };
  for (const task of [child, 't_9' as TaskId]) {
    suspendTask(state, { kind: 'task.suspended', id: 'e_4', task, by: 'operator', why: '' }, 4_000);
    resumeTask(state, { kind: 'task.resumed', id: 'e_5', task, by: 'operator' }, 4_001);
    renewTask(state, { kind: 'task.renewed', id: 'e_6', task, tokenHash: 'new', by: 'operator' });
  }
  assert.deepEqual({ tasks: state.tasks, tokens: state.tokens }, before);
});

test('R17 a stopped server is stopped for every task, and for no other server', () => {
  const state = tree();
  kill(state, { kind: 'server', server: 'mail' });
  assert.deepEqual(
    [codeOf(state, root, 'mail'), codeOf(state, root, 'files'), codeOf(state, root)],
    ['server-killed', 'ok', 'ok'],
  );
});

test('an audience is a wall', () => {
  const state = emptyState();
  open(state, root, { audience: ['files'] });
  assert.deepEqual([codeOf(state, root, 'files'), codeOf(state, root, 'mail')], ['ok', 'task-audience']);
});

test('a task that idled too long has ended, whether or not anybody has written it down', () => {
  const state = emptyState();
  open(state, root, { limits: fakeLimits({ idleSecondsMax: 1 }) });
  assert.equal(codeOf(state, root), 'ok');
  const late = standingOf(state, root, 'planner', 2_001);
  assert.equal(!late.ok && late.refusal.code, 'limit-seconds');
});

test('a task enters the segment in which it first acts, and no other', () => {
  const state = emptyState();
  open(state, root);
  assert.deepEqual([enterSegment(state, root, 'office'), enterSegment(state, root, 'bank')], [true, false]);
  assert.deepEqual(taskOf(state, root).segments, ['office']);
  assert.equal(enterSegment(state, root, 'office'), true);
});
