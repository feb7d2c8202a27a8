import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeLimits } from '@sallyport/testkit/fakes/task.ts';
import fc from 'fast-check';
import type { Decided, Entry, EntryDraft, TaskOpened } from '../model/entry.ts';
import type { TaskId } from '../model/ids.ts';
import type { Label } from '../model/label.ts';
import { endorsementsMax } from './endorse.ts';
import { applyEntry, resolvePending } from './fold.ts';
import { standingOf } from './standing.ts';
import { emptyState, type State } from './state.ts';
import { endedTasksMax, sourcesKnown } from './task.ts';

const limits = fakeLimits({ callsMax: 10, secondsMax: 3600, bytesMax: 1_000_000 });
const oldLimits = { callsMax: 10, secondsMax: 3600, bytesMax: 1_000_000 };
const t1: TaskId = 't_00000000000000000000000001';
const t2: TaskId = 't_00000000000000000000000002';

function fold(drafts: readonly EntryDraft[], state: State = emptyState()): State {
  for (const [seq, draft] of drafts.entries())
    applyEntry(state, { ...draft, v: 1, tenant: 'local', node: 'n', seq, at: 1_000 + seq } as Entry);
  return state;
}

function opened(id: TaskId, over: Partial<TaskOpened> = {}): TaskOpened {
  return {
    kind: 'task.opened',
    id,
    task: id,
    agent: 'a',
    principal: 'user:p',
    taskKind: 'opened',
    opener: 'operator',
    manifest: { tools: ['files/*'] },
    limits,
    labels: [],
    ...over,
  };
}

const ambient = (id: TaskId, over: Partial<TaskOpened> = {}): TaskOpened =>
  opened(id, { taskKind: 'ambient', opener: 'gateway', manifest: { tools: undefined }, ...over });

function decided(n: number, task: TaskId, over: Partial<Decided> = {}): Decided {
  return {
    kind: 'decided',
    id: `d_${n}`,
    task,
    agent: 'a',
    principal: 'user:p',
    world: 'w',
    door: 'mcp-http',
    action: {
      method: 'tools/call',
      server: 'files',
      tool: 'read',
      pin: 'p',
      classes: ['read'],
      digest: 'x',
      bytes: 100,
    },
    mode: 'enforce',
    answer: 'permit',
    verdict: 'pass',
    reasons: [],
    labels: [],
    tookMicros: 1,
    ...over,
  };
}

const performed = (n: number, task: TaskId, labels: readonly Label[] = []): EntryDraft => ({
  kind: 'performed',
  id: `o_${n}`,
  decision: `d_${n}`,
  task,
  outcome: 'ok',
  bytes: 50,
  tookMicros: 1,
  labels,
});

const ended = (task: TaskId): EntryDraft => ({ kind: 'task.ended', id: 'e_1', task, by: 'operator', why: 'done' });

function taskOf(state: State, id: TaskId) {
  const task = state.tasks.get(id)?.task;
  assert.ok(task, `${id} is not there`);
  return task;
}

const endorsed = (n: number, task: TaskId): EntryDraft => ({
  kind: 'task.endorsed',
  id: `e_${n}`,
  task,
  endorsed: { kind: 'value', digest: `v${n}` },
  reach: 'changes',
  by: 'operator',
  proof: 'shared-uid',
  why: 'known to me',
});

test('F-8 an endorsement is a journalled act, ends with its task, and has a limit', () => {
  const state = fold([opened(t1), endorsed(1, t1), endorsed(2, t2)]);
  assert.deepEqual(
    state.tasks.get(t1)?.task.endorsements.map(({ endorsed: what, at }) => [what, at]),
    [[{ kind: 'value', digest: 'v1' }, 1_001]],
  );
  fold([{ kind: 'task.ended', id: 'e_9', task: t1, by: 'x', why: 'y' }, endorsed(3, t1), opened(t2)], state);
  assert.equal(state.tasks.get(t1)?.task.endorsements.length, 1);
  assert.deepEqual(state.tasks.get(t2)?.task.endorsements, []);
  fold(
    Array.from({ length: endorsementsMax + 5 }, (_, n) => endorsed(n, t2)),
    state,
  );
  assert.equal(state.tasks.get(t2)?.task.endorsements.length, endorsementsMax);
});

test('what was performed, withheld or lost is used; what was refused or faulted is not', () => {
  const outcome = { decision: 'd_2', task: t1, bytes: 7, labels: [] } as const;
  const state = fold([
    opened(t1),
    decided(1, t1),
    performed(1, t1),
    decided(2, t1),
    { kind: 'withheld', id: 'o_2', why: 'too large', ...outcome },
    decided(3, t1),
    { kind: 'indeterminate', id: 'o_3', ...outcome, decision: 'd_3', bytes: 0, code: 'upstream-timeout' },
    decided(4, t1),
    { kind: 'faulted', id: 'e_4', decision: 'd_4', task: t1, code: 'upstream-unavailable' },
    decided(5, t1, { verdict: 'refuse', answer: 'deny' }),
    { kind: 'refused', id: 'e_5', decision: 'd_5', task: t1, code: 'denied' },
  ]);
  assert.deepEqual(taskOf(state, t1).used, { calls: 3, bytes: 150 + 107 + 100, spendCents: 0 });
  assert.equal(state.pending.size, 0);
});

test('what a client did although it was refused raises its task', () => {
  const over = { id: 'e_1', decision: 'd_1', task: t1, server: 'files', tool: 'read', over: 'refused' } as const;
  const state = fold([opened(t1), { kind: 'overruled', ...over, labels: ['untrusted'] }]);
  assert.deepEqual(
    taskOf(state, t1).sources.map(({ label, entry }) => [label, entry]),
    [['untrusted', 'e_1']],
  );
});

test('a task rests from the end of its newest call', () => {
  const state = fold([opened(t1), decided(1, t1), performed(1, t1)]);
  assert.equal(state.tasks.get(t1)?.touchedAt, 1_002);
});

test('an outcome is counted once, however often it stands there', () => {
  const state = fold([opened(t1), decided(1, t1), performed(1, t1), performed(1, t1)]);
  assert.equal(taskOf(state, t1).used.calls, 1);
});

test('a passed decision without an outcome raises its task to the worst labels and is paid for', () => {
  const state = fold([opened(t1), opened(t2), decided(1, t1), decided(2, t2), performed(2, t2)]);
  assert.deepEqual(resolvePending(state, 9_000), ['d_1']);
  assert.deepEqual(
    taskOf(state, t1).sources.map(({ label, entry }) => [label, entry]),
    [
      ['untrusted', 'd_1'],
      ['unlabelled', 'd_1'],
    ],
  );
  assert.deepEqual(taskOf(state, t1).used, { calls: 1, bytes: 100, spendCents: 0 });
  assert.deepEqual([...taskOf(state, t2).labels], []);
  assert.deepEqual(resolvePending(state, 9_000), []);
});

test('the entry of the next start resolves what the run before it left open', () => {
  const start: EntryDraft = { kind: 'started', id: 'e_9', version: '1', unresolved: [] };
  const state = fold([opened(t1), decided(1, t1), start, performed(1, t1)]);
  assert.deepEqual([...taskOf(state, t1).labels], ['untrusted', 'unlabelled']);
  assert.equal(taskOf(state, t1).used.calls, 1);
});

test('the first source of a label stays', () => {
  const state = fold([
    opened(t1),
    decided(1, t1),
    performed(1, t1, ['untrusted']),
    decided(2, t1),
    performed(2, t1, ['untrusted']),
  ]);
  assert.deepEqual(
    taskOf(state, t1).sources.map(source => source.entry),
    ['o_1'],
  );
});

test('an ambient successor inherits labels, in whatever order they and it were written', () => {
  const before = fold([ambient(t1), decided(1, t1), performed(1, t1, ['untrusted']), ended(t1), ambient(t2)]);
  assert.deepEqual([...taskOf(before, t2).labels], ['untrusted']);
  const after = fold([ambient(t1), decided(1, t1), ended(t1), ambient(t2), performed(1, t1, ['untrusted'])]);
  assert.deepEqual([...taskOf(after, t2).labels], ['untrusted']);
});

test('F-9 a given task and the ambient one raise each other, whatever was written first', () => {
  const read = [decided(1, t1), performed(1, t1, ['untrusted'])];
  const rows: readonly (readonly EntryDraft[])[] = [
    [opened(t1), ...read, ambient(t2)],
    [opened(t1), ambient(t2), ...read],
    [ambient(t2), opened(t1), ended(t1), ...read],
    [ambient(t1), opened(t2), ...read],
  ];
  for (const row of rows) assert.deepEqual([...taskOf(fold(row), t2).labels], ['untrusted']);
  const clean = [...read, opened(t2)];
  assert.deepEqual([...taskOf(fold([ambient(t1), ...clean]), t2).labels], [], 'its opener starts it clean');
  const ofAnother = opened(t2, { principal: 'user:q' });
  assert.deepEqual([...taskOf(fold([ambient(t1), ofAnother, ...read]), t2).labels], []);
});

test('an ambient task that the operator opens begins clean, and what still arrives for the old one raises it', () => {
  const clean = fold([
    ambient(t1),
    decided(1, t1),
    performed(1, t1, ['untrusted']),
    ended(t1),
    ambient(t2, { opener: 'operator' }),
  ]);
  assert.deepEqual([...taskOf(clean, t2).labels], []);
  const late = fold([
    ambient(t1),
    decided(1, t1),
    ended(t1),
    ambient(t2, { opener: 'operator' }),
    performed(1, t1, ['untrusted']),
  ]);
  assert.deepEqual([...taskOf(late, t2).labels], ['untrusted']);
});

test('what an ambient task reads reaches the given tasks that are open, and none that has ended', () => {
  const t3: TaskId = 't_00000000000000000000000003';
  const state = fold([opened(t1), opened(t2), ambient(t3), ended(t1), decided(1, t3), performed(1, t3, ['untrusted'])]);
  assert.deepEqual([...taskOf(state, t2).labels], ['untrusted']);
  assert.deepEqual([...taskOf(state, t1).labels], []);
  fold([ended(t2)], state);
  assert.deepEqual([...state.given], [], 'nothing is kept of agents that have no task');
});

test('labels of one agent or principal never reach another', () => {
  const state = fold([
    ambient(t1),
    decided(1, t1),
    performed(1, t1, ['untrusted']),
    ended(t1),
    ambient(t2, { principal: 'user:q' }),
    ambient('t_3', { agent: 'b' }),
  ]);
  assert.deepEqual([...taskOf(state, t2).labels, ...taskOf(state, 't_3').labels], []);
});

test('a second opening of the same task widens nothing', () => {
  const wide = opened(t1, { manifest: { tools: ['*/*'] }, limits: { ...limits, callsMax: 99 }, agent: 'b' });
  const task = taskOf(fold([opened(t1), wide]), t1);
  assert.deepEqual([task.manifest.tools, task.limits, task.agent], [['files/*'], limits, 'a']);
});

test('R17 a kill holds for its scope until that very scope is released', () => {
  const kill = (scope: string, stop: boolean): EntryDraft => ({
    kind: 'killed',
    id: 'e_1',
    scope: scope === 'all' ? { kind: 'all' } : { kind: 'agent', agent: scope },
    by: 'operator',
    why: '',
    stop,
  });
  const code = (drafts: EntryDraft[]): string => {
    const standing = standingOf(fold([opened(t1), ...drafts]), t1, 'a', 2_000);
    return standing.ok ? 'ok' : standing.refusal.code;
  };
  assert.equal(code([]), 'ok');
  assert.equal(code([kill('a', true)]), 'agent-killed');
  assert.equal(code([kill('b', true)]), 'ok');
  assert.equal(code([kill('all', true), kill('a', false)]), 'agent-killed');
  assert.equal(code([kill('all', true), kill('a', true), kill('all', false)]), 'agent-killed');
  assert.equal(code([kill('all', true), kill('all', false)]), 'ok');
});

test('D-12 the task of another agent and one that does not exist are refused alike', () => {
  const state = fold([opened(t1)]);
  assert.deepEqual(standingOf(state, t1, 'b', 2_000), standingOf(state, t2, 'b', 2_000));
});

test('a task ends by itself when its seconds are over', () => {
  const state = fold([opened(t1)]);
  const standing = standingOf(state, t1, 'a', 1_000 + 3_600_000);
  assert.ok(!standing.ok);
  assert.equal(standing.refusal.code, 'limit-seconds');
  assert.ok(standingOf(state, t1, 'a', 1_000 + 3_599_999).ok);
});

test('memory does not grow with history: ended tasks are forgotten, tokens with them, inheritance is not', () => {
  const state = emptyState();
  fold(
    [ambient('t_ambient'), decided(1, 't_ambient'), performed(1, 't_ambient', ['untrusted']), ended('t_ambient')],
    state,
  );
  for (let n = 0; n < 5 * endedTasksMax; n++)
    fold([opened(`t_${n}`, { tokenHash: `h${n}` }), { ...ended(`t_${n}`), id: `e_${n}` } as EntryDraft], state);
  for (let n = 0; n < 2 * endedTasksMax; n++) fold([ambient(`t_a${n}`, { agent: 'b' }), ended(`t_a${n}`)], state);
  assert.ok(state.tasks.size <= 2 * endedTasksMax + 1, `${state.tasks.size} tasks`);
  assert.ok(state.tokens.size <= 2 * endedTasksMax + 1, `${state.tokens.size} tokens`);
  fold([ambient(t2)], state);
  assert.deepEqual([...taskOf(state, t2).labels], ['untrusted']);
});

test('F-9 what was read in given tasks outlives them, though they are not kept: an agent’s first ambient task knows of it, and so does a call that was under way', () => {
  const t3: TaskId = 't_00000000000000000000000003';
  const state = fold([
    opened(t1, { ownPrincipal: 'user:own' }),
    ...[decided(1, t1), performed(1, t1, ['untrusted']), ended(t1)],
    ...[opened(t2), decided(2, t2), ended(t2)],
  ]);
  for (let n = 0; n < 3 * endedTasksMax; n++)
    fold([opened(`t_${n}`, { agent: 'c' }), { ...ended(`t_${n}`), id: `e_${n}` } as EntryDraft], state);
  assert.equal(state.tasks.has(t1), false);
  fold([performed(2, t2, ['org'])], state);
  const firsts = [ambient(t3), ambient('t_own', { principal: 'user:own' }), ambient('t_b', { agent: 'b' })];
  fold(firsts, state);
  const labels = [t3, 't_own' as TaskId, 't_b' as TaskId].map(id => [...taskOf(state, id).labels].sort());
  assert.deepEqual(labels, [['org', 'untrusted'], ['untrusted'], []]);
  assert.deepEqual(
    sourcesKnown(state, 'a', 'user:own').map(({ label }) => label),
    ['untrusted'],
  );
});

test('whatever stands in the journal: labels only grow, and manifest, limits and agent of a task never change', () => {
  const ids: TaskId[] = [t1, t2];
  const draft = fc.oneof(
    fc.record({ n: fc.nat(5), task: fc.constantFrom(...ids) }).map(({ n, task }) => decided(n, task)),
    fc
      .record({ n: fc.nat(5), task: fc.constantFrom(...ids), bad: fc.boolean() })
      .map(({ n, task, bad }) => performed(n, task, bad ? ['untrusted'] : [])),
    fc.constantFrom(...ids).map(ended),
    fc.constantFrom(...ids).map(id => opened(id, { limits: { ...limits, callsMax: 1e6 }, agent: 'b' })),
    fc.constant<EntryDraft>({ kind: 'started', id: 'e_s', version: '1', unresolved: [] }),
  );
  fc.assert(
    fc.property(fc.array(draft, { maxLength: 40 }), drafts => {
      const state = fold([opened(t1), ambient(t2)]);
      for (const each of drafts) {
        const before = new Map(ids.map(id => [id, taskOf(state, id)]));
        fold([each], state);
        for (const id of ids) {
          const [was, is] = [before.get(id), taskOf(state, id)];
          assert.ok(was && [...was.labels].every(label => is.labels.has(label)));
          assert.ok(is.used.calls >= was.used.calls && is.used.bytes >= was.used.bytes);
          assert.deepEqual([is.manifest, is.limits, is.agent], [was.manifest, was.limits, was.agent]);
          assert.ok(!(was.state.kind === 'ended' && is.state.kind === 'open'), 'an ended task came back');
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('an entry from before ceilings, segments and delegation folds: not limited in them, and it delegates nothing', () => {
  const task = taskOf(fold([opened(t1, { limits: oldLimits })]), t1);
  assert.deepEqual(task.manifest, { tools: ['files/*'], resources: undefined, destinations: undefined });
  assert.deepEqual(
    [task.ceiling, task.segments, task.parent, task.depth, task.limits.depthMax, task.limits.spendCentsMax],
    ['secret', undefined, undefined, 0, 0, Number.MAX_SAFE_INTEGER],
  );
  const stated = opened(t1, { ceiling: 'internal', depth: 1, limits: { ...limits, depthMax: 2, spendCentsMax: 5 } });
  const now = taskOf(fold([stated]), t1);
  assert.deepEqual([now.ceiling, now.depth, now.limits.depthMax, now.limits.spendCentsMax], ['internal', 1, 2, 5]);
});
