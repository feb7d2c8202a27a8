import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createFakeTerminal } from '@sallyport/testkit/fakes/terminal.ts';
import { main } from 'sallyport/main.ts';
import { isAlive, readRunning } from 'sallyport/running.ts';

/** `npm start` from the bootstrap on, as somebody with a fresh clone lives through it. Each test goes on where the last ended. */

const bootstrap = join(import.meta.dirname, 'bootstrap.js');
let state: string;
let first: Started;

interface Started {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<unknown[]>;
}

function start(stateDir: string, ...args: readonly string[]): Started {
  const child = spawn(process.execPath, [bootstrap, 'start', ...args], {
    env: { ...process.env, SALLYPORT_STATE: stateDir, CI: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: string[] = [];
  const err: string[] = [];
  child.stdout.setEncoding('utf8').on('data', text => out.push(text));
  child.stderr.setEncoding('utf8').on('data', text => err.push(text));
  return { child, stdout: () => out.join(''), stderr: () => err.join(''), ended: once(child, 'close') };
}

async function sallyport(...argv: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const terminal = createFakeTerminal();
  const status = await main(['--state', state, ...argv], terminal);
  return { status, stdout: terminal.stdout(), stderr: terminal.stderr() };
}

before(async () => {
  state = join(mkdtempSync(join(tmpdir(), 'sallyport-start-')), 'state');
  first = start(state, '--listen', '127.0.0.1:0');
  const serving = new Promise<void>(done => {
    first.child.stderr?.on('data', () => {
      if (/until Ctrl-C/.test(first.stderr())) done();
    });
  });
  await Promise.race([
    serving,
    first.ended.then(() => {
      throw new Error(`npm start ended:\n${first.stdout()}\n${first.stderr()}`);
    }),
  ]);
});
after(() => {
  first.child.kill('SIGKILL');
  rmSync(join(state, '..'), { recursive: true, force: true });
});

test('it shows the theft, the refusal and the next commands', () => {
  assert.match(first.stdout(), /The agent is scripted, there is no model/);
  assert.match(first.stdout(), /LEAKED {2}environment\.txt now holds DEMO_API_KEY/);
  assert.match(first.stdout(), /DENIED {2}everything\/get-env {2}task t_\S+ {2}rule no-detour-after-untrusted/);
  assert.match(first.stdout(), /KEPT +the key is nowhere in the folder/);
  assert.match(
    first.stderr(),
    /Next:[\s\S]*sallyport why d_\S+[\s\S]*sallyport audit verify[\s\S]*sallyport tail --follow/,
  );
});

test('the printed command explains the refusal, from the gateway that keeps serving', async () => {
  const id = /why (d_\S+)/.exec(first.stderr())?.[1] ?? '';
  const { status, stdout } = await sallyport('why', id);
  assert.equal(status, 0);
  assert.match(stdout, /everything\/get-env {2}DENIED → refused/);
  assert.match(stdout, /forbid no-detour-after-untrusted {2}\S*policies\/default\.cedar:\d+/);
  assert.match(stdout, /untrusted unlabelled +from files\/read_text_file/);
});

test('it is well, with three real servers', async () => {
  const { status, stdout } = await sallyport('status', '--json');
  assert.equal(status, 0);
  const { servers } = JSON.parse(stdout).status;
  assert.deepEqual(servers.map(({ id, state: is }: { id: string; state: string }) => [id, is]).sort(), [
    ['everything', 'ready'],
    ['files', 'ready'],
    ['memory', 'ready'],
  ]);
});

test('the demo can be run again, against the gateway that runs', async () => {
  const { status, stdout } = await sallyport('demo', '--json');
  assert.equal(status, 0);
  const { through, next } = JSON.parse(stdout);
  assert.equal(through.gateway.own, false);
  assert.equal(through.leaked, false);
  assert.ok(next.every((line: string) => !line.includes('--state')));
});

test('a second start says what runs and what to do', async () => {
  const second = start(state, '--listen', '127.0.0.1:0');
  const [code] = await second.ended;
  assert.equal(code, 1);
  assert.match(second.stderr(), /a gateway is running on this state directory already[\s\S]*sallyport down/);
  assert.match(second.stderr(), /another one with [^:]*: SALLYPORT_STATE=DIR npm start -- --listen/);
});

test('what it does not know starts nothing, and says how it is used', async () => {
  const wrong = start(join(state, '..', 'other'), '--lisen', '127.0.0.1:1');
  const [code] = await wrong.ended;
  assert.equal(code, 2);
  assert.match(wrong.stderr(), /Unknown option '--lisen'[\s\S]*Usage: npm start/);
});

test('a port that somebody else has is said, with another to take', async () => {
  const url = new URL(readRunning(state)?.url ?? '');
  const second = start(join(state, '..', 'other'), '--listen', url.host);
  const [code] = await second.ended;
  assert.equal(code, 1);
  assert.match(
    second.stderr(),
    /another program listens on 127\.0\.0\.1:\d+ already\n.*npm start -- --listen 127\.0\.0\.1:7421/,
  );
});

test('where nothing is enforced the demo says so and does not end with 0', async () => {
  assert.equal((await sallyport('mode', 'shadow', '--yes')).status, 0);
  const { status, stderr } = await sallyport('demo');
  assert.equal(status, 1);
  assert.match(stderr, /is the gateway in mode enforce\? See .*mode/);
  const shadow = await sallyport('tail', '--answer', 'deny', '-n', '1');
  assert.match(shadow.stdout, /everything\/get-env +deny +refuse +performed/);
  assert.equal((await sallyport('mode', 'default', 'unset', '--yes')).status, 0);
});

test('Ctrl-C stops it with everything that it started', async () => {
  const running = readRunning(state);
  assert.ok(running);
  first.child.kill('SIGINT');
  assert.deepEqual(await first.ended, [0, null]);
  assert.equal(isAlive(running.pid), false);
  assert.equal(readRunning(state), undefined);
});
