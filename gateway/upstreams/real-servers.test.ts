import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import type { Notice } from '@sallyport/core/model/call.ts';
import { normalText, stringMember } from '@sallyport/core/model/json.ts';
import { freePort } from '@sallyport/testkit/free-port.ts';
import { httpUpstream, temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import { type Ask, type Rig, startRig, textOf } from '@sallyport/testkit/upstream/rig.ts';
import type { ServerConfig } from './config.ts';

/** The reference servers from npm, as everybody runs them: calls one way, and everything they say the other way. */

const from = new URL('../../examples', import.meta.url).pathname;

function reference(id: string, args: readonly string[] = [], env: Record<string, string> = {}): ServerConfig {
  return { id, segment: id, launch: { kind: 'package', name: `@modelcontextprotocol/server-${id}`, from, args, env } };
}

test('the three reference servers are reached at once, and nothing of theirs is quarantined', async () => {
  using folder = temporaryFolder();
  const started = performance.now();
  await using rig = await startRig({
    servers: [reference('filesystem', [folder.path]), reference('everything'), reference('memory')],
    stateDir: folder.file('state'),
  });
  const millis = performance.now() - started;
  assert.deepEqual(
    rig.discovery.servers().map(({ server, state, era, quarantined, refused, signs }) => ({
      server,
      state,
      era,
      quarantined,
      refused,
      signs,
    })),
    ['filesystem', 'everything', 'memory'].map(server => ({
      server,
      state: 'reached',
      era: 'legacy',
      quarantined: 0,
      refused: [],
      signs: [],
    })),
  );
  assert.ok(millis < 8_000, `${millis} ms`);
});

test('server-filesystem reads and writes inside its folder and nowhere else', async () => {
  using folder = temporaryFolder();
  writeFileSync(folder.file('a.txt'), 'grüße\n\ndata: x');
  await using rig = await startRig({
    servers: [reference('filesystem', [folder.path])],
    stateDir: folder.file('state'),
  });
  const call = (tool: string, input: object) => rig.call({ server: 'filesystem', tool, input: JSON.stringify(input) });
  assert.equal(textOf(await call('read_text_file', { path: folder.file('a.txt') })), 'grüße\n\ndata: x');
  assert.equal((await call('write_file', { path: folder.file('b.txt'), content: 'new' })).kind, 'result');
  assert.equal(readFileSync(folder.file('b.txt'), 'utf8'), 'new');
  const outside = await call('read_text_file', { path: '/etc/hostname' });
  assert.ok(
    outside.kind === 'result' && normalText(outside.result).includes('"isError":true'),
    'its own refusal is a result',
  );
});

test('server-memory keeps what it was told apart for each agent', async () => {
  using folder = temporaryFolder();
  const file = folder.file('graph.jsonl');
  await using rig = await startRig({
    servers: [reference('memory', [], { MEMORY_FILE_PATH: file })],
    stateDir: folder.file('state'),
  });
  const entities = '{"entities":[{"name":"ada","entityType":"person","observations":["likes 1.0"]}]}';
  assert.equal((await rig.call({ server: 'memory', tool: 'create_entities', input: entities })).kind, 'result');
  assert.ok(
    textOf(await rig.call({ server: 'memory', tool: 'search_nodes', input: '{"query":"ada"}' })).includes('likes 1.0'),
  );
  assert.ok(existsSync(file));
});

for (const over of ['stdio', 'http'])
  test(`server-everything over ${over}: results, progress, log messages, resources and their updates, prompts, completion`, async () => {
    using folder = temporaryFolder();
    await using server = await everything(over);
    await using rig = await startRig({ servers: [server.config], stateDir: folder.file('state') });
    await expectCalls(rig);
    await expectNews(rig);
  });

async function expectCalls(rig: Rig): Promise<void> {
  const call = (tool: string, input: string, more: Partial<Ask> = {}) =>
    rig.call({ server: 'everything', tool, input, ...more });
  assert.equal(textOf(await call('echo', '{"message":"hällo 😀"}')), 'Echo: hällo 😀');
  assert.match(textOf(await call('get-sum', '{"a":1.0,"b":2e0}')), /3/);
  const structured = await call('get-structured-content', '{"location":"New York"}');
  assert.ok(structured.kind === 'result' && structured.result.members.has('structuredContent'));
  const image = await call('get-tiny-image', '{}');
  assert.ok(image.kind === 'result' && normalText(image.result).includes('"type":"image"'));
  const env = JSON.parse(textOf(await call('get-env', '{}'))) as Record<string, string>;
  assert.equal(env.SALLYPORT_CANARY, undefined);
  const notices: Notice[] = [];
  await call('trigger-long-running-operation', '{"duration":0.2,"steps":4}', { wantsProgress: true, notices });
  assert.deepEqual(
    notices.map(({ method, params }) => `${method} ${normalText(params.members.get('progress') ?? params)}`),
    [1, 2, 3, 4].map(step => `notifications/progress ${step}`),
  );
}

async function expectNews(rig: Rig): Promise<void> {
  const ask = { server: 'everything', tool: '' };
  const input = '{"uri":"demo://resource/dynamic/text/1"}';
  const read = await rig.call({ ...ask, method: 'resources/read', input });
  assert.ok(read.kind === 'result', JSON.stringify(read));
  assert.equal((await rig.call({ ...ask, method: 'resources/list' })).kind, 'result');
  assert.equal((await rig.call({ ...ask, method: 'prompts/get', input: '{"name":"simple-prompt"}' })).kind, 'result');
  const reference =
    '{"ref":{"type":"ref/prompt","name":"completable-prompt"},"argument":{"name":"department","value":"E"}}';
  const completed = await rig.call({ ...ask, method: 'completion/complete', input: reference });
  assert.ok(
    completed.kind === 'result' && normalText(completed.result).includes('Engineering'),
    JSON.stringify(completed),
  );
  assert.equal((await rig.call({ ...ask, method: 'logging/setLevel', input: '{"level":"debug"}' })).kind, 'result');
  const notices: Notice[] = [];
  await rig.call({ ...ask, tool: 'toggle-simulated-logging', notices });
  assert.equal((await rig.call({ ...ask, method: 'resources/subscribe', input })).kind, 'result');
  await rig.call({ ...ask, tool: 'toggle-subscriber-updates' });
  await until('the update arrives', () =>
    rig.updates.some(([key, uri]) => key.agent === 'assistant' && uri === 'demo://resource/dynamic/text/1'),
  );
  assert.ok(notices.every(({ params }) => stringMember(params, 'level') !== undefined));
}

interface Everything {
  readonly config: ServerConfig;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** Over HTTP it is a process of its own that listens where it is told. */
async function everything(over: string): Promise<Everything> {
  if (over === 'stdio') return { config: reference('everything'), [Symbol.asyncDispose]: async () => {} };
  const port = await freePort();
  const script = new URL('../../node_modules/@modelcontextprotocol/server-everything/dist/index.js', import.meta.url)
    .pathname;
  const child = spawn(process.execPath, [script, 'streamableHttp'], {
    env: { PATH: process.env.PATH, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  await until('it listens', () => said.includes('listening on port'));
  return {
    config: httpUpstream('everything', `http://127.0.0.1:${port}/mcp`),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
