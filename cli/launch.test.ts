import assert from 'node:assert/strict';
import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { on, once } from 'node:events';
import { realpathSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { openStateDir } from '@sallyport/gateway/app/host/state-dir.ts';
import { compiledOnce, temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import { gatewayNodeFlags, gatewayOwnFlags, gatewayServingFlags } from './gateway-flags.js';
import type { ScriptMessage } from './gateway-process.js';
import { launch } from './launch.ts';
import { readRunning } from './running.ts';

/** Says again and again how far it is, until a file says that it is ready. */
const slow = `
import { existsSync } from 'node:fs';
process.on('disconnect', () => process.exit());
setInterval(() => {
  if (!existsSync('is-ready')) process.send({ kind: 'progress', text: 'Reading the journal' });
  else process.send({ kind: 'ready', running: { url: 'http://127.0.0.1:1' }, starting: [] });
}, 10);
`;

test('whoever starts a gateway waits as long as it says how far it is', async t => {
  using folder = temporaryFolder();
  const path = folder.file('slow.mjs');
  writeFileSync(path, slow);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const stateDir = folder.file('state');
  let said = 0;
  const onProgress = (): void => {
    if (++said <= 3) t.mock.timers.tick(50_000);
    else writeFileSync(`${stateDir}/is-ready`, '');
  };
  const launched = await launch({ config: '', stateDir, as: 'within', onProgress }, { path });
  t.mock.timers.reset();
  assert.equal(launched.running.url, 'http://127.0.0.1:1');
  await launched.stop();
});

test('one that says nothing is not waited for', async t => {
  using folder = temporaryFolder();
  const path = folder.file('silent.mjs');
  writeFileSync(
    path,
    `process.send({ kind: 'progress', text: 'Reading' }); process.on('disconnect', () => process.exit());`,
  );
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const onProgress = (): void => t.mock.timers.tick(60_000);
  const order = { config: '', stateDir: folder.file('state'), as: 'within', onProgress } as const;
  await assert.rejects(launch(order, { path }), {
    code: 'not-ready',
    message: 'the gateway was not ready, and silent for 60 s',
  });
});

test('the process runs the script that it is told of, as if it had been started with it', async () => {
  using folder = temporaryFolder();
  const path = folder.file('told.mjs');
  writeFileSync(
    path,
    `const text = JSON.stringify(process.argv.slice(1));
     process.on('disconnect', () => process.exit());
     process.send({ kind: 'progress', text });
     process.send({ kind: 'ready', running: { url: 'http://127.0.0.1:1' }, starting: [] });`,
  );
  const said: string[] = [];
  const stateDir = folder.file('state');
  const order = { config: 'a.yaml', stateDir, as: 'within', onProgress: (text: string) => said.push(text) } as const;
  const launched = await launch(order, { path, sourcesBecause: 'it is so' });
  await launched.stop();
  const state = realpathSync(stateDir);
  assert.deepEqual(said, [
    JSON.stringify([path, '--config', 'a.yaml', '--state', state, '--sources-because', 'it is so']),
  ]);
});

test('a script that cannot be run is told, not waited for', async () => {
  using folder = temporaryFolder();
  const order = { config: '', stateDir: folder.file('state'), as: 'within', onProgress: () => {} } as const;
  await assert.rejects(launch(order, { path: folder.file('missing.mjs') }), {
    code: 'not-ready',
    message: 'the gateway ended while it was starting (status 1)',
  });
});

test('why there is no process is told as it is', async t => {
  using folder = temporaryFolder();
  const { execPath } = process;
  t.after(() => {
    process.execPath = execPath;
  });
  process.execPath = folder.file('missing');
  const order = { config: '', stateDir: folder.file('state'), as: 'within', onProgress: () => {} } as const;
  await assert.rejects(launch(order, { path: folder.file('unused.mjs') }), { code: 'ENOENT', syscall: /^spawn/ });
});

test('one that is never told which script to run ends with whoever started it', async () => {
  const child = fork(join(import.meta.dirname, 'gateway-process.js'));
  await once(child, 'spawn');
  child.disconnect();
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

test('it has all flags of the gateway by the time its script is loaded', async () => {
  using folder = temporaryFolder();
  const script = folder.file('script.mjs');
  const tag = "process.getBuiltinModule('node:v8').cachedDataVersionTag()";
  writeFileSync(script, `process.send(${tag});\nprocess.disconnect();\n`);
  const child = fork(join(import.meta.dirname, 'gateway-process.js'), { execArgv: gatewayNodeFlags });
  child.send({ script, args: [] } satisfies ScriptMessage);
  const [said] = await once(child, 'message');
  // The tag hangs on the flags: it is what code that was compiled with others is told by.
  const tagWith = (flags: readonly string[]): number => {
    const set = flags.map(flag => `process.getBuiltinModule('node:v8').setFlagsFromString('${flag}'); `).join('');
    return Number(spawnSync(process.execPath, [...gatewayNodeFlags, '--print', set + tag]).stdout);
  };
  assert.equal(said, tagWith(gatewayOwnFlags));
  for (const left of gatewayOwnFlags) assert.notEqual(said, tagWith(gatewayOwnFlags.filter(flag => flag !== left)));
});

/** A gateway from the sources on a configuration without servers, told which script it runs. */
async function begun(
  { file }: ReturnType<typeof temporaryFolder>,
  ties: string[] = [],
  execArgv: string[] = [],
): Promise<Begun> {
  const policies = resolve(import.meta.dirname, '../policies');
  const config = file('sallyport.yaml');
  writeFileSync(config, `listen: 127.0.0.1:0\npolicies: ${policies}\nagents:\n  a: { principal: "user:a" }\n`);
  const stateDir = openStateDir(file('state'));
  const child = fork(
    join(import.meta.dirname, 'gateway-process.js'),
    ['--config', config, '--state', stateDir, ...ties],
    {
      execArgv,
      env: { ...process.env, ...compiledOnce },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    },
  );
  const told: ScriptMessage = { script: join(import.meta.dirname, 'serve.ts'), args: [] };
  await new Promise(sent => child.send(told, sent));
  return { child, stateDir };
}

interface Begun {
  readonly child: ChildProcess;
  readonly stateDir: string;
}

test('a gateway whose keeper goes away while it starts ends in order', async () => {
  using folder = temporaryFolder();
  const { child } = await begun(folder);
  child.disconnect();
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

test('one that is beside whoever started it goes on', async () => {
  using folder = temporaryFolder();
  const { child, stateDir } = await begun(folder, ['--beside']);
  const ended = once(child, 'exit');
  child.disconnect();
  await until('it is ready', () => readRunning(stateDir) !== undefined, 60_000);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
});

test('the flags that would make a start longer are given once it is ready', async () => {
  using folder = temporaryFolder();
  const telling = `import v8 from 'node:v8'; import { syncBuiltinESMExports } from 'node:module';
    v8.setFlagsFromString = kind => process.send({ kind }); syncBuiltinESMExports();`;
  const { child } = await begun(folder, [], ['--import', `data:text/javascript,${encodeURIComponent(telling)}`]);
  const said: string[] = [];
  for await (const [{ kind }] of on(child, 'message', { close: ['exit'] })) {
    said.push(kind);
    if (kind === 'met') child.kill('SIGTERM');
  }
  assert.deepEqual(
    said.filter(kind => kind === 'ready' || kind.startsWith('-')),
    [...gatewayOwnFlags, 'ready', ...gatewayServingFlags],
  );
});
