import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import fs, { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, dirname, join } from 'node:path';
import test from 'node:test';
import type { TaskId } from '@sallyport/core/model/ids.ts';
import { passed } from '@sallyport/core/model/refusal.ts';
import {
  compiledOnce,
  isAlive,
  linesOf,
  stdioUpstream,
  temporaryFolder,
  until,
} from '@sallyport/testkit/upstream/fixture.ts';
import { type Ask, type Rig, startRig, textOf } from '@sallyport/testkit/upstream/rig.ts';
import type { Script } from '@sallyport/testkit/upstream/script.ts';
import { memoryPinStore, type PinStore } from '../discovery/pin-store.ts';
import type { Credentials } from './credentials.ts';
import { noteChild } from './stdio/orphans.ts';
import { placeOf } from './stdio/place.ts';

const quick = { terminateMillisMax: 200 };

interface Inside {
  readonly env: Record<string, string>;
  readonly cwd: string;
  readonly argv: readonly string[];
}

async function inside(rig: Rig, ask: Partial<Ask> = {}): Promise<Inside> {
  return JSON.parse(textOf(await rig.call({ server: 's', tool: 'env', ...ask }))) as Inside;
}

test('a child is told the path, a home of its own, the language and what is configured, and nothing else', async () => {
  using folder = temporaryFolder();
  process.env.SALLYPORT_CANARY = 'the gateway’s own';
  const server = stdioUpstream('s', {}, { CONFIGURED: 'yes $HOME `id`' });
  const odd = ['$(touch pwned)', '; exit 1', '*', 'a b'];
  await using rig = await startRig({
    servers: [{ ...server, launch: { ...server.launch, args: [...server.launch.args, ...odd] } }],
    stateDir: folder.path,
    limits: quick,
  });
  const { env, cwd, argv } = await inside(rig);
  assert.deepEqual(Object.keys(env).sort(), ['CONFIGURED', 'HOME', 'LANG', 'PATH']);
  assert.equal(env.CONFIGURED, 'yes $HOME `id`');
  assert.deepEqual(argv.slice(1), odd, 'no shell has read the arguments');
  assert.ok(env.HOME?.startsWith(folder.path) && cwd.startsWith(folder.path) && cwd !== env.HOME);
  assert.equal(statSync(env.HOME ?? '').mode & 0o777, 0o700);
  delete process.env.SALLYPORT_CANARY;
});

test('one child for each agent and principal, one for each task of a shared agent', async () => {
  using folder = temporaryFolder();
  await using rig = await startRig({ servers: [stdioUpstream('s', {})], stateDir: folder.path, limits: quick });
  const asks: Partial<Ask>[] = [
    { agent: { id: 'a' } },
    { agent: { id: 'a' }, task: { id: 't_other' } },
    { agent: { id: 'a' }, task: { principal: 'user:bob' } },
    { agent: { id: 'b' } },
    { agent: { id: 'c', shared: true }, task: { id: 't_1' } },
    { agent: { id: 'c', shared: true }, task: { id: 't_2' } },
    { agent: { id: 'c', shared: true }, task: { id: 't_1' } },
  ];
  const homes: string[] = [];
  for (const ask of asks) homes.push((await inside(rig, ask)).env.HOME ?? '');
  const numbers = homes.map(home => homes.indexOf(home));
  assert.deepEqual(numbers, [0, 0, 2, 3, 4, 5, 4]);
  const pids = new Set(rig.upstreams.status().map(({ pid }) => pid));
  assert.equal(pids.size, 6, 'and the one that the gateway looked with');
});

test('where there is one agent, it is given the child that the gateway looked with', async () => {
  using folder = temporaryFolder();
  const lookAs = { agent: 'assistant', principal: 'user:emma' };
  await using rig = await startRig({
    servers: [stdioUpstream('s', { starts: folder.file('starts') })],
    stateDir: folder.path,
    lookAs,
    limits: quick,
  });
  await rig.call({ server: 's', tool: 'echo' });
  assert.equal(linesOf(folder.file('starts')).length, 1);
});

test('G-5 closing ends the whole group, also one that ignores SIGTERM; no zombie stays', async () => {
  using folder = temporaryFolder();
  const script = { ignoreSigterm: true, grandchild: folder.file('grandchild'), starts: folder.file('starts') };
  {
    await using _ = await startRig({ servers: [stdioUpstream('s', script)], stateDir: folder.path, limits: quick });
    assert.ok(pidsIn(folder.file('grandchild')).every(isAlive));
  }
  const pids = [...pidsIn(folder.file('starts')), ...pidsIn(folder.file('grandchild'))];
  assert.equal(pids.length, 2);
  assert.ok(!isAlive(pids[0] ?? 0), 'the child is gone when close resolves, and reaped');
  await until('the grandchild is gone', () => !isRunning(pids[1] ?? 0));
});

test('G-5 a grandchild goes with a child that exits by itself', async () => {
  using folder = temporaryFolder();
  await using rig = await startRig({
    servers: [stdioUpstream('s', { grandchild: folder.file('grandchild') })],
    stateDir: folder.path,
    limits: quick,
  });
  const [first = 0] = pidsIn(folder.file('grandchild'));
  const lookAs = { agent: { id: '' }, task: { principal: '' } };
  assert.equal((await rig.call({ server: 's', tool: 'exit', ...lookAs })).kind, 'lost');
  await until('the grandchild is gone', () => !isRunning(first));
});

test('G-5 children do not outlive a gateway that exits without a word', () => {
  using folder = temporaryFolder();
  const script = { ignoreSigterm: true, grandchild: folder.file('pids'), starts: folder.file('pids') };
  const run = gatewayRun(folder.path, script, 'process.exit(0)');
  assert.equal(run.status, 0, run.stderr);
  const pids = pidsIn(folder.file('pids'));
  assert.equal(pids.length, 2);
  return until('nobody is left', () => !pids.some(isRunning));
});

test('G-5 what a gateway that was killed outright left behind is ended by the next one, and nobody else', async () => {
  using folder = temporaryFolder();
  const script = { ignoreSigterm: true, starts: folder.file('starts') };
  const run = gatewayRun(folder.path, script, 'process.kill(process.pid, "SIGKILL")');
  assert.equal(run.signal, 'SIGKILL', run.stderr);
  const [left = 0] = pidsIn(folder.file('starts'));
  assert.ok(isRunning(left), 'it survived its gateway');
  const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
  const stranger = join(folder.path, 'servers', 's', 'stranger');
  mkdirSync(stranger);
  noteChild(stranger, bystander.pid ?? 0);
  writeFileSync(join(folder.path, 'children', `${bystander.pid}`), '1\n');
  await using rig = await startRig({ servers: [stdioUpstream('s', {})], stateDir: folder.path, limits: quick });
  await until('it is ended', () => !isRunning(left));
  assert.ok(isRunning(bystander.pid ?? 0), 'neither the same number nor the word of a server makes it ours');
  bystander.kill('SIGKILL');
  assert.deepEqual(rig.log, ['server processes of an earlier gateway were ended: 1', 'server s has started']);
});

test('G-5 a server that exits at once is started a few times, not a thousand; neighbours do not notice', async () => {
  using folder = temporaryFolder();
  const store = await knownStore(folder.path);
  await using rig = await startRig({
    servers: [stdioUpstream('s', { begin: 'exit', starts: folder.file('starts') }), stdioUpstream('n', {})],
    stateDir: folder.path,
    store,
    limits: { ...quick, backoffMillisMin: 60_000 },
  });
  const refusals = new Set<string>();
  for (let count = 0; count < 1_000; count++) {
    const ready = await rig.prepare({ server: 's', tool: 'echo' });
    assert.ok(!ready.ok && ready.refusal.code === 'upstream-unavailable');
    refusals.add(ready.refusal.why.replace(/\d+ s$/, 'N s'));
  }
  assert.ok(linesOf(folder.file('starts')).length <= 10, `${linesOf(folder.file('starts')).length} starts`);
  assert.ok(
    [...refusals].some(
      why => why === 'it failed 2 times in a row, most recently because it exited with code 7; next try in N s',
    ),
    [...refusals].join('\n'),
  );
  assert.equal(textOf(await rig.call({ server: 'n', tool: 'echo', input: '{"text":"fine"}' })), 'fine');
});

test('G-5 a server that never answers is given up after its time, and ended', async t => {
  using folder = temporaryFolder();
  // Its time is over when its neighbour has started, however long that takes on this machine.
  const over = new AbortController();
  const { timeout } = AbortSignal;
  t.mock.method(AbortSignal, 'timeout', (millis: number) => (millis === 60_000 ? over.signal : timeout(millis)));
  await using rig = await startRig({
    servers: [stdioUpstream('s', { begin: 'silent', starts: folder.file('starts') }), stdioUpstream('n', {})],
    stateDir: folder.path,
    limits: { ...quick, startMillisMax: 60_000, probeMillisMax: 50 },
    beginMillisMax: 1,
  });
  await until('its neighbour has started', () => rig.log.includes('server n has started'));
  await until('it runs', () => pidsIn(folder.file('starts')).some(isAlive));
  over.abort();
  const report = () => rig.discovery.servers()[0];
  await until('it is given up', () => report()?.state === 'down');
  const why = 'it did not answer within 60000 ms';
  assert.deepEqual({ why: report()?.why, tools: report()?.tools }, { why, tools: 0 });
  await until('it is ended', () => !pidsIn(folder.file('starts')).some(isAlive));
  t.mock.restoreAll();
  assert.equal(textOf(await rig.call({ server: 'n', tool: 'echo', input: '{"text":"fine"}' })), 'fine');
});

test('G-5 a gigabyte of complaints costs no memory, and the last lines can be shown', async () => {
  using folder = temporaryFolder();
  const before = process.memoryUsage.rss();
  await using rig = await startRig({
    servers: [stdioUpstream('s', { stderrBytes: 1e9, begin: 'banner' }), stdioUpstream('n', {})],
    stateDir: folder.path,
    limits: { ...quick, stderrBytesPerSecondMax: 500_000 },
  });
  const end = performance.now() + 1_200;
  while (performance.now() < end)
    assert.equal(textOf(await rig.call({ server: 'n', tool: 'echo', input: '{"text":"fine"}' })), 'fine');
  assert.equal(textOf(await rig.call({ server: 's', tool: 'echo', input: '{"text":"still here"}' })), 'still here');
  assert.ok(process.memoryUsage.rss() - before < 60e6, 'memory is bounded');
  const words = rig.upstreams.status().find(({ key }) => key.server === 's')?.lastWords ?? [];
  assert.ok(
    words.length > 10 && words.length <= 50 && words.every(line => line.length <= 600 && /^[ -~…]*$/.test(line)),
    words.join('\n'),
  );
});

test('G-2 what a server says for people cannot steer their terminal', async () => {
  using folder = temporaryFolder();
  await using rig = await startRig({
    servers: [stdioUpstream('s', { begin: 'banner' })],
    stateDir: folder.path,
    limits: quick,
  });
  await until('the banner was read', () => rig.upstreams.status()[0]?.lastWords[0] === '\\u{1b}[31mready\\u{1b}[0m');
});

test('H-2 what a child says before it ends can be shown, without the secrets that it had and without what looks like one', async () => {
  using folder = temporaryFolder();
  const complaint =
    'console.error(`Error: no ${process.env.THE_TOKEN}`); console.error("password=hunter22hunter22"); process.exit(4)';
  const upstream = stdioUpstream('s', {}, { ...compiledOnce, THE_TOKEN: 'plain-but-secret' });
  await using rig = await startRig({
    servers: [{ ...upstream, launch: { ...upstream.launch, args: ['-e', complaint] } }],
    stateDir: folder.path,
    limits: quick,
  });
  assert.equal(rig.discovery.servers()[0]?.why, 'it exited with code 4');
  const words = rig.upstreams.status()[0]?.lastWords ?? [];
  assert.match(words.join('\n'), /^\[a line that repeats a secret it was given\]\npassword=\[redacted /);
  assert.doesNotMatch(words.join('\n'), /plain-but-secret|hunter22/);
});

test('G-5 a child that does not read what it is sent takes no more of it, and no more memory', async () => {
  using folder = temporaryFolder();
  const lookAs = { agent: 'assistant', principal: 'user:emma' };
  await using rig = await startRig({
    servers: [stdioUpstream('s', {})],
    stateDir: folder.path,
    lookAs,
    limits: { ...quick, prepareMillisMax: 150, stdinBytesMax: 100_000 },
  });
  const { pid = 0 } = rig.upstreams.status()[0] ?? {};
  process.kill(pid, 'SIGSTOP');
  const ask = { server: 's', tool: 'echo', input: JSON.stringify({ text: 'x'.repeat(1_000_000) }) };
  const stuck = rig.call(ask);
  await until('it is on its way', () => rig.upstreams.status()[0]?.callsInFlight === 1);
  const next = await rig.prepare(ask);
  assert.ok(!next.ok && next.refusal.why === 'it does not read what it is sent', JSON.stringify(next));
  process.kill(pid, 'SIGCONT');
  assert.equal((await stuck).kind, 'result', 'it goes on where it stopped');
  assert.equal(textOf(await rig.call({ ...ask, input: '{"text":"again"}' })), 'again');
});

test('an idle child is stopped, and started again when it is needed; a task’s folder goes with its child', async () => {
  using folder = temporaryFolder();
  await using rig = await startRig({
    servers: [stdioUpstream('s', { starts: folder.file('starts') })],
    stateDir: folder.path,
    limits: { ...quick, idleMillisMax: 150 },
  });
  const task = { agent: { shared: true }, task: { id: 't_1' as const } };
  const home = (await inside(rig, task)).env.HOME ?? '';
  await until('all are stopped', () => !pidsIn(folder.file('starts')).some(isAlive));
  await until('the folder is gone', () => !existsSync(dirname(home)));
  assert.equal((await inside(rig, task)).env.HOME, home);
  assert.equal(linesOf(folder.file('starts')).length, 3);
  assert.deepEqual(
    rig.upstreams.status().filter(({ state }) => state === 'failed'),
    [],
  );
});

test('there are never more children than allowed: the one idle longest gives way, and busy ones do not', async () => {
  using folder = temporaryFolder();
  await using rig = await startRig({
    servers: [stdioUpstream('s', { starts: folder.file('starts') })],
    stateDir: folder.path,
    limits: { ...quick, connectionsMax: 2, callMillisMax: 5_000 },
  });
  for (const id of ['a', 'b', 'c', 'd']) await rig.call({ server: 's', tool: 'echo', agent: { id } });
  await until('two are left', () => pidsIn(folder.file('starts')).filter(isAlive).length === 2);
  const stop = new AbortController();
  const busy = ['c', 'd'].map(id => rig.call({ server: 's', tool: 'never', agent: { id }, signal: stop.signal }));
  await until(
    'both are busy',
    () => rig.upstreams.status().filter(({ callsInFlight }) => callsInFlight > 0).length === 2,
  );
  const more = await rig.prepare({ server: 's', tool: 'echo', agent: { id: 'e' } });
  assert.ok(!more.ok && more.refusal.code === 'overloaded', JSON.stringify(more));
  stop.abort();
  await Promise.all(busy);
  assert.equal(
    textOf(await rig.call({ server: 's', tool: 'echo', agent: { id: 'e' }, input: '{"text":"now"}' })),
    'now',
  );
});

test('G-5 however many tasks of one agent keep children busy there is room for others: its own idle ones give way, and nobody else’s', async () => {
  using folder = temporaryFolder();
  await using rig = await startRig({
    servers: [stdioUpstream('s', { starts: folder.file('starts') })],
    stateDir: folder.path,
    limits: { ...quick, connectionsMax: 4, callMillisMax: 5_000 },
  });
  const calm = { server: 's', tool: 'echo', agent: { id: 'calm' }, input: '{"text":"now"}' };
  await rig.call(calm);
  const inTask = (id: TaskId) => ({ server: 's', agent: { id: 'many', shared: true }, task: { id } }) as const;
  for (const id of ['t_1', 't_2', 't_3'] as const) await rig.call({ ...inTask(id), tool: 'echo' });
  const of = (agent: string) =>
    rig.upstreams.status().filter(({ key, state }) => key.agent === agent && state === 'open');
  await until('one has given way', () => of('many').length === 2);
  assert.equal(of('calm').length, 1);
  const stop = new AbortController();
  const busy = (['t_2', 't_3'] as const).map(id => rig.call({ ...inTask(id), tool: 'never', signal: stop.signal }));
  await until('both are busy', () => of('many').filter(({ callsInFlight }) => callsInFlight > 0).length === 2);
  const more = await rig.prepare({ ...inTask('t_4'), tool: 'echo' });
  assert.equal(
    more.ok ? '' : more.refusal.why,
    '2 connections of this agent are in use, and what is free is kept for others',
  );
  assert.equal(textOf(await rig.call({ ...calm, agent: { id: 'another' } })), 'now');
  stop.abort();
  await Promise.all(busy);
});

test('a program that is not there is a reason, not a crash', async () => {
  using folder = temporaryFolder();
  const launch = { kind: 'command' as const, command: '/nowhere/at-all', args: [], env: {} };
  const missing = { kind: 'package' as const, name: '@nobody/has-this', from: folder.path, args: [], env: {} };
  await using rig = await startRig({
    servers: [
      { id: 's', segment: 'x', launch },
      { id: 'p', segment: 'x', launch: missing },
    ],
    stateDir: folder.path,
  });
  const whys = rig.discovery.servers().map(({ why }) => why);
  assert.equal(whys[0], 'it could not be started: no such program or folder (ENOENT)');
  assert.deepEqual(
    rig.upstreams.status().map(({ state }) => state),
    ['failed', 'failed'],
  );
  assert.match(whys[1] ?? '', /^the npm package @nobody\/has-this is not installed for /);
});

/** Another process that starts the upstream and then ends in the way of `last`. */
function gatewayRun(path: string, script: Script, last: string): SpawnSyncReturns<string> {
  const [rig, fixture] = ['rig', 'fixture'].map(name =>
    JSON.stringify(new URL(`../../testkit/upstream/${name}.ts`, import.meta.url).href),
  );
  const code = `const { startRig } = await import(${rig});
    const { stdioUpstream } = await import(${fixture});
    await startRig({ servers: [stdioUpstream('s', ${JSON.stringify(script)})], stateDir: ${JSON.stringify(path)} });
    ${last};`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8', timeout: 20_000 });
}

function pidsIn(file: string): number[] {
  return linesOf(file).map(Number);
}

/** A grandchild is reaped by whoever adopts it, which may take its time: dead is dead. */
function isRunning(pid: number): boolean {
  const state = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
  return state !== '' && !state.startsWith('Z');
}

/** Pins of an earlier run, so that there are tools to call while the server is down. */
async function knownStore(path: string): Promise<PinStore> {
  const store = memoryPinStore();
  await using _ = await startRig({ servers: [stdioUpstream('s', {})], stateDir: path, store, limits: quick });
  return store;
}

test('what failed to open for a task of a shared agent is forgotten once it need not be waited for', async () => {
  using folder = temporaryFolder();
  const limits = { ...quick, backoffMillisMin: 10, backoffMillisMax: 20 };
  const server = stdioUpstream('s', {});
  await using rig = await startRig({ servers: [server], stateDir: folder.path, limits });
  for (const id of ['t_1', 't_2', 't_3'] as const) {
    // A file stands where the folder of its child belongs: it cannot be started.
    const key = { server: 's', agent: 'c', principal: 'user:emma', task: id };
    writeFileSync(placeOf(folder.path, key).root, '');
    const agent = { id: 'c', shared: true };
    const prepared = await rig.prepare({ server: 's', tool: 'env', agent, task: { id, principal: 'user:emma' } });
    assert.equal(prepared.ok, false);
    assert.ok(rig.upstreams.status().some(({ key: held }) => held.task === id));
  }
  await until('nothing is kept of them', () => rig.upstreams.status().every(({ key }) => key.task === undefined));
});

test('R17 what is stopped takes its processes along, also one that is just being started, and nothing else', async () => {
  using folder = temporaryFolder();
  await using rig = await startRig({ servers: [stdioUpstream('s', {})], stateDir: folder.path, limits: quick });
  await inside(rig, { agent: { id: 'c', shared: true }, task: { id: 't_1' } });
  await inside(rig, { agent: { id: 'a' } });
  const pidOf = (agent: string): number | undefined =>
    rig.upstreams.status().find(({ key }) => key.agent === agent)?.pid;
  const [shared, other] = [pidOf('c'), pidOf('a')];
  assert.ok(shared !== undefined && other !== undefined);
  const starting = rig.prepare({ server: 's', tool: 'env', agent: { id: 'c', shared: true }, task: { id: 't_2' } });
  await new Promise(setImmediate);
  rig.upstreams.endWhere(({ agent }) => agent === 'c');
  await until('the shared agent has none', () => !isAlive(shared));
  await starting;
  await until('nor one that was being started', () => pidOf('c') === undefined);
  assert.ok(isAlive(other), 'the process of another agent was ended as well');
});

test('R17 what a task holds anew because its credential is about to end is found by whoever stops it', async () => {
  using folder = temporaryFolder();
  let issued = 0;
  const credentials: Credentials = {
    issue: async (_, { task }) => {
      if (task !== undefined) issued += 1;
      const until = Date.now() + (issued === 1 ? 1_000 : 3_600_000);
      return passed({
        lease: { id: `l_${issued}` },
        secret: `own-${issued}`,
        until,
        ended: new AbortController().signal,
      });
    },
    release: () => {},
    isPerTask: () => true,
  };
  const server = stdioUpstream('s', {}, { OWN_KEY: { credential: 'key' } });
  await using rig = await startRig({ servers: [server], stateDir: folder.path, limits: quick, credentials });
  const ask: Ask = { server: 's', tool: 'echo', task: { id: 't_1' } };
  const pidsOf = (): (number | undefined)[] =>
    rig.upstreams.status().flatMap(({ key, pid }) => (key.task === 't_1' ? [pid] : []));
  await rig.call(ask);
  await rig.call(ask);
  const [pid, ...others] = pidsOf();
  assert.ok(pid !== undefined && others.length === 0, 'it serves, and nobody can find it');
  rig.upstreams.endWhere(({ task }) => task === 't_1');
  await until('it is ended', () => !isAlive(pid));
});

test('a child that cannot be noted is refused and ended: after a crash nobody would find it', async t => {
  using folder = temporaryFolder();
  const { writeFileSync: write } = fs;
  const pids: number[] = [];
  t.mock.method(fs, 'writeFileSync', (...given: Parameters<typeof write>) => {
    const [file] = given;
    if (basename(dirname(String(file))) !== 'children') return write(...given);
    pids.push(Number(basename(String(file))));
    throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  await using rig = await startRig({ servers: [stdioUpstream('s', {})], stateDir: folder.path, limits: quick });
  const looked = await rig.upstreams.look('s');
  assert.match(looked.ok ? '' : looked.refusal.why, /could not be started \(ENOSPC\)/);
  assert.ok(pids.length > 0);
  await until('it has ended', () => !pids.some(isAlive));
});
