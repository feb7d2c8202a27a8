import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { createFakeTerminal } from '@sallyport/testkit/fakes/terminal.ts';
import { openHouse } from '@sallyport/testkit/gateway/house.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { toolsFor } from '@sallyport/testkit/upstream/script.ts';
import { main } from './main.ts';

const policies = '@id("all") permit (principal, action, resource);';
const script = { tools: toolsFor(['echo']) };

async function sallyport(cwd: string, ...argv: readonly string[]) {
  const terminal = createFakeTerminal({ cwd });
  const status = await main(argv, terminal);
  return { status, stdout: terminal.stdout(), stderr: terminal.stderr() };
}

test('a backup of a gateway that runs is one that starts, without what belongs to the run', async () => {
  using folder = temporaryFolder();
  using elsewhere = temporaryFolder();
  await using house = await openHouse(folder.path, { policies, script });
  await house.call('echo', { text: 'before' });
  const { stateDir, ask } = house;
  await ask('kill', { scope: 'all', why: 'a bad week' });
  const { status, stderr } = await sallyport(elsewhere.path, 'backup', 'state', '--state', stateDir);
  assert.equal(status, 0, stderr);
  const copy = elsewhere.file('state');
  assert.equal(statSync(copy).mode & 0o777, 0o700);
  const ofTheRun = /^(?:children|gateway\.json|.*\.sock|index\.sqlite.*|tokens\.sqlite-journal)$/;
  assert.deepEqual(
    readdirSync(copy),
    readdirSync(stateDir).filter(name => !ofTheRun.test(name)),
  );
  assert.equal(statSync(join(copy, 'tokens.sqlite')).mode & 0o777, 0o600);
  assert.equal(readFileSync(join(copy, 'operator.key'), 'utf8'), readFileSync(join(stateDir, 'operator.key'), 'utf8'));
  await house.gateway.close();
  await using restored = await openHouse(elsewhere.path, { policies, script });
  assert.match((await restored.call('echo', { text: 'after' })).text, /stopped every agent/);
});

test('a backup replaces nothing, does not lie in what it copies, and is of a state that there is', async () => {
  using folder = temporaryFolder();
  const house = await openHouse(folder.path, { policies, script });
  await house.gateway.close();
  const { stateDir } = house;
  writeFileSync(folder.file('there'), '');
  const said = async (...argv: readonly string[]): Promise<string> =>
    (await sallyport(folder.path, 'backup', ...argv)).stderr;
  assert.match(await said('there', '--state', stateDir), /there is there already/);
  symlinkSync(folder.file('nowhere'), folder.file('link'));
  assert.match(await said('link', '--state', stateDir), /link is there already/);
  assert.match(await said(join(stateDir, 'copy'), '--state', stateDir), /in the state directory itself/);
  assert.match(await said('new', '--state', folder.file('none')), /no gateway has run in/);
  assert.match(await said('none/new', '--state', stateDir), /does not exist/);
  assert.ok(!existsSync(folder.file('new')));
});

test('a backup that is made at the same time as another, or beside a folder of that kind of name, harms neither', async () => {
  using folder = temporaryFolder();
  const house = await openHouse(folder.path, { policies, script });
  await house.gateway.close();
  mkdirSync(folder.file('copy.incomplete'));
  writeFileSync(join(folder.file('copy.incomplete'), 'mine'), '');
  const command = join(import.meta.dirname, 'bin', 'sallyport.js');
  const backup = async (): Promise<[number, string]> => {
    const child = spawn(process.execPath, [command, 'backup', 'copy', '--state', house.stateDir], { cwd: folder.path });
    const [said, [status]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    return [status, said];
  };
  const both = await Promise.all([backup(), backup()]);
  assert.equal(both.filter(([status]) => status === 0).length, 1, JSON.stringify(both));
  assert.match(both.find(([status]) => status !== 0)?.[1] ?? '', /copy is there already/);
  assert.ok(existsSync(join(folder.file('copy.incomplete'), 'mine')));
  assert.deepEqual(
    readdirSync(folder.path)
      .filter(name => name.startsWith('copy'))
      .sort(),
    ['copy', 'copy.incomplete'],
  );
});
