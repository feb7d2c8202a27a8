import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskId } from '@sallyport/core/model/ids.ts';
import type { JsonObject } from '@sallyport/core/model/json.ts';
import type { LabelSource } from '@sallyport/core/model/label.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { fakeOrder } from '@sallyport/testkit/fakes/task.ts';
import { agentA, agentB, openRoom, type Room, restart } from '@sallyport/testkit/rooms/tasks.ts';
import type { TaskOrder } from '../../api/control.ts';
import type { PeerConfig } from '../../upstreams/a2a/config.ts';
import type { HandOver } from '../../upstreams/a2a/hand-over.ts';
import { createHandOver } from './hand-over.ts';

const peer = { id: 'booking', agent: agentB.id } as PeerConfig;
const untrusted: LabelSource = { label: 'untrusted', entry: 'o_1', server: 'web', tool: 'fetch', at: 1 };

/** What the other agent says of its task `id`. */
function itsTask(id: string, state: string): JsonObject {
  const text = (value: string) => ({ kind: 'string', value }) as const;
  const status = { kind: 'object', members: new Map([['state', text(state)]]) } as const;
  const task = {
    kind: 'object',
    members: new Map<string, JsonObject | ReturnType<typeof text>>([
      ['id', text(id)],
      ['status', status],
    ]),
  } as const;
  return { kind: 'object', members: new Map([['task', task]]) };
}

async function sender(room: Room, over: Partial<TaskOrder> = {}): Promise<Task> {
  const order = fakeOrder({ segments: ['office'], ...over });
  const opened = await room.opening(order, { kind: 'operator', acted: { by: 'operator', proof: 'shared-uid' } });
  assert.ok(opened.ok, opened.ok ? '' : opened.error.message);
  return opened.value.task;
}

const taskOf = (room: Room, id: string): Task => room.state.tasks.get(id as TaskId)?.task ?? assert.fail(`no ${id}`);

/** The task below, opened with the first message or with a further one, and bound to the other agent's `theirs`. */
async function handedOver(handOver: HandOver, task: Task, further = false): Promise<string> {
  const begun = await handOver.begin(peer, task, further ? 'theirs' : undefined);
  assert.ok(begun.ok && begun.value !== undefined, begun.ok ? 'nothing' : begun.refusal.why);
  handOver.heard(peer, task, itsTask('theirs', 'TASK_STATE_WORKING'), begun.value);
  return begun.value.task;
}

/** A message of which nothing was heard. */
async function unanswered(handOver: HandOver, task: Task, messageId: string): Promise<string> {
  const begun = await handOver.begin(peer, task, undefined, messageId);
  assert.ok(begun.ok && begun.value !== undefined, begun.ok ? 'nothing' : begun.refusal.why);
  const left = handOver.lost(peer, task, begun.value, messageId);
  assert.match(left ?? '', new RegExp(`^task ${begun.value.task} stays open until it has rested 3600 s; `));
  return begun.value.task;
}

/** The task below for this message, sent again. */
async function sentAgain(handOver: HandOver, task: Task, messageId: string): Promise<string> {
  const begun = await handOver.begin(peer, task, undefined, messageId);
  assert.ok(begun.ok && begun.value !== undefined);
  return begun.value.task;
}

test('K-7 a message that no answer came to goes on in its own task alone, with what its sender has read since', async () => {
  const room = openRoom();
  const handOver = createHandOver(room.opening, room.room);
  const [task, other] = [await sender(room), await sender(room)];
  const below = await unanswered(handOver, task, 'm-1');
  room.room.tasks.raise(task.id, [untrusted]);
  assert.equal(await sentAgain(handOver, taskOf(room, task.id), 'm-1'), below);
  assert.deepEqual([...taskOf(room, below).labels], ['untrusted']);
  for (const [from, message] of [
    [task, 'm-2'],
    [other, 'm-1'],
  ] as const)
    assert.notEqual(await sentAgain(handOver, taskOf(room, from.id), message), below);
  await room.room.end(below as TaskId, { by: 'operator' }, 'enough');
  assert.notEqual(await sentAgain(handOver, taskOf(room, task.id), 'm-1'), below, 'an ended task is no more');
});

test('what became of a message that no answer came to is heard later: by a plain answer, or a task that holds it', async () => {
  const room = openRoom();
  const handOver = createHandOver(room.opening, room.room);
  const task = await sender(room);
  const stateOf = (below: string): string => taskOf(room, below).state.kind;

  const plain = await unanswered(handOver, task, 'm-1');
  const again = await handOver.begin(peer, task, undefined, 'm-1');
  assert.ok(again.ok && again.value !== undefined);
  handOver.over(peer, again.value);
  assert.equal(stateOf(plain), 'open', 'that it was not taken twice says nothing');
  handOver.heard(peer, task, jsonObject('{"message":{"messageId":"a"}}'), again.value);
  assert.equal(stateOf(plain), 'ended');
  assert.equal(handOver.lost(peer, task, again.value, 'm-1'), undefined, 'it is known what became of it');

  const held = await unanswered(handOver, task, 'm-2');
  const theirs = (state: string): JsonObject =>
    jsonObject(`{"tasks":[{"id":"t","status":{"state":"${state}"},"history":[{"messageId":"m-2"}]}]}`);
  handOver.heard(peer, await sender(room), theirs('TASK_STATE_COMPLETED'), undefined);
  handOver.heard(peer, task, theirs('TASK_STATE_WORKING'), undefined);
  assert.equal(stateOf(held), 'open');
  handOver.heard(peer, task, itsTask('t', 'TASK_STATE_COMPLETED'), undefined);
  assert.equal(stateOf(held), 'ended');
});

test('a plain answer is the whole work only where no task of the other agent is known: else that one says when it is done', async () => {
  const room = openRoom();
  const handOver = createHandOver(room.opening, room.room);
  const task = await sender(room);
  const below = await handedOver(handOver, task);
  const further = await handOver.begin(peer, taskOf(room, task.id), 'theirs');
  assert.ok(further.ok && further.value !== undefined);
  handOver.heard(peer, task, jsonObject('{"message":{"messageId":"a"}}'), further.value);
  assert.equal(taskOf(room, below).state.kind, 'open');
});

test('F-9 K-7 a further message takes along what its sender has read since the first, also over a restart', async () => {
  const room = openRoom();
  const handOver = createHandOver(room.opening, room.room);
  const { id } = await sender(room);
  const below = await handedOver(handOver, taskOf(room, id));
  assert.deepEqual([...taskOf(room, below).labels], []);
  room.room.tasks.raise(id, [untrusted]);
  assert.deepEqual([...taskOf(room, below).labels], [], 'nothing has been said to it since');
  const further = await handOver.begin(peer, taskOf(room, id), 'theirs');
  assert.equal(further.ok && further.value?.task, below, 'the same work, the same task');
  assert.deepEqual([...taskOf(room, below).labels], ['untrusted']);

  assert.deepEqual(taskOf(await restart(room), below), taskOf(room, below));
});

test('K-7 what another task of the same agent says to a bound task reaches it with that task’s labels', async () => {
  const room = openRoom();
  const handOver = createHandOver(room.opening, room.room);
  const first = await sender(room);
  const below = await handedOver(handOver, first);
  const { id } = await sender(room);
  const beside = await handOver.begin(peer, taskOf(room, id), 'of its own');
  assert.ok(beside.ok && beside.value !== undefined);
  room.room.tasks.raise(id, [untrusted]);
  await handOver.begin(peer, taskOf(room, id), 'theirs');
  const again = await restart(room);
  for (const task of [first.id, below, beside.value.task])
    assert.deepEqual(taskOf(again, task), taskOf(room, task), 'a restart changes nothing');
  const reached = [below, beside.value.task].map(task => [...taskOf(room, task).labels]);
  assert.deepEqual(reached, [['untrusted'], []], 'what it was not said to has not heard it');
});

/** The other agent without a token. */
async function ambientOf(room: Room, principal = agentA.principal): Promise<Task> {
  const task = await room.room.tasks.require({ ...agentB, principal }, undefined);
  assert.ok(task.ok, task.ok ? '' : task.refusal.why);
  return task.value;
}

test('F-9 K-7 what an agent is told in a task below it knows without its token too: by the first message, a further one, or before', async () => {
  for (const [when, principal] of [
    ...(['first', 'further', 'before'] as const).map(each => [each, agentA.principal] as const),
    ...(['first', 'further', 'before'] as const).map(each => [each, agentB.principal] as const),
  ]) {
    const room = openRoom();
    const handOver = createHandOver(room.opening, room.room);
    const { id } = await sender(room);
    if (when !== 'before') assert.deepEqual([...(await ambientOf(room, principal)).labels], []);
    if (when !== 'further') room.room.tasks.raise(id, [untrusted]);
    await handedOver(handOver, taskOf(room, id));
    if (when === 'further') {
      room.room.tasks.raise(id, [untrusted]);
      await handOver.begin(peer, taskOf(room, id), 'theirs');
    }
    assert.deepEqual((await ambientOf(room, principal)).sources, [untrusted], `${when} ${principal}`);
    assert.deepEqual(
      (await ambientOf(await restart(room), principal)).sources,
      [untrusted],
      `${when}, after a restart`,
    );
  }
});

test('F-9 K-7 a message holds more than its sender has read: whoever delegated may hear of it from there', async () => {
  for (const when of ['first', 'further'] as const) {
    const room = openRoom();
    const handOver = createHandOver(room.opening, room.room);
    const { id } = await sender(room);
    if (when === 'further') await handedOver(handOver, taskOf(room, id));
    const told = { ...taskOf(room, id), sources: [untrusted] };
    assert.ok((await handOver.begin(peer, told, when === 'further' ? 'theirs' : undefined)).ok);
    assert.deepEqual(taskOf(room, id).sources, [untrusted], when);
    assert.deepEqual(taskOf(await restart(room), id), taskOf(room, id), when);
  }
});

test('F-9 K-7 what an agent reads without a token may come back from a task below: it raises whoever delegated that', async () => {
  for (const principal of [agentA.principal, agentB.principal]) {
    const room = openRoom();
    const handOver = createHandOver(room.opening, room.room);
    const { id } = await sender(room);
    const below = await handedOver(handOver, taskOf(room, id));
    room.room.tasks.raise((await ambientOf(room, principal)).id, [untrusted]);
    const reached = [below, id].map(task => [...taskOf(room, task).labels]);
    assert.deepEqual(reached, [['untrusted'], ['untrusted']], principal);
  }
});

test('K-7 what is said with the end of a task, or where to report it, reaches the task that theirs is bound to, and opens none', async () => {
  const room = openRoom();
  const handOver = createHandOver(room.opening, room.room);
  const { id } = await sender(room);
  const below = await handedOver(handOver, taskOf(room, id));
  room.room.tasks.raise(id, [untrusted]);
  const tasks = room.state.tasks.size;
  for (const theirs of ['theirs', 'another']) await handOver.tell(peer, taskOf(room, id), theirs);
  assert.deepEqual([...taskOf(room, below).labels], ['untrusted']);
  assert.equal(room.state.tasks.size, tasks);
});

test('a further message to a task whose own has ended meanwhile opens another, which is bound to it from then on', async () => {
  const room = openRoom();
  const handOver = createHandOver(room.opening, room.room);
  const task = await sender(room, { limits: { idleSecondsMax: 600 } });
  const first = await handedOver(handOver, task);
  await room.room.end(first as TaskId, { by: 'operator' }, 'enough');
  const second = await handedOver(handOver, taskOf(room, task.id), true);
  room.clock.now += 599_000;
  const idle = await handOver.begin(peer, taskOf(room, task.id), 'theirs');
  assert.deepEqual([first === second, idle.ok && idle.value?.task], [false, second]);
  room.clock.now += 600_001;
  const third = await handOver.begin(peer, taskOf(room, task.id), 'theirs');
  assert.ok(third.ok && third.value !== undefined && third.value.task !== second);
});

test('D-10 two people’s tasks that another agent calls by one name are two: neither is worked on, nor ended, with the other’s', async () => {
  const room = openRoom();
  const handOver = createHandOver(room.opening, room.room);
  const emmas = await handedOver(handOver, await sender(room));
  const paul = await sender(room, { principal: 'user:paul' });
  const pauls = await handedOver(handOver, paul, true);
  assert.notEqual(pauls, emmas);
  const further = await handOver.begin(peer, paul, 'theirs');
  assert.equal(further.ok && further.value?.task, pauls);
  handOver.heard(peer, paul, itsTask('theirs', 'TASK_STATE_COMPLETED'), undefined);
  assert.deepEqual(
    [emmas, pauls].map(id => taskOf(room, id).state.kind),
    ['open', 'ended'],
  );
});

test('R3 what cannot be recorded as said to a bound task is not sent', async () => {
  const room = openRoom();
  const handOver = createHandOver(room.opening, room.room);
  const { id } = await sender(room);
  await handedOver(handOver, taskOf(room, id));
  room.room.tasks.raise(id, [untrusted]);
  room.journal.fail();
  await assert.rejects(handOver.begin(peer, taskOf(room, id), 'theirs'), /journal is down/);
});

test('a task that may rest for less than an hour hands over as well: the task below rests no longer than it may', async () => {
  const room = openRoom();
  const handOver = createHandOver(room.opening, room.room);
  const idleOf = async (idleSecondsMax: number | undefined) => {
    const limits = idleSecondsMax === undefined ? {} : { idleSecondsMax };
    return taskOf(room, await handedOver(handOver, await sender(room, { limits }))).limits.idleSecondsMax;
  };
  assert.deepEqual([await idleOf(60), await idleOf(undefined), await idleOf(7_200)], [60, 3_600, 3_600]);
});
