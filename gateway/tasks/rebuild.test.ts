import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UpstreamReply } from '@sallyport/core/mediate/ports.ts';
import type { Cost } from '@sallyport/core/model/cost.ts';
import type { EntryKind } from '@sallyport/core/model/entry.ts';
import type { ApprovalId, TaskId } from '@sallyport/core/model/ids.ts';
import type { Evaluation, PolicyRequest } from '@sallyport/core/policy/engine.ts';
import type { State } from '@sallyport/core/task/state.ts';
import { allow, fakeTool, forbid, jsonObject, textResult } from '@sallyport/testkit/fakes/ports.ts';
import { fakeManifest, fakeOrder } from '@sallyport/testkit/fakes/task.ts';
import { theOperator } from '@sallyport/testkit/fakes/the-operator.ts';
import { openNode, restartNode, said, type TestNode } from '@sallyport/testkit/rooms/node.ts';
import { agentA, agentB } from '@sallyport/testkit/rooms/tasks.ts';
import fc from 'fast-check';
import { rebuildState, unresolvedListedMax } from './rebuild.ts';

/** What has to be the same before and after: everything but how recently a task was touched. */
function comparable(state: State): object {
  return {
    // The purpose of an ended task is read when somebody looks at it.
    tasks: [...state.tasks.values()].map(({ task, touchedAt: _, ...record }) => ({
      ...record,
      task: { ...task, purpose: task.state.kind === 'open' ? task.purpose : '' },
    })),
    tokens: [...state.tokens],
    ambient: [...state.ambient],
    forgotten: [...state.forgotten],
    given: [...state.given].map(([key, tasks]) => [key, [...tasks]]),
    kills: [...state.kills],
    modes: [...state.modes],
    approvals: [...state.approvals.values()],
    stores: state.stores,
  };
}

/** What a call brings is sensitive, stays where it is written, and costs something. */
const labelling = {
  integrity: 'org',
  sensitivity: 'confidential',
  fields: [],
  resource: 'path',
  stores: true,
} as const;
const cost: Cost = {
  ...{ cents: 7, argument: undefined, result: undefined, unit: 'hundredth' },
  ...{ currencyArgument: undefined, currency: undefined, centsMax: undefined },
};

/** Kinds of entries that move the state, and that the steps below write. */
const moving: readonly EntryKind[] = [
  ...(['decided', 'performed', 'withheld', 'indeterminate', 'faulted', 'refused', 'asked', 'answered'] as const),
  ...(['task.opened', 'task.ended', 'task.suspended', 'task.resumed', 'task.narrowed', 'task.renewed'] as const),
  ...(['task.reached', 'task.declassified', 'task.endorsed', 'seconded', 'killed', 'mode.set'] as const),
];

const progress = { method: 'notifications/progress', params: jsonObject('{"message":"half of it"}') } as const;

/** What policy makes of the results of some calls, and whom it asks about others. */
const rules = {
  loosens: { obligation: 'declassify-result=internal, endorse-result=changes', reason: 'r' },
  two: { people: '2' },
};

function evaluate({ input }: PolicyRequest, approved: boolean): Evaluation {
  const path = input.members.get('path');
  const word = path?.kind === 'string' ? path.value : '';
  if (word === 'loosen') return { ...allow, determining: ['loosens'] };
  if (word === 'ask2' && approved) return { ...allow, determining: ['two'] };
  return word === 'permit' || (word.startsWith('ask') && approved) ? allow : forbid;
}

/** No two looks at the clock find the same time. */
function ticking(node: TestNode): void {
  let { now } = node.clock;
  Object.defineProperty(node.clock, 'now', { get: () => (now += 7), set: (later: number) => (now = later) });
}

const replies: Record<string, UpstreamReply> = {
  ok: textResult('hello', 1_000_000),
  error: { kind: 'error', error: { code: -32_602, message: 'no', data: undefined }, bytes: 40 },
  unusable: { kind: 'unusable', why: 'too large', bytes: 5_000_000 },
  lost: { kind: 'lost', sent: true, code: 'upstream-timeout', why: 'no answer' },
  unsent: { kind: 'lost', sent: false, code: 'upstream-unavailable', why: 'the pipe was closed' },
};

const calls = ['call', 'together'] as const;
const lives = ['end', 'open', 'delegate', 'ambient', 'suspend', 'resume', 'narrow', 'renew'] as const;
const words = ['answer', 'declassify', 'endorse', 'reach', 'unkill', 'mode', 'wait', 'back'] as const;
const steps = [...calls, ...lives, ...words, 'kill'] as const;

interface Step {
  readonly what: (typeof steps)[number];
  readonly who: number;
  readonly path: string;
  readonly reply: string;
  readonly token: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...calls) },
    { weight: 6, arbitrary: fc.constantFrom(...lives) },
    { weight: 6, arbitrary: fc.constantFrom(...words) },
    { weight: 1, arbitrary: fc.constant('kill' as const) },
  ),
  who: fc.nat(1),
  path: fc.constantFrom('permit', 'permit', 'loosen', 'deny', 'ask1', 'ask2'),
  reply: fc.constantFrom(...Object.keys(replies)),
  token: fc.integer({ min: 0, max: 3 }).map(n => n === 0),
});

async function take(
  node: TestNode,
  { what, who, path, reply, token }: Step,
  tokens: string[],
  next: { reply: string; speaks: boolean },
) {
  const agent = who === 0 ? agentA : agentB;
  const input = jsonObject(`{"path":"${path}"}`);
  const call = { input, taskToken: token ? tokens.at(-1) : undefined };
  const newest = [...node.state.tasks.keys()].at(-1) ?? ('' as TaskId);
  next.reply = reply;
  // Of calls at the same time the first to speak is not the first to be recorded.
  next.speaks = what === 'call';
  switch (what) {
    case 'call':
      return await node.call(call, agent);
    case 'together':
      return await Promise.all([node.call(call, agent), node.call(call, agentA), node.call({ input }, agentB)]);
    case 'end':
      return await node.control.end(newest, '', theOperator);
    case 'suspend':
      return await node.control.suspend(newest, '', theOperator);
    case 'resume':
      return await node.control.resume(newest, theOperator);
    case 'narrow':
      return await node.control.narrow(newest, fakeManifest({ tools: ['files/*'] }), 'w', theOperator);
    case 'renew': {
      const renewed = await node.control.renew(newest, undefined, theOperator);
      if (renewed.ok && renewed.value.token !== undefined) tokens.push(renewed.value.token);
      return renewed;
    }
    case 'declassify': {
      const last = [...node.state.tasks.values()].find(({ task }) => task.labels.size > 0)?.task;
      const entry = last?.sources.at(-1)?.entry;
      const order = { entry: token ? undefined : entry, value: undefined, to: 'internal', why: 'w' } as const;
      return await node.control.declassify(last?.id ?? newest, order, theOperator);
    }
    case 'endorse': {
      const order = { task: newest, endorsed: { kind: 'value', digest: path }, reach: 'outward', why: 'w' } as const;
      return await node.endorse({ ...order, by: 'operator', proof: 'shared-uid' });
    }
    case 'reach': {
      const from = [...node.state.tasks.values()].find(({ task }) => task.agent === agent.id)?.task;
      return from === undefined ? undefined : await node.room.reach(newest, from);
    }
    case 'delegate': {
      const parent = [...node.state.tasks.values()].findLast(({ task }) => task.state.kind === 'open')?.task;
      const { principal = agentA.principal } = parent ?? {};
      const order = fakeOrder({ agent: agent.id, principal, limits: { callsMax: 2 }, parent: parent?.id ?? '' });
      const opened = await node.control.open(order, theOperator);
      if (opened.ok && opened.value.token !== undefined) tokens.push(opened.value.token);
      return opened;
    }
    case 'open':
    case 'ambient': {
      const limits = what === 'open' ? { callsMax: 3 } : {};
      const order = { kind: what === 'open' ? 'opened' : 'ambient', agent: agent.id, limits } as const;
      const purpose = what === 'open' ? 'p' : '';
      const opened = await node.control.open(fakeOrder({ ...order, purpose }), theOperator);
      if (opened.ok && opened.value.token !== undefined) tokens.push(opened.value.token);
      return opened;
    }
    case 'answer':
      return await node.approvals.answer(
        [...node.state.approvals.keys()].at(-1) ?? ('' as ApprovalId),
        said(token ? 'refused' : 'approved', '', { ...theOperator, name: reply }),
      );
    case 'kill':
      return await node.kills.kill(token ? 'all' : `agent:${agent.id}`, 'w', theOperator);
    case 'unkill':
      return await node.kills.unkill(token ? 'all' : `agent:${agent.id}`, '', theOperator);
    case 'mode':
      return await node.modes.set(token ? 'default' : 'server:files', 'observe', theOperator);
    case 'wait':
      node.clock.now += 1_000;
      return undefined;
    case 'back':
      node.clock.now -= 600;
      return undefined;
  }
}

test('R17 whatever happened, a restart finds the same tasks, use, labels, kills, modes and approvals', async () => {
  const seen = new Set<string>();
  let performed = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async steps => {
      const next = { reply: 'ok', speaks: false };
      const node = openNode({
        tool: fakeTool({ classes: ['write'], labelling, cost }),
        reply: async ({ onNotice }) => {
          if (next.speaks) onNotice(progress);
          await new Promise(setImmediate);
          return replies[next.reply] ?? Promise.reject(new Error('reset'));
        },
        rules,
        evaluate,
      });
      ticking(node);
      const tokens: string[] = [];
      for (const each of steps) await take(node, each, tokens, next);
      performed += node.sent.length;
      for (const { kind } of node.journal.entries) seen.add(kind);
      assert.deepEqual(comparable((await restartNode(node)).state), comparable(node.state));
      assert.equal(node.state.pending.size, 0);
    }),
    { numRuns: 200 },
  );
  assert.ok(performed > 200, `too tame: ${performed} calls were performed`);
  const tame = moving.filter(kind => !seen.has(kind));
  assert.deepEqual(tame, [], 'too tame: none of these was ever written');
});

test('the time of what happened is that of its entry, before a restart as after it, however long the disk took', async () => {
  const node = openNode();
  ticking(node);
  const happens = async (what: Step['what'], { path = '', token = false } = {}): Promise<void> => {
    await take(node, { what, who: 0, path, reply: 'anna', token }, [], { reply: '', speaks: false });
    assert.deepEqual(comparable((await restartNode(node)).state), comparable(node.state), what);
  };
  for (const what of ['ambient', 'open', 'suspend', 'resume', 'suspend', 'mode', 'call', 'answer', 'end'] as const)
    await happens(what);
  await happens('call', { path: 'other' });
  await happens('answer', { token: true });
  for (const what of ['kill', 'unkill', 'kill'] as const) await happens(what);
  const answered = [...node.state.approvals.values()].map(({ answered }) => answered !== undefined);
  assert.deepEqual([answered, node.state.kills.size, node.state.modes.size], [[true, true], 1, 1]);
});

test('a node killed while a call was in flight comes back with the call paid for and its task untrusted', async () => {
  let seen = false;
  const node = openNode({
    evaluate: () => allow,
    reply: () => {
      seen = true;
      return new Promise(() => {});
    },
  });
  void node.call();
  while (!seen) await new Promise(setImmediate);
  const task = [...node.state.tasks.values()][0]?.task;
  assert.deepEqual([task?.used.calls, task?.labels.size], [0, 0]);
  const later = await restartNode(node);
  const found = [...later.state.tasks.values()][0]?.task;
  assert.deepEqual(
    [found?.used, [...(found?.labels ?? [])]],
    [{ calls: 1, bytes: 100, spendCents: 0 }, ['untrusted', 'unlabelled']],
  );
  const decided = node.journal.entries.find(entry => entry.kind === 'decided');
  assert.equal(found?.sources[0]?.entry, decided?.id);
});

test('a list says what an ended task was for after a restart as before', async () => {
  const node = openNode();
  const opened = await node.control.open(fakeOrder({ purpose: 'sum up' }), theOperator);
  assert.ok(opened.ok);
  await node.control.end(opened.value.task.id, '', theOperator);
  const wanted = { agent: undefined, parent: undefined, state: 'ended', limit: 10 } as const;
  for (const each of [node, await restartNode(node)])
    assert.deepEqual(
      (await each.control.list(wanted)).map(({ purpose }) => purpose),
      ['sum up'],
    );
});

test('a purpose that was erased comes back empty, and the task stays what it was', async () => {
  const node = openNode();
  const opened = await node.control.open(fakeOrder({ manifest: fakeManifest({ tools: [] }) }), theOperator);
  assert.ok(opened.ok);
  const id = opened.value.task.id as `t_${string}`;
  assert.equal((await restartNode(node)).state.tasks.get(id)?.task.purpose, 'sum up');
  node.journal.bodies.clear();
  const task = (await restartNode(node)).state.tasks.get(id)?.task;
  assert.deepEqual([task?.purpose, task?.manifest.tools], ['', []]);
});

test('however many calls were in flight, what the next start lists of them fits into one entry', async () => {
  const node = openNode({ evaluate: () => allow, reply: () => new Promise(() => {}) });
  const calls = unresolvedListedMax + 100;
  for (let n = 0; n < calls; n++) void node.call({ bytes: 1 });
  while (node.sent.length < calls) await new Promise(setImmediate);
  const { state, unresolved } = await rebuildState([node.journal.entries], node.clock.now, async () => undefined);
  assert.equal(unresolved.length, unresolvedListedMax);
  assert.ok(JSON.stringify(unresolved).length < 24 * 1024);
  assert.deepEqual([...state.tasks.values()][0]?.task.used, { calls, bytes: calls, spendCents: 0 });
});
