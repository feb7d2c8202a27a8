import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTask } from '@sallyport/testkit/fakes/task.ts';
import { agentA } from '@sallyport/testkit/rooms/tasks.ts';
import { subscriptionKey } from './names.ts';
import { askedFor, Waiting } from './waiting.ts';

const asked = askedFor(agentA, fakeTask);
const all = { has: () => true };

function changeOf(uri: string): Parameters<Waiting['keep']>[0] {
  return { askedFor: asked, server: 'files', uri };
}

test('what changed while no stream was open is told once, though the session waits again after that stream', () => {
  const waiting = new Waiting(agentA.id, all);
  waiting.keepLists(['tools', 'tools']);
  for (const uri of ['test://a', 'test://b', 'test://a']) waiting.keep(changeOf(uri));
  const { lists, changes } = waiting.take(fakeTask);
  assert.deepEqual([lists, changes.map(({ uri }) => uri)], [['tools'], ['test://a', 'test://b']]);
  assert.deepEqual(waiting.take(fakeTask), { lists: [], changes: [] });
});

test('what is no longer wanted when the stream opens is not told, and neither is what was never asked for', () => {
  const uris = new Set(['test://a', 'test://b'].map(uri => subscriptionKey('files', uri)));
  const waiting = new Waiting(agentA.id, uris);
  for (const uri of ['test://a', 'test://b', 'test://c']) waiting.keep(changeOf(uri));
  uris.delete(subscriptionKey('files', 'test://a'));
  assert.deepEqual(
    waiting.take(fakeTask).changes.map(({ uri }) => uri),
    ['test://b'],
  );
});

test('G-5 of a server that changes more than anybody can want to hear so many are kept', () => {
  const waiting = new Waiting(agentA.id, all);
  for (let at = 0; at < 10_000; at++) waiting.keep(changeOf(`test://${at}`));
  assert.equal(waiting.take(fakeTask).changes.length, 256);
});
