import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeManifest, fakeOrder } from '@sallyport/testkit/fakes/task.ts';
import { theOperator } from '@sallyport/testkit/fakes/the-operator.ts';
import { openRoom, restart } from '@sallyport/testkit/rooms/tasks.ts';
import { readKinds } from '../policies/kinds.ts';
import { createNarrowing } from './narrow.ts';

const kindsOf = (tools: string) =>
  readKinds([{ file: 'post.kind.yaml', text: `manifest: { tools: [${tools}] }` }]).kinds;

test('an operator narrows a task for good, it is on record, and a restart knows it', async () => {
  const room = openRoom();
  const opened = await room.control.open(fakeOrder({ manifest: fakeManifest({ tools: ['files/*'] }) }), theOperator);
  assert.ok(opened.ok);
  const { id } = opened.value.task;
  const narrowed = await room.control.narrow(id, fakeManifest({ tools: ['files/read_file'] }), '', theOperator);
  assert.deepEqual(narrowed.ok && narrowed.value.tools, ['files/read_file']);
  const wider = await room.control.narrow(id, fakeManifest({ tools: ['files/*'] }), '', theOperator);
  assert.deepEqual(wider.ok && wider.value.tools, ['files/read_file'], 'it never grows again');
  const nothing = await room.control.narrow(id, fakeManifest({}), '', theOperator);
  assert.equal(nothing.ok ? '' : nothing.error.field, 'tools');
  const unknown = await room.control.narrow(id, fakeManifest({ tools: ['files/raed_file'] }), '', theOperator);
  assert.ok(!unknown.ok);
  const again = await restart(room);
  const found = await again.control.find(id);
  assert.deepEqual(found.ok && found.value.tools, ['files/read_file']);
  const acts = room.journal.entries.filter(entry => entry.kind === 'task.narrowed');
  assert.deepEqual(
    acts.map(({ by }) => by),
    ['operator', 'operator'],
  );
});

test('open tasks shrink by themselves with their kind, and do not grow with it', async () => {
  const room = openRoom({ kinds: kindsOf('"files/*"') });
  const opened = await room.control.open(fakeOrder({ kind: 'post' }), theOperator);
  assert.ok(opened.ok);
  const { id } = opened.value.task;
  const { toKinds } = createNarrowing(room.room, room.ports);
  const tools = (): readonly string[] | undefined => room.state.tasks.get(id as 't_')?.task.manifest.tools;
  toKinds(kindsOf('"files/*", "mail/send"'));
  assert.deepEqual(tools(), ['files/*']);
  assert.ok(!room.journal.entries.some(({ kind }) => kind === 'task.narrowed'), 'nothing changed: nothing is written');
  toKinds(kindsOf('"files/read_file"'));
  assert.deepEqual(tools(), ['files/read_file']);
  toKinds(kindsOf('"files/*"'));
  assert.deepEqual(tools(), ['files/read_file']);
  toKinds(new Map());
  assert.deepEqual(tools(), ['files/read_file']);
});
