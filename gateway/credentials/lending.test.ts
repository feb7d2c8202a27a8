import assert from 'node:assert/strict';
import test from 'node:test';
import { fakeSource, openBroker } from '@sallyport/testkit/rooms/credentials.ts';
import { httpUpstream, stdioUpstream, temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import { startHttpUpstream } from '@sallyport/testkit/upstream/http.ts';
import { startRig, textOf } from '@sallyport/testkit/upstream/rig.ts';
import { lending } from '../app/servers/credentials.ts';

const task = (n: number) => ({ id: `t_0000000000000000000000000${n}` as const, openedAt: Date.now() });
const clock = {
  get now(): number {
    return Date.now();
  },
};

test('each task’s calls carry a secret of their own over HTTP, and none once it has ended', async () => {
  using folder = temporaryFolder();
  const { broker } = openBroker([fakeSource('key')], clock);
  const credentials = lending(broker);
  await using http = await startHttpUpstream({});
  await using rig = await startRig({
    servers: [httpUpstream('s', http.url, { Authorization: { credential: 'key', scheme: 'Bearer' } })],
    stateDir: folder.path,
    credentials,
  });
  const sent = async (n: number): Promise<string | undefined> => {
    await rig.call({ server: 's', tool: 'echo', input: '{"text":"hi"}', task: task(n) });
    return http.received.at(-1)?.headers.authorization;
  };
  const [first, second, again] = [await sent(1), await sent(2), await sent(1)];
  assert.match(first ?? '', /^Bearer secret-key-\d+$/);
  assert.equal(again, first);
  assert.notEqual(second, first);
  const leak = await rig.call({ server: 's', tool: 'leak-headers', task: task(1) });
  assert.equal(leak.kind === 'unusable' && leak.why, 'it repeats the credential that was sent with the request');
  await broker.endTask(task(1).id, 'done');
  const refused = await rig.prepare({ server: 's', tool: 'echo', task: task(1) });
  assert.equal(!refused.ok && refused.refusal.code, 'credential-unavailable');
  assert.equal(await sent(2), second, 'the other task goes on');
});

test('R8 a secret that ends between its issue and the first byte is not sent', async () => {
  using folder = temporaryFolder();
  const { broker } = openBroker([fakeSource('key')], clock);
  await using http = await startHttpUpstream({});
  await using rig = await startRig({
    servers: [httpUpstream('s', http.url, { Authorization: { credential: 'key' } })],
    stateDir: folder.path,
    credentials: lending(broker),
  });
  const ready = await rig.prepare({ server: 's', tool: 'echo', input: '{"text":"late"}', task: task(1) });
  assert.ok(ready.ok);
  const before = http.received.length;
  void broker.endTask(task(1).id, 'done');
  const reply = await ready.value.perform({
    ...{ task: task(1).id, signal: new AbortController().signal, replyBytesMax: 1_000 },
    ...{ wantsProgress: false, onNotice: () => {} },
  });
  assert.deepEqual(reply.kind === 'lost' && [reply.sent, reply.why], [false, 'its credential has ended']);
  assert.equal(http.received.length, before);
});

test('R8 the goodbye to a server carries the session’s secret while that holds, and is not said with one that has ended', async () => {
  using folder = temporaryFolder();
  const source = fakeSource('key');
  const { broker } = openBroker([source], clock);
  await using http = await startHttpUpstream({ era: 'legacy' });
  const goodbyes = (): (string | undefined)[] =>
    http.received.filter(({ method }) => method === 'DELETE').map(({ headers }) => headers.authorization);
  await using rig = await startRig({
    servers: [httpUpstream('s', http.url, { Authorization: { credential: 'key' } })],
    stateDir: folder.path,
    credentials: lending(broker),
  });
  for (const n of [1, 2]) await rig.call({ server: 's', tool: 'echo', input: '{"text":"hi"}', task: task(n) });
  const open = (): number => rig.upstreams.status().filter(({ key }) => key.task !== undefined).length;
  await broker.endTask(task(1).id, 'done');
  await until('its session is gone', () => open() === 1);
  await new Promise(done => setTimeout(done, 100));
  assert.deepEqual(goodbyes(), []);
  const revoked = source.revoked.length;
  let before = 0;
  source.revokeAs = async () => {
    before = goodbyes().length;
    return 'revoked';
  };
  rig.upstreams.endWhere(({ task: of }) => of === task(2).id);
  await until('its secret is given back', () => source.revoked.length > revoked);
  assert.equal(before, 1, 'once the goodbye was said');
  assert.match(goodbyes()[0] ?? '', /^secret-key-\d+$/);
});

test('a child gets its own credential and no other, keeps none that its task has lost, and may not repeat it', async () => {
  using folder = temporaryFolder();
  const [mine, theirs] = [fakeSource('mine'), fakeSource('theirs')];
  const { broker } = openBroker([mine, theirs], clock);
  await using rig = await startRig({
    servers: [withEnv('a', 'mine'), withEnv('b', 'theirs')],
    stateDir: folder.path,
    credentials: lending(broker),
  });
  const environment = await rig.call({ server: 'a', tool: 'environment', task: task(1) });
  assert.equal(textOf(environment), 'unusable: it repeats a credential that the server was given');
  const names = textOf(await rig.call({ server: 'a', tool: 'environment-names', task: task(1) }));
  assert.match(names, /OWN_KEY/);
  const processes = (): number =>
    rig.upstreams.status().filter(({ key, state }) => key.task !== undefined && state === 'open').length;
  await rig.call({ server: 'a', tool: 'echo', task: task(2) });
  assert.equal(processes(), 2, 'a process for each task');
  await broker.endTask(task(1).id, 'done');
  await until('the task’s process ends', () => processes() === 1);
  assert.ok(mine.revoked.length >= 1);
});

function withEnv(id: string, credential: string): ReturnType<typeof stdioUpstream> {
  return stdioUpstream(id, {}, { OWN_KEY: { credential } });
}
