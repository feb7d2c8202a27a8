import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TaskId } from '@sallyport/core/model/ids.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { fakeTask } from '@sallyport/testkit/fakes/task.ts';
import { temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import { job, startFakeCluster, startFakeRuns } from '@sallyport/testkit/watch.ts';
import type { WatchConfig } from './config.ts';
import { createWatch } from './watch.ts';

const nothing: WatchConfig = { kubernetes: undefined, github: undefined, unknownSecondsMax: 60 };

/** One open task that hangs on `endsWith`, a clock, and what became of it. */
function watching(config: Partial<WatchConfig>, endsWith: string) {
  const clock = { now: 1_000_000 };
  const tasks = new Map<TaskId, Task>([['t_1', { ...fakeTask, id: 't_1', endsWith }]]);
  const ended: string[] = [];
  const faults: string[] = [];
  const watch = createWatch({
    config: { ...nothing, ...config },
    openTasks: () => [...tasks.values()],
    end: async (task, { by }, why) => {
      if (tasks.delete(task)) ended.push(`${by}: ${why}`);
    },
    now: () => clock.now,
    log: why => faults.push(why),
  });
  watch.look();
  return { watch, clock, ended, faults, [Symbol.dispose]: () => watch.close() };
}

async function cluster(object: object, folder: { file: (name: string) => string }) {
  writeFileSync(folder.file('token'), 'sa-token\n');
  const fake = await startFakeCluster(object);
  return { fake, kubernetes: { url: fake.url, tokenFile: folder.file('token'), caFile: undefined, bind: true } };
}

test('a job that ends takes its task with it at once, and a watch that breaks is taken up again', async () => {
  using folder = temporaryFolder();
  const { fake, kubernetes } = await cluster(job('u1'), folder);
  await using _ = fake;
  using room = watching({ kubernetes }, 'job:billing/nightly');
  await until('it is watched', () => fake.watchers() === 1);
  fake.tell('MODIFIED', job('u1', ['Complete', 'False']));
  fake.tell('BOOKMARK', { metadata: { resourceVersion: '8' } });
  fake.hangUp();
  await until('it is watched again', () => fake.watchers() === 1 && fake.paths.length >= 4);
  assert.deepEqual(room.ended, []);
  fake.tell('MODIFIED', job('u1', ['SuccessCriteriaMet', 'True'], ['Complete', 'True']));
  await until('the task ends', () => room.ended.length === 1);
  assert.deepEqual(room.ended, ['gateway: the job has ended: Complete']);
  assert.ok(fake.proofs.every(proof => proof === 'Bearer sa-token'));
  assert.deepEqual([...new Set(fake.paths)].sort(), [
    '/apis/batch/v1/namespaces/billing/jobs',
    '/apis/batch/v1/namespaces/billing/jobs/nightly',
  ]);
});

test('a job that failed, was deleted, is being deleted, or never was, is over; one of its name is not it', async () => {
  using folder = temporaryFolder();
  const identity = { name: 'nightly', namespace: 'billing' };
  const ways: readonly (readonly [object | undefined, string, object | undefined, string])[] = [
    [job('u1', ['Failed', 'True']), '', undefined, 'the job has ended: Failed'],
    [undefined, '', undefined, 'there is no such job'],
    [job('u1'), 'DELETED', job('u1'), 'the job is gone'],
    [job('u1'), 'ADDED', job('u2'), 'another job has its name'],
    [{ metadata: { ...identity, uid: 'u1', deletionTimestamp: 'now' } }, '', undefined, 'the job is being deleted'],
  ];
  for (const [first, event, second, why] of ways) {
    const { fake, kubernetes } = await cluster(first ?? {}, folder);
    await using _ = fake;
    fake.object = first;
    using room = watching({ kubernetes }, 'job:billing/nightly');
    if (second !== undefined) await until('it is watched', () => fake.watchers() === 1);
    if (second !== undefined) fake.tell(event, second);
    await until('the task ends', () => room.ended.length === 1);
    assert.deepEqual(room.ended, [`gateway: ${why}`]);
  }
});

test('a pod ends by its phase, whatever its containers do', async () => {
  using folder = temporaryFolder();
  const metadata = { name: 'worker-1', namespace: 'billing', uid: 'p', resourceVersion: '1' };
  const pod = (phase: string) => ({ metadata, status: { phase } });
  const { fake, kubernetes } = await cluster(pod('Running'), folder);
  await using _ = fake;
  using room = watching({ kubernetes }, 'pod:billing/worker-1');
  await until('it is watched', () => fake.watchers() === 1);
  assert.equal(fake.paths[0], '/api/v1/namespaces/billing/pods/worker-1');
  fake.tell('MODIFIED', pod('Succeeded'));
  await until('the task ends', () => room.ended.length === 1);
  assert.deepEqual(room.ended, ['gateway: the pod has ended: Succeeded']);
});

test('R8 when nobody can say for long whether a job is still there, its task ends; a fault that passes does not end it', async () => {
  using folder = temporaryFolder();
  const { fake, kubernetes } = await cluster(job('u1'), folder);
  await using _ = fake;
  fake.failing = 403;
  using room = watching({ kubernetes }, 'job:billing/nightly');
  await until('the fault is told', () => room.faults.length > 0);
  assert.equal(room.faults[0], 'the Kubernetes API answered with HTTP 403');
  room.clock.now += 59_000;
  room.watch.look();
  assert.deepEqual(room.ended, []);
  room.clock.now += 2_000;
  room.watch.look();
  assert.deepEqual(room.ended, ['gateway: nobody could say for 60 s whether what it hangs on is still there']);
});

test('R8 an answer that is not about what was asked for keeps no task alive', async () => {
  using folder = temporaryFolder();
  for (const wrong of [{}, { kind: 'Status' }, { metadata: { name: 'other', namespace: 'billing', uid: 'u1' } }]) {
    const { fake, kubernetes } = await cluster(wrong, folder);
    await using _ = fake;
    using room = watching({ kubernetes }, 'job:billing/nightly');
    await until('the fault is told', () => room.faults.length > 0);
    room.clock.now += 61_000;
    room.watch.look();
    assert.match(room.ended[0] ?? '', /nobody could say/);
  }
  await using runs = await startFakeRuns();
  for (const wrong of [{}, { id: 42 }, { id: 43, status: 'in_progress' }]) {
    runs.run = wrong;
    using room = watching(
      { github: { apiUrl: runs.url, tokenFile: undefined, pollSeconds: 0.02, bind: false } },
      'run:acme/shop/42',
    );
    await until('the fault is told', () => room.faults.length > 0);
    room.clock.now += 61_000;
    room.watch.look();
    assert.match(room.ended[0] ?? '', /nobody could say/);
  }
});

test('R8 a job that took the name during a fault is not the one that the task hangs on', async () => {
  using folder = temporaryFolder();
  const { fake, kubernetes } = await cluster(job('u1'), folder);
  await using _ = fake;
  using room = watching({ kubernetes }, 'job:billing/nightly');
  await until('it is watched', () => fake.watchers() === 1);
  fake.failing = 500;
  fake.hangUp();
  await until('the fault is told', () => room.faults.length > 0);
  Object.assign(fake, { object: job('u2'), failing: undefined });
  await until('the task ends', () => room.ended.length === 1);
  assert.deepEqual(room.ended, ['gateway: another job has its name']);
});

test('a run of GitHub Actions is asked for until it is completed', async () => {
  await using runs = await startFakeRuns();
  runs.run = { id: 42, status: 'in_progress', conclusion: null };
  using room = watching(
    { github: { apiUrl: runs.url, tokenFile: undefined, pollSeconds: 0.02, bind: false } },
    'run:acme/shop/42',
  );
  await until('it is asked for again', () => runs.paths.length >= 3);
  assert.deepEqual([room.ended, new Set(runs.paths)], [[], new Set(['/repos/acme/shop/actions/runs/42'])]);
  runs.run = { id: 42, status: 'completed', conclusion: 'success' };
  await until('the task ends', () => room.ended.length === 1);
  assert.deepEqual(room.ended, ['gateway: the run has ended: success']);
});

test('a task that hangs on a connection ends soon after the last one closed, or when none ever came', () => {
  using room = watching({}, 'connection');
  const [first, second] = [new AbortController(), new AbortController()];
  room.watch.holds.hold('t_1', first.signal);
  room.watch.holds.hold('t_1', second.signal);
  first.abort();
  room.clock.now += 3_600_000;
  room.watch.look();
  assert.deepEqual(room.ended, [], 'one still holds it');
  second.abort();
  room.clock.now += 1_500;
  const again = new AbortController();
  room.watch.holds.hold('t_1', again.signal);
  again.abort();
  room.clock.now += 1_500;
  room.watch.look();
  assert.deepEqual(room.ended, [], 'a connection that broke was made again in time');
  room.clock.now += 1_000;
  room.watch.look();
  assert.deepEqual(room.ended, ['gateway: the connection that it hung on was closed']);

  using never = watching({}, 'connection');
  never.clock.now += 61_000;
  never.watch.look();
  assert.deepEqual(never.ended, ['gateway: nobody held it']);
});

test('whoever holds a task that has ended is told so', () => {
  using room = watching({}, 'connection');
  const over = room.watch.holds.hold('t_1', new AbortController().signal);
  room.watch.holds.look([]);
  assert.equal(over?.aborted, true);
});

test('a task of the protocol that ended takes with it what hangs on it, and nothing else', () => {
  using room = watching({}, 'mcp-task:abc');
  room.watch.mcpTaskEnded('other', 'completed');
  assert.deepEqual(room.ended, []);
  room.watch.mcpTaskEnded('abc', 'failed');
  assert.deepEqual(room.ended, ['gateway: the server’s task has ended: failed']);
});

test('an opener’s pod or run is hung on unasked only where it is watched, and the operator did not say otherwise', () => {
  const cluster = { url: 'http://127.0.0.1:1', tokenFile: '/dev/null', caFile: undefined };
  const github = { apiUrl: 'http://127.0.0.1:1', tokenFile: undefined, pollSeconds: 60 };
  using both = watching({ kubernetes: { ...cluster, bind: true }, github: { ...github, bind: true } }, 'connection');
  assert.deepEqual(['pod:a/b', 'run:a/b/1', 'job:a/b', 'connection'].map(both.watch.binds), [true, true, false, false]);
  using told = watching({ kubernetes: { ...cluster, bind: false } }, 'connection');
  assert.deepEqual(['pod:a/b', 'run:a/b/1'].map(told.watch.binds), [false, false]);
});

test('what nobody watches cannot be hung on', () => {
  using room = watching({}, 'connection');
  assert.match(room.watch.unwatchable({ kind: 'job', namespace: 'a', name: 'b' }) ?? '', /watch\.kubernetes/);
  assert.match(room.watch.unwatchable({ kind: 'run', repository: 'a/b', run: '1' }) ?? '', /watch\.github/);
  assert.equal(room.watch.unwatchable({ kind: 'connection' }), undefined);
});
