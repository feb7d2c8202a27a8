import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { createFakeTerminal } from '@sallyport/testkit/fakes/terminal.ts';
import { stdioUpstream } from '@sallyport/testkit/upstream/fixture.ts';
import { main } from '../main.ts';
import { readRunning } from '../running.ts';

/** From nothing to a proven refusal and back: real files, a real gateway, a real client through the very entry. */

let home: string;
let state: string;
let file: string;
let config: string;

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'sallyport-doctor-')));
  state = join(home, 'state');
  file = join(home, '.cursor', 'mcp.json');
  config = join(home, '.config', 'sallyport', 'sallyport.yaml');
  mkdirSync(join(home, '.cursor'));
});
afterEach(async () => {
  if (readRunning(state) !== undefined) await sallyport('down');
  rmSync(home, { recursive: true, force: true });
});

async function sallyport(
  ...argv: string[]
): Promise<{ readonly status: number; readonly out: string; readonly err: string }> {
  const terminal = createFakeTerminal({ cwd: home, env: { HOME: home } });
  const status = await main(['--state', state, ...argv], terminal);
  return { status, out: terminal.stdout(), err: terminal.stderr() };
}

function clientFile(): string {
  const { launch } = stdioUpstream('notes', {});
  const entry = { command: process.execPath, args: launch.args, env: { NOTES_API_KEY: 'canary-77ab01fe' } };
  return JSON.stringify({ mcpServers: { Notes: entry } }, undefined, 2);
}

test('a client is wrapped, proven entry by entry, found out when it goes round, and unwrapped without a trace', async () => {
  writeFileSync(file, clientFile());
  const round = await sallyport('doctor');
  assert.deepEqual([round.status, /Cursor Notes: goes round the gateway/.test(round.out)], [6, true], round.out);

  const asked = await sallyport('wrap');
  assert.equal(asked.status, 2, 'nobody can be asked here');
  assert.equal(readFileSync(file, 'utf8'), clientFile(), 'and so nothing was changed');
  const wrapped = await sallyport('wrap', '--yes');
  assert.equal(wrapped.status, 0, wrapped.err);
  assert.ok(!(wrapped.out + wrapped.err).includes('canary-77ab01fe'));
  writeFileSync(config, readFileSync(config, 'utf8').replace('mode: observe', 'listen: 127.0.0.1:0\nmode: observe'));

  assert.equal((await sallyport('doctor')).status, 6, 'no gateway runs yet');
  assert.equal((await sallyport('up', '--config', config)).status, 0);
  const proven = await sallyport('doctor', '--canary');
  assert.match(proven.out, /ok {4}Cursor Notes: proven/, proven.out);
  assert.match(proven.out, /ok {4}Cursor own tools: proven/, proven.out);
  assert.equal(proven.status, 0);
  await sallyport('down');
  const dead = await sallyport('doctor', '--canary');
  assert.deepEqual([dead.status, /proven: a call/.test(dead.out)], [6, false]);

  writeFileSync(config, readFileSync(config, 'utf8').replace('listen: 127.0.0.1:0\n', ''));
  const back = await sallyport('unwrap', '--all', '--yes');
  assert.equal(back.status, 0, back.err);
  assert.equal(readFileSync(file, 'utf8'), clientFile());
  assert.throws(() => readFileSync(config), /ENOENT/);
});

test('beside a gateway that was started with another configuration it says what is missing there, and what to start', async () => {
  writeFileSync(file, clientFile());
  assert.equal((await sallyport('wrap', '--yes')).status, 0);
  const own = join(home, 'own.yaml');
  const pack = JSON.stringify(join(import.meta.dirname, '..', '..', 'policies'));
  writeFileSync(own, `listen: 127.0.0.1:0\npolicies: ${pack}\n`);
  assert.equal((await sallyport('up', '--config', own)).status, 0);
  const without = 'unproven: the gateway that runs was started with a configuration without';
  for (const words of [['doctor'], ['doctor', '--canary']]) {
    const { status, out } = await sallyport(...words);
    assert.equal(status, 6);
    assert.ok(out.includes(`Cursor Notes: ${without} the entry cursor`), out);
    assert.match(
      out,
      /Cursor Notes: .* → sallyport \S* ?\S* ?down, .*up --config \S+\.config\/sallyport\/sallyport\.yaml/,
    );
    assert.equal(out.includes(`Cursor own tools: ${without} the agent cursor`), words.length === 2, out);
  }
  const again = await sallyport('up', '--config', config);
  assert.match(again.err, /is running on this state directory already, .*with another configuration: \S+own\.yaml/);
});

test('without curl no hook is written, and it is said', async () => {
  writeFileSync(file, clientFile());
  const terminal = createFakeTerminal({ cwd: home, env: { HOME: home, PATH: '/nonexistent' } });
  assert.equal(await main(['--state', state, 'wrap', '--dry-run'], terminal), 0);
  assert.match(terminal.stdout(), /there is no curl here/);
  assert.ok(!terminal.stdout().includes('hook.sh'));
});

test('E5 an entry that leads elsewhere is not taken for proven', async () => {
  const liar = join(home, 'sallyport.js');
  writeFileSync(liar, 'process.stdin.resume();');
  const entry = { command: process.execPath, args: [liar, 'mcp', '--entry', 'cursor', '--server', 'notes'] };
  writeFileSync(file, JSON.stringify({ mcpServers: { Notes: entry } }));
  const own = join(home, 'own.yaml');
  writeFileSync(
    own,
    `listen: 127.0.0.1:0\npolicies: ${JSON.stringify(join(import.meta.dirname, '..', '..', 'policies'))}\n`,
  );
  assert.equal((await sallyport('up', '--config', own)).status, 0);
  const { status, out } = await sallyport('doctor', '--canary');
  assert.equal(status, 6);
  assert.match(out, /Cursor Notes: unproven/);
});
