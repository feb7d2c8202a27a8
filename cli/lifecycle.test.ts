import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve, sep } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setImmediate as nextTick } from 'node:timers/promises';
import { createFakeTerminal } from '@sallyport/testkit/fakes/terminal.ts';
import { gatewayNodeFlags } from './gateway-flags.js';
import { main } from './main.ts';
import { isAlive, readRunning } from './running.ts';

/** `up`, `status`, `down` and the launcher, on a configuration without servers. */

const launcher = join(import.meta.dirname, 'bin', 'sallyport.js');
let home: string;
let state: string;
let config: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sallyport-life-'));
  state = join(home, 'state');
  config = join(home, 'sallyport.yaml');
  writeFileSync(config, configText('127.0.0.1:0'));
});
afterEach(async () => {
  if (readRunning(state) !== undefined) await sallyport(['down']);
  rmSync(home, { recursive: true, force: true });
});

function configText(listen: string): string {
  const policies = resolve(import.meta.dirname, '..', 'policies');
  return `listen: ${listen}\npolicies: ${JSON.stringify(policies)}\nagents:\n  a: { principal: "user:a" }\n`;
}

interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** In this process: only the gateway is another one, as always. */
async function sallyport(argv: readonly string[]): Promise<Ran> {
  const terminal = createFakeTerminal({ cwd: home, env: { XDG_CONFIG_HOME: home } });
  const status = await main(['--state', state, ...argv], terminal);
  return { status, stdout: terminal.stdout(), stderr: terminal.stderr() };
}

function asProcess(node: string, argv: readonly string[]): Promise<Ran> {
  return new Promise(done => {
    execFile(node, [launcher, '--state', state, ...argv], { cwd: home }, (error, stdout, stderr) =>
      done({ status: typeof error?.code === 'number' ? error.code : error === null ? 0 : 128, stdout, stderr }),
    );
  });
}

test('up starts a gateway that outlives it, status sees it, down ends it', async () => {
  const up = await sallyport(['up', '--config', config, '--json']);
  assert.equal(up.status, 0, up.stderr);
  const { v, gateway } = JSON.parse(up.stdout);
  assert.equal(v, 1);
  assert.match(gateway.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(statSync(state).mode & 0o777, 0o700);
  assert.equal(statSync(join(state, 'gateway.json')).mode & 0o777, 0o600);

  for (const { name, parentPath } of readdirSync(state, { withFileTypes: true }).filter(entry => entry.isFile()))
    assert.equal(statSync(join(parentPath, name)).mode & 0o777, 0o600, name);

  const commandLine = `/proc/${gateway.pid}/cmdline`;
  if (existsSync(commandLine)) assert.ok(readFileSync(commandLine, 'utf8').includes(gatewayNodeFlags.join('\0')));

  const status = await sallyport(['status', '--json']);
  assert.equal(status.status, 0, status.stderr);
  assert.equal(JSON.parse(status.stdout).status.state, 'ready');

  const again = await sallyport(['up', '--config', config]);
  assert.equal(again.status, 1);
  assert.match(
    again.stderr,
    /a gateway is running on this state directory already, at http[\s\S]*sallyport --state \S+ down/,
  );

  const down = await sallyport(['down']);
  assert.equal(down.status, 0, down.stderr);
  assert.equal(isAlive(gateway.pid), false);
  assert.equal(existsSync(join(state, 'gateway.json')), false);
  assert.equal((await sallyport(['down'])).status, 6);
});

test('a start with a flag that is wrong ends at once', { timeout: 60_000 }, async () => {
  const { status, stderr } = await asProcess(process.execPath, ['up', '--config', config, '--agents-uid', 'me']);
  assert.equal(status, 2);
  assert.match(stderr, /--agents-uid is the number of a user/);
});

test('a port that is taken is said, with what to do; nothing is left running', async () => {
  const other = createServer((_, res) => res.end());
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  try {
    const { port } = other.address() as AddressInfo;
    writeFileSync(config, configText(`127.0.0.1:${port}`));
    const { status, stderr } = await sallyport(['up', '--config', config]);
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`another program listens on 127\\.0\\.0\\.1:${port} already\\n.*\`listen:\``));
    assert.equal(readRunning(state), undefined);
  } finally {
    other.close();
  }
});

test('a configuration that is wrong is named with file, line and field', async () => {
  writeFileSync(config, 'mode: enforced\n');
  const { status, stderr } = await sallyport(['up', '--config', config]);
  assert.equal(status, 1);
  assert.match(
    stderr,
    /sallyport\.yaml:1:7: `mode` must be one of observe, shadow, enforce \(did you mean `enforce`\?\)/,
  );
  rmSync(config);
  assert.match((await sallyport(['up', '--config', config])).stderr, /does not exist; name another with --config FILE/);
  const none = await sallyport(['up']);
  assert.equal(none.status, 2);
  assert.match(none.stderr, /there is no configuration[\s\S]*examples\/sallyport\.yaml/);
});

test('a gateway that was killed counts as not running, and another can be started', async () => {
  await sallyport(['up', '--config', config]);
  const running = readRunning(state);
  assert.ok(running);
  process.kill(running.pid, 'SIGKILL');
  while (isAlive(running.pid)) await new Promise(done => setTimeout(done, 5));
  const { status, stderr } = await sallyport(['status']);
  assert.equal(status, 6);
  assert.match(stderr, /no gateway is running/);
  assert.equal((await sallyport(['up', '--config', config])).status, 0);
});

test('a process that is dead and was not fetched by its parent does not run', {
  skip: !existsSync('/proc/self/stat') && 'no /proc',
}, async () => {
  // It becomes a program that never asks after the child that it has.
  const parent = spawn('/bin/sh', ['-c', 'sleep 100 & echo $!; exec sleep 100'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const [line] = await once(parent.stdout, 'data');
    const pid = Number(String(line));
    while (!readFileSync(`/proc/${parent.pid}/comm`, 'utf8').startsWith('sleep')) await nextTick();
    assert.equal(isAlive(pid), true);
    process.kill(pid, 'SIGKILL');
    while (isAlive(pid)) await nextTick();
    assert.match(readFileSync(`/proc/${pid}/stat`, 'utf8'), /\) Z /);
    assert.equal(process.kill(pid, 0), true, 'for the system it is still there');
  } finally {
    parent.kill('SIGKILL');
  }
});

test('up --foreground stays until it is told to stop, and its log is on standard error', async () => {
  const child = spawn(process.execPath, [launcher, '--state', state, 'up', '--foreground', '--config', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  const ended = once(child, 'exit');
  for await (const chunk of child.stderr.setEncoding('utf8')) {
    stderr += chunk;
    if (/Ctrl-C stops it/.test(stderr)) break;
  }
  const running = readRunning(state);
  assert.ok(running);
  child.kill('SIGINT');
  assert.deepEqual(await ended, [0, null]);
  assert.equal(isAlive(running.pid), false);
  assert.match(stderr, /"level":"info","message":"ready"/);
});

test('the launcher hands over from an older Node, with streams, arguments and exit status', async t => {
  const older = await olderNode();
  if (older === undefined) return t.skip('no Node older than 24 is on this machine');
  const ran = await asProcess(older, ['status', '--json']);
  assert.equal(ran.status, 6);
  assert.equal(JSON.parse(ran.stdout).error.code, 'not-running');
});

/** The machine's own Node, behind what npm put in front of it. */
async function olderNode(): Promise<string | undefined> {
  const folders = (process.env.PATH ?? '')
    .split(delimiter)
    .filter(folder => !folder.includes(`node_modules${sep}.bin`));
  for (const folder of folders) {
    const node = join(folder, 'node');
    if (!existsSync(node)) continue;
    const version = await new Promise<string>(done => execFile(node, ['--version'], (_, stdout) => done(stdout)));
    const major = Number.parseInt(version.slice(1), 10);
    if (major >= 18 && major < 24) return node;
  }
  return undefined;
}
