import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type House, openHouse } from '@sallyport/testkit/identity/house.ts';
import { temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import { job, startFakeCluster } from '@sallyport/testkit/watch.ts';
import type { ApprovalView } from '../../api/view/approval.ts';
import type { CredentialView } from '../../api/view/credential.ts';
import type { TaskView } from '../../api/view/task.ts';

/** The whole gateway: what a task hangs on ends, and with it everything below. */

const asks = `@id("asks") @reason("a person looks at it") @approver("operator")
permit (principal, action, resource) when { context.approved };
@id("opened") permit (principal, action, resource) when { context.task.depth == 1 };
`;

interface Opened {
  readonly task: TaskView;
  readonly token: string;
}

test('R8 a job ends: its task, the one below, their tokens, questions and leases end with it', async () => {
  using folder = temporaryFolder();
  await using cluster = await startFakeCluster(job('u1'));
  writeFileSync(join(folder.path, 'token'), 'sa');
  writeFileSync(join(folder.path, 'key'), 'a-key-of-the-test-01234567');
  const yaml = `watch: { kubernetes: { url: "${cluster.url}", tokenFile: ./token } }
credentials: { key: { file: ./key } }
agents: { desk: { principal: "user:emma" }, helper: { principal: "user:emma" } }
`;
  await using house = await openHouse(folder.path, yaml, asks);
  const bearer = { authorization: `Bearer ${await house.secretOf('desk')}` };
  const helper = { authorization: `Bearer ${await house.secretOf('helper')}` };
  const order = { agent: 'desk', purpose: 'nightly', segments: ['test'], endsWith: 'job:billing/nightly' };
  const parent = await house.ask<Opened>('tasks', order);
  assert.equal(parent.task.endsWith, 'job:billing/nightly');
  const child = await house.ask<Opened>('tasks', { agent: 'helper', purpose: 'part of it', parent: parent.task.id });
  assert.equal((await house.call({ ...bearer, 'sallyport-task': parent.token })).refused, true, 'it is asked about');
  assert.equal((await house.call({ ...helper, 'sallyport-task': child.token })).refused, false);
  await until('the job is watched', () => cluster.watchers() === 1);

  cluster.tell('MODIFIED', job('u1', ['Complete', 'True']));
  await until('the task ends', async () => (await taskOf(house, parent.task.id)).state === 'ended');
  assert.equal((await taskOf(house, parent.task.id)).ended?.why, 'the job has ended: Complete');
  assert.equal((await taskOf(house, child.task.id)).ended?.why, 'the task that delegated to it ended');
  const { approvals } = await house.ask<{ approvals: ApprovalView[] }>('approvals?state=all');
  assert.deepEqual(
    approvals.map(({ state }) => state),
    ['void'],
  );
  const called = await house.call({ ...helper, 'sallyport-task': child.token });
  assert.match(called.text, /task-ended/);
  const { credentials } = await house.ask<{ credentials: CredentialView[] }>('credentials');
  assert.ok(credentials.every(({ leases }) => leases.every(({ task }) => task === undefined)));
});

test('R8 an orchestrator’s connection is its task’s life, whoever of the two holds it', async () => {
  using folder = temporaryFolder();
  await using house = await openHouse(folder.path, 'agents: { desk: { principal: "user:emma" } }\n');
  const bearer = { authorization: `Bearer ${await house.secretOf('desk')}` };
  const opened = await house.ask<Opened>('tasks', { agent: 'desk', purpose: 'p', endsWith: 'connection' });
  const headers = { ...bearer, 'sallyport-task': opened.token };
  const stop = new AbortController();
  const held = await fetch(`${house.url}/tasks/hold`, { method: 'POST', headers, signal: stop.signal });
  assert.equal(held.status, 200);
  assert.equal((await house.call(headers)).refused, false);
  stop.abort();
  await until('the task ends', async () => (await taskOf(house, opened.task.id)).state === 'ended', 15_000);
  assert.equal((await taskOf(house, opened.task.id)).ended?.why, 'the connection that it hung on was closed');
  assert.equal((await house.call(headers)).refused, true);

  // Nothing is to be had here without a proof, and nothing is kept going that does not hang on it.
  const stranger = await fetch(`${house.url}/tasks/hold`, {
    method: 'POST',
    headers: { 'sallyport-task': opened.token },
  });
  assert.equal(stranger.status, 401);
  const plain = await house.ask<Opened>('tasks', { agent: 'desk', purpose: 'p' });
  const other = await fetch(`${house.url}/tasks/hold`, {
    method: 'POST',
    headers: { ...bearer, 'sallyport-task': plain.token },
  });
  assert.equal(other.status, 409);
});

test('an order names what it hangs on exactly, and something that is watched', async () => {
  using folder = temporaryFolder();
  await using house = await openHouse(folder.path, 'agents: { desk: { principal: "user:emma" } }\n');
  const wrong = async (endsWith: string) => {
    const { error } = await house.ask<{ error: { field: string; message: string } }>('tasks', {
      agent: 'desk',
      purpose: 'p',
      endsWith,
    });
    return `${error.field} ${error.message}`;
  };
  assert.match(await wrong('job:nightly'), /^endsWith must be connection, job:NAMESPACE\/NAME/);
  assert.equal(await wrong('run:a/b/1'), 'endsWith cannot be noticed: `watch.github` is not configured');
});

async function taskOf(house: House, id: string): Promise<TaskView> {
  return (await house.ask<{ task: TaskView }>(`tasks/${id}`)).task;
}
