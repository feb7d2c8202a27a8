import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countingLabels } from '@sallyport/core/model/declassification.ts';
import type { LabelSource } from '@sallyport/core/model/label.ts';
import { declassificationsMax } from '@sallyport/core/task/declassify.ts';
import { fakeOrder } from '@sallyport/testkit/fakes/task.ts';
import { emma, theOperator } from '@sallyport/testkit/fakes/the-operator.ts';
import { openRoom, type Room, restart } from '@sallyport/testkit/rooms/tasks.ts';
import type { DeclassifyOrder } from '../api/control.ts';

const order: DeclassifyOrder = { value: undefined, entry: undefined, to: 'internal', why: 'the names are out of it' };
const read = (entry: `o_${string}`): LabelSource => ({
  ...{ label: 'confidential', entry, server: 'vault', tool: 'read', at: 1 },
});

async function taskThatRead(room: Room): Promise<`t_${string}`> {
  const opened = await room.control.open(fakeOrder(), theOperator);
  assert.ok(opened.ok);
  const id = opened.value.task.id as `t_${string}`;
  room.room.tasks.raise(id, [read('o_1'), read('o_2')]);
  return id;
}

function countsAs(room: Room, id: `t_${string}`): readonly string[] {
  const task = room.state.tasks.get(id)?.task ?? assert.fail(`no ${id}`);
  return [...countingLabels(task)];
}

test('F-8 a person lowers what a task has read, for the rest of it, once it is on record with who and why', async () => {
  const room = openRoom();
  const id = await taskThatRead(room);
  const release = room.journal.hold();
  const lowering = room.control.declassify(id, order, emma);
  await new Promise(setImmediate);
  assert.deepEqual(countsAs(room, id), ['confidential'], 'not before it is durable');
  release();
  assert.ok((await lowering).ok);
  assert.deepEqual(countsAs(room, id), ['internal']);
  const { kind, by, proof, why, what, to } = room.journal.entries.at(-1) as never;
  assert.deepEqual(
    { kind, by, proof, why, what, to },
    { kind: 'task.declassified', by: emma.name, proof: 'oidc', why: order.why, what: { kind: 'task' }, to: 'internal' },
  );
  const after = (await restart(room)).state.tasks.get(id)?.task.declassified;
  assert.deepEqual(
    after?.map(one => [one.by, one.to, one.why]),
    [[emma.name, 'internal', order.why]],
  );
});

test('F-8 what is read while that is written down stands behind it in the record, and counts', async () => {
  const room = openRoom();
  const id = await taskThatRead(room);
  const release = room.journal.hold();
  const lowering = room.control.declassify(id, order, emma);
  room.room.tasks.raise(id, [read('o_3')]);
  release();
  assert.ok((await lowering).ok);
  assert.deepEqual(countsAs(room, id), ['confidential']);
  assert.ok((await room.control.declassify(id, { ...order, entry: 'o_3' }, emma)).ok);
  assert.deepEqual(countsAs(room, id), ['internal'], 'and it alone was left');
});

test('F-8 what one entry brought is lowered by itself, and a value without standing anywhere', async () => {
  const room = openRoom();
  const id = await taskThatRead(room);
  for (const [entry, counts] of [
    ['o_1', 'confidential'],
    ['o_2', 'internal'],
  ] as const) {
    assert.ok((await room.control.declassify(id, { ...order, entry }, theOperator)).ok);
    assert.deepEqual(countsAs(room, id), [counts]);
  }
  assert.ok((await room.control.declassify(id, { ...order, value: 'Quokka-4711' }, theOperator)).ok);
  assert.doesNotMatch(JSON.stringify(room.journal.entries), /Quokka/);
});

test('F-8 nothing is lowered without a reason, for a task that ended or is not there, too often, or off the record', async () => {
  const room = openRoom();
  const id = await taskThatRead(room);
  const field = async (over: Partial<DeclassifyOrder>, task: string = id): Promise<string> => {
    const before = room.journal.entries.length;
    const lowered = await room.control.declassify(task, { ...order, ...over }, theOperator);
    assert.ok(!lowered.ok);
    assert.equal(room.journal.entries.length, before, 'nothing is on record');
    return `${lowered.error.code} ${lowered.error.field}`;
  };
  assert.equal(await field({ why: '' }), 'malformed why');
  assert.equal(await field({ value: 'abc' }), 'malformed value');
  assert.equal(await field({ value: 'x'.repeat(25) }), 'malformed value');
  assert.equal(await field({}, 't_none'), 'not-found id');
  assert.deepEqual(countsAs(room, id), ['confidential']);
  for (let n = 0; n < declassificationsMax; n++)
    assert.ok((await room.control.declassify(id, { ...order, value: `value-${n}` }, theOperator)).ok);
  assert.equal(await field({}), 'conflict id');
  await room.control.end(id, 'done', theOperator);
  assert.equal(await field({}), 'conflict id');
  const broken = openRoom();
  const other = await taskThatRead(broken);
  broken.journal.fail();
  await assert.rejects(broken.control.declassify(other, order, theOperator), /down/);
  assert.deepEqual(countsAs(broken, other), ['confidential']);
});
