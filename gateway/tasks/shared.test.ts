import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Agent } from '@sallyport/core/model/agent.ts';
import { fakeOrder } from '@sallyport/testkit/fakes/task.ts';
import { theOperator } from '@sallyport/testkit/fakes/the-operator.ts';
import { openNode, said } from '@sallyport/testkit/rooms/node.ts';
import { agentA, openRoom, type Room } from '@sallyport/testkit/rooms/tasks.ts';
import { sharedIdleSecondsMax } from './ambient.ts';

/** One service agent, and two people who talk to it, each with an access token that says who they are. */
const chain = [{ kind: 'access-token', trust: 'sallyport', issuer: 'i', subject: 's' }] as const;
const forEmma: Agent = { ...agentA, shared: true, principal: 'user:emma', chain };
const forPaul: Agent = { ...forEmma, principal: 'user:paul' };

async function taskOf(room: Room, agent: Agent, token?: string) {
  const task = await room.room.tasks.require(agent, token);
  assert.ok(task.ok, task.ok ? '' : task.refusal.code);
  return task.value;
}

describe('an agent that many share: a second principal reaches nothing of the first', () => {
  test('each has a task of their own, and what one has read is not in the other’s', async () => {
    const room = openRoom();
    const emma = await taskOf(room, forEmma);
    room.room.tasks.raise(emma.id, [{ label: 'untrusted', entry: 'o_1', server: 's', tool: 't', at: 1 }]);
    const paul = await taskOf(room, forPaul);
    assert.notEqual(paul.id, emma.id);
    assert.deepEqual([paul.principal, paul.labels.size], ['user:paul', 0]);
    assert.equal((await taskOf(room, forEmma)).id, emma.id, 'reconnecting washes nothing');
  });

  test('K-10 with the token of the first one’s task it is refused as with one that does not exist', async () => {
    const room = openRoom();
    const opened = await room.control.open(fakeOrder({ principal: 'user:emma' }), theOperator);
    assert.ok(opened.ok);
    assert.equal((await taskOf(room, forEmma, opened.value.token)).id, opened.value.task.id);
    const words = async (token: string | undefined) => {
      const refused = await room.room.tasks.require(forPaul, token);
      return refused.ok ? 'ok' : JSON.stringify(refused.refusal);
    };
    assert.match(await words(opened.value.token), /task-unknown/);
    assert.equal(await words(opened.value.token), await words('spt_unheard-of'));
  });

  test('E-1 a yes that was given to the first is of no use to the second', async () => {
    const node = openNode();
    const asked = await node.call({}, forEmma);
    assert.ok(asked.kind === 'refusal' && asked.approval !== undefined);
    assert.ok((await node.approvals.answer(asked.approval, said('approved'))).ok);
    const second = await node.call({}, forPaul);
    assert.equal(second.kind === 'refusal' && second.refusal.code, 'needs-approval');
    assert.equal(node.sent.length, 0);
    assert.equal((await node.call({}, forEmma)).kind, 'result');
  });

  test('its ambient task ends by itself, where that of another agent does not', async () => {
    const room = openRoom();
    const [shared, own] = [
      await taskOf(room, forEmma),
      await taskOf(room, { ...agentA, id: 'other', principal: 'user:x' }),
    ];
    room.clock.now += (sharedIdleSecondsMax + 1) * 1000;
    assert.notEqual((await taskOf(room, forEmma)).id, shared.id);
    assert.equal((await taskOf(room, { ...agentA, id: 'other', principal: 'user:x' })).id, own.id);
  });
});
