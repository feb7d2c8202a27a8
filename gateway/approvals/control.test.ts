import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decided, Entry } from '@sallyport/core/model/entry.ts';

import { jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { theOperator } from '@sallyport/testkit/fakes/the-operator.ts';
import { openNode, type TestNode } from '@sallyport/testkit/rooms/node.ts';
import type { ApprovalControl } from '../api/control.ts';
import type { ApprovalView } from '../api/view/approval.ts';
import { createApprovalControl } from './control.ts';
import { createEndorse } from './endorse.ts';

const yes = { answer: 'approved', why: '', by: theOperator } as const;

function controlOf(node: TestNode): ApprovalControl {
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
        return decided && { decided, reasons: decided.reasons, facts: undefined, values: [], arguments: text };
      },
      taskOf: id => state.tasks.get(id)?.task,
    },
  );
}

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
  assert.deepEqual([again.error.code, again.error.message], ['conflict', 'it was approved already']);
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

test('where the body is gone the question is still shown, without its arguments', async () => {
  const node = openNode();
  await node.call();
  node.journal.bodies.clear();
  assert.equal((await one(controlOf(node))).arguments, undefined);
});
