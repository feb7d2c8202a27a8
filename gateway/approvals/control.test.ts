import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decided, Entry } from '@sallyport/core/model/entry.ts';
import type { Way } from '@sallyport/core/model/way.ts';
import { endorsementsMax } from '@sallyport/core/task/endorse.ts';
import { jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { theOperator } from '@sallyport/testkit/fakes/the-operator.ts';
import { openNode, type TestNode } from '@sallyport/testkit/rooms/node.ts';
import type { Caller } from '../api/caller.ts';
import type { ApprovalControl, StandBehindOrder } from '../api/control.ts';
import type { ApprovalView } from '../api/view/approval.ts';
import { createApprovalControl } from './control.ts';
import { createEndorse } from './endorse.ts';
import { createWho } from './who.ts';

const yes = { answer: 'approved', why: '', by: theOperator } as const;

function controlOf(node: TestNode, ways: readonly Way[] = []): ApprovalControl {
  const { state, journal, clock, world } = node;
  const ports = { state, now: () => clock.now, world: () => world.now.digest };
  const endorse = createEndorse({ ...ports, journal, newId: node.ports.newId });
  return createApprovalControl(
    node.approvals,
    { ...ports, endorse },
    {
      evidenceOf: async id => {
        const decided = journal.entries.find((entry): entry is Entry & Decided => entry.id === id);
        const text = journal.bodies.get(id)?.arguments;
        const facts = { task: {}, flow: { ways }, env: {} };
        return decided && { decided, reasons: decided.reasons, facts, values: [], arguments: text };
      },
      taskOf: id => state.tasks.get(id)?.task,
    },
  );
}

const way: Way = {
  ...{ argument: 'path', role: 'object', origin: 'text', backing: 'text', digest: 'value-digest' },
  found: [{ entry: 'o_1', server: 'mail', tool: 'read', digest: 'source-digest', path: 'body' }],
};

async function one(control: ApprovalControl, state: 'pending' | 'all' = 'all'): Promise<ApprovalView> {
  const [view] = await control.list(state);
  assert.ok(view);
  return view;
}

test('E-4 a person sees exactly what a yes would permit, who asks, why, and where the labels came from', async () => {
  const node = openNode({ annotations: { reason: 'this leaves the house', approver: 'theOperator' } });
  const control = controlOf(node);
  await node.call({ input: jsonObject('{"path":"a\\u202etxt"}') });
  const view = await one(control, 'pending');
  assert.equal(view.arguments, '{"name":"read_file","arguments":{"path":"a\u202etxt"}}');
  assert.deepEqual(
    [view.tool, view.agent, view.principal, view.state, view.approvers],
    ['files/read_file', 'assistant', 'user:emma', 'pending', ['theOperator']],
  );
  assert.equal(view.reasons[0]?.text, 'this leaves the house');
  assert.equal(view.expiresAt - view.askedAt, 600_000);
});

test('who may see one question is shown that one, whatever its state, and nothing of another is read', async () => {
  const node = openNode();
  const control = controlOf(node);
  await node.call();
  await node.call({ input: jsonObject('{"path":"another"}') });
  const [first, second] = await control.list('pending');
  assert.ok(first && second);
  await control.answer(first.id, yes);
  const seen = async (only: string): Promise<string[]> => (await control.list('pending', only)).map(({ id }) => id);
  assert.deepEqual([await seen(first.id), await seen(second.id)], [[first.id], [second.id]]);
  assert.deepEqual(await seen(first.id.slice(0, -1)), []);
});

test('an answer names the approval, by id or unique prefix, and shows who answered and with which proof', async () => {
  const node = openNode();
  const control = controlOf(node);
  await node.call();
  const { id } = await one(control);
  const short = await control.answer('ap_', yes);
  assert.ok(!short.ok && short.error.code === 'not-found', 'a prefix that says nothing picked an approval');
  const answered = await control.answer(id.slice(0, -1), yes);
  assert.ok(answered.ok);
  assert.deepEqual([answered.value.id, answered.value.state], [id, 'approved']);
  assert.deepEqual(answered.value.answered, {
    at: node.clock.now,
    by: 'operator',
    proof: 'shared-uid',
    why: undefined,
  });
  const again = await control.answer(id, yes);
  assert.ok(!again.ok);
  assert.deepEqual([again.error.code, again.error.message], ['conflict', 'it was approved already, by operator']);
  assert.match(again.error.fix ?? '', /^to take the yes back, stop its task: sallyport kill task:t_/);
  await node.call({ input: jsonObject('{"path":"b"}') });
  const unclear = await control.answer(id.slice(0, 8), yes);
  assert.ok(!unclear.ok && unclear.error.code === 'ambiguous');
});

test('a yes that can no longer be used is not shown as one', async () => {
  const states: (readonly [string, string | undefined])[] = [];
  const seen = async (change: (node: TestNode) => unknown): Promise<void> => {
    const node = openNode();
    const control = controlOf(node);
    await node.call();
    await control.answer((await one(control)).id, yes);
    await change(node);
    const { state, why } = await one(control);
    states.push([state, why]);
    assert.deepEqual(await control.list('pending'), []);
  };
  await seen(() => undefined);
  await seen(node => node.call());
  await seen(node => {
    node.clock.now += 600_000;
  });
  await seen(node => {
    node.world.now = { ...node.world.now, digest: 'other' };
  });
  await seen(node => node.control.end([...node.state.tasks.keys()][0] ?? '', '', theOperator));
  assert.deepEqual(states, [
    ['approved', undefined],
    ['used', undefined],
    ['expired', undefined],
    ['void', 'policies or tools have changed since'],
    ['void', 'its task has ended, or was stopped'],
  ]);
});

test('where two rules want a yes of different people the card says of whom, and who said it', async () => {
  const node = openNode({
    evaluate: (_request, approved) => ({ allowed: approved, determining: [approved ? 'p' : 'f'], errors: [] }),
    rules: { f: { approver: 'finance', escalate: '5m: board' }, p: { approver: 'security', people: '2' } },
  });
  const control = controlOf(node);
  await node.call();
  const { id } = await one(control);
  const by = (name: string, group: string): Caller => ({ ...theOperator, name, groups: [group], role: 'approver' });
  const answered = await control.answer(id, { ...yes, by: by('anna', 'finance') });
  assert.ok(answered.ok, JSON.stringify(answered));
  const { approvers, people, quorums, seconds, escalation, state } = answered.value;
  assert.deepEqual([approvers, people, escalation, state], [['security'], undefined, undefined, 'pending']);
  assert.deepEqual(quorums, [
    { approvers: ['finance'], people: 1, yes: ['anna'] },
    { approvers: ['security'], people: 2, yes: [] },
  ]);
  assert.deepEqual(seconds, [{ at: node.clock.now, by: 'anna', proof: theOperator.proof }]);
  const refused = await control.answer(id, { ...yes, answer: 'refused', by: by('gus', 'security') });
  assert.ok(refused.ok);
  assert.deepEqual(
    refused.value.quorums?.map(({ yes }) => yes),
    [['anna'], []],
    'a no is nobody’s yes',
  );
});

test('where the body is gone the question is still shown, without its arguments', async () => {
  const node = openNode();
  await node.call();
  node.journal.bodies.clear();
  assert.equal((await one(controlOf(node))).arguments, undefined);
});

test('F-8 a person stands behind what the question is about, in their words, on record first, as far as the question reaches', async () => {
  for (const [classes, reach, sourceReach] of [
    [['write'], 'changes', 'changes'],
    [['write', 'message'], 'outward', 'outward'],
    [['write', 'money'], 'grave', 'changes'],
  ] as const) {
    const node = openNode({ tool: { classes } });
    const control = controlOf(node, [way]);
    await node.call();
    const { id } = await one(control);
    const order = { why: 'I wrote that', by: theOperator, minutes: undefined };
    const [task] = [...node.state.tasks.values()];
    const standing = () => node.state.tasks.get(task?.task.id ?? 't_')?.task.endorsements ?? [];
    const release = node.journal.hold();
    const first = control.endorse(id, { ...order, what: { kind: 'tool' } });
    await new Promise(setImmediate);
    assert.deepEqual(standing(), [], 'not before it is durable');
    release();
    assert.ok((await first).ok);
    assert.ok((await control.endorse(id, { ...order, what: { kind: 'value', digest: way.digest } })).ok);
    assert.ok(
      (await control.endorse(id, { ...order, minutes: 5, what: { kind: 'source', digest: 'source-digest' } })).ok,
    );
    assert.deepEqual(
      standing().map(({ endorsed, reach: far, until, approval, by, why }) => [endorsed, far, until, approval, by, why]),
      [
        [{ kind: 'tool', server: 'files', tool: 'read_file' }, reach, undefined, id, 'operator', order.why],
        [{ kind: 'value', digest: way.digest }, reach, undefined, id, 'operator', order.why],
        [
          { kind: 'source', server: 'mail', tool: 'read', digest: 'source-digest' },
          ...[sourceReach, node.clock.now + 300_000, id, 'operator', order.why],
        ],
      ],
    );
    const acts = node.journal.entries.filter(({ kind }) => kind === 'task.endorsed');
    assert.equal(acts.length, 3);
  }
});

test('F-8 nobody stands behind what was not asked, without a reason, alone where more are needed, too late or too often', async () => {
  const refusal = async (
    over: Partial<StandBehindOrder>,
    prepare: (node: TestNode) => unknown = () => undefined,
    annotations: Record<string, string> = {},
  ): Promise<string> => {
    const node = openNode({ annotations });
    const control = controlOf(node, [way]);
    await node.call();
    const { id } = await one(control);
    await prepare(node);
    const count = node.journal.entries.length;
    const what = { kind: 'value', digest: way.digest } as const;
    const done = await control.endorse(id, { what, minutes: undefined, why: 'mine', by: theOperator, ...over });
    assert.equal(node.journal.entries.length, done.ok ? count + 1 : count);
    return done.ok ? 'done' : `${done.error.code} ${done.error.message}`;
  };
  const taskIn = (node: TestNode) => [...node.state.tasks.values()][0] ?? assert.fail('no task');
  assert.equal(await refusal({}), 'done');
  for (const kind of ['value', 'source'] as const)
    assert.match(await refusal({ what: { kind, digest: 'other' } }), /^not-found .* about no such thing/);
  assert.match(await refusal({ why: ' ' }), /^malformed is required/);
  assert.match(await refusal({}, undefined, { people: '2' }), /^conflict it needs more than one person/);
  const expired = (node: TestNode): number => (node.clock.now += 600_000);
  assert.match(await refusal({}, expired), /^conflict it has expired/);
  const ended = (node: TestNode) => node.control.end(taskIn(node).task.id, '', theOperator);
  assert.match(await refusal({}, ended), /^conflict /);
  const full = (node: TestNode): void => {
    const { task, ...record } = taskIn(node);
    const endorsed = { kind: 'tool', server: 's', tool: 't' } as const;
    const one = { entry: 'e_1', endorsed, reach: 'changes', by: 'ann', why: '', at: 0 } as const;
    const endorsements = Array.from({ length: endorsementsMax }, () => one);
    node.state.tasks.set(task.id, { ...record, task: { ...task, endorsements } });
  };
  assert.match(await refusal({}, full), /^conflict a task has at most 200/);
});

test('F-8 what a person stands behind cannot be put into a task that has ended or is not there', async () => {
  const node = openNode();
  const endorse = createEndorse({ ...node.ports, journal: node.journal });
  await node.call();
  const [task] = [...node.state.tasks.keys()];
  const order = { endorsed: { kind: 'value', digest: 'x' }, reach: 'changes', why: 'mine', by: 'ann' } as const;
  assert.ok((await endorse({ ...order, proof: 'shared-uid', task: task ?? 't_' })).ok);
  await node.control.end(task ?? '', '', theOperator);
  for (const gone of [task ?? 't_', 't_none'] as const) {
    const count = node.journal.entries.length;
    assert.equal((await endorse({ ...order, proof: 'shared-uid', task: gone })).ok, false);
    assert.equal(node.journal.entries.length, count);
  }
});

test('E-3 a yes of somebody who lost the right since is shown as void, with what to do, and as a yes again once they have it', async () => {
  const ben: Caller = { ...theOperator, name: 'oidc:ben', groups: [] };
  const groups = new Map([['finance', ['oidc:ben']]]);
  const node = openNode({ annotations: { approver: 'finance' }, who: createWho({ groups, deputies: new Map() }) });
  const control = controlOf(node);
  await node.call();
  const { id } = await one(control);
  assert.ok((await control.answer(id, { ...yes, by: ben })).ok);
  assert.equal((await one(control)).state, 'approved');
  groups.set('finance', []);
  const { state, why } = await one(control);
  assert.equal(state, 'void');
  assert.equal(
    why,
    'oidc:ben, who said yes, may not any more: the yes counts for nothing; if the agent tries again, it is asked anew',
  );
  groups.set('finance', ['oidc:ben']);
  assert.equal((await one(control)).state, 'approved');
});

test('E-3 who said the first of two yeses and lost the right since is shown as nobody, and somebody else is asked', async () => {
  const ben: Caller = { ...theOperator, name: 'oidc:ben', groups: [] };
  const groups = new Map([['finance', ['oidc:ben']]]);
  const who = createWho({ groups, deputies: new Map() });
  const node = openNode({ annotations: { approver: 'finance', people: '2' }, who });
  const control = controlOf(node);
  await node.call();
  const { id } = await one(control);
  assert.ok((await control.answer(id, { ...yes, by: ben })).ok);
  assert.deepEqual(
    (await one(control)).seconds?.map(({ by }) => by),
    ['oidc:ben'],
  );
  groups.set('finance', ['oidc:anna']);
  const { state, seconds } = await one(control);
  assert.deepEqual([state, seconds], ['pending', []]);
});
