import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openHouse } from '@sallyport/testkit/gateway/house.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { toolsFor } from '@sallyport/testkit/upstream/script.ts';
import { parseConfig } from '../config/config.ts';
import { startGateway } from '../gateway.ts';
import type { Log } from '../host/log.ts';
import { openStateDir } from '../host/state-dir.ts';
import { requireRecord, shortened } from './lost-record.ts';

const marks = ['index.sqlite', 'worlds', 'active-policies.json'];
const policies = '@id("all") permit (principal, action, resource);';

/** What lies in a state directory beside the record once a gateway has run on it. */
async function ranOn(folder: string): Promise<string> {
  const house = await openHouse(folder, { policies, script: { tools: toolsFor(['echo']) } });
  await house.call('echo', { text: 'x' });
  await house.gateway.close();
  return house.stateDir;
}

function empty(folder: string, kept: readonly string[] = []): void {
  for (const name of readdirSync(folder)) if (!kept.includes(name)) rmSync(join(folder, name), { recursive: true });
}

for (const [what, harm] of [
  ['removed', (journal: string) => rmSync(journal, { recursive: true })],
  ['emptied', (journal: string) => empty(journal)],
  ['left with its keys alone', (journal: string) => empty(journal, ['keys'])],
] as const)
  for (const mark of marks)
    test(`R3 a record that was ${what} beside ${mark} is not begun anew, until somebody moves that away`, async () => {
      using folder = temporaryFolder();
      const stateDir = await ranOn(folder.path);
      harm(join(stateDir, 'journal'));
      const kept = join(stateDir, mark);
      for (const name of marks) if (name !== mark) rmSync(join(stateDir, name), { recursive: true });
      const before = readdirSync(stateDir, { recursive: true }).length;
      await assert.rejects(ranOn(folder.path), ({ name, message }: Error) => {
        assert.equal(name, 'StartError');
        assert.ok(message.includes(`mv ${kept} `), message);
        return /holds no entry.*what was stopped.*Restore it/.test(message);
      });
      assert.equal(readdirSync(stateDir, { recursive: true }).length, before, 'nothing was made');
      rmSync(kept, { recursive: true });
      await ranOn(folder.path);
    });

test('the commands that a refused start prints do what they say, whatever the path of the state is', () => {
  using folder = temporaryFolder();
  const stateDir = folder.file("Emma's state\nof $HOME/*");
  mkdirSync(join(stateDir, 'worlds'), { recursive: true });
  writeFileSync(join(stateDir, 'index.sqlite'), '');
  const follow = (message: string, verb: string): void =>
    void execFileSync('sh', ['-ec', message.slice(message.lastIndexOf(`${verb} `))]);
  assert.throws(
    () => requireRecord(stateDir),
    ({ message }: Error) => follow(message, 'mkdir') === undefined,
  );
  requireRecord(stateDir);
  assert.deepEqual(readdirSync(join(stateDir, 'lost')).sort(), ['index.sqlite', 'worlds']);
  writeFileSync(join(stateDir, 'index.sqlite'), '');
  follow(shortened(stateDir, 1, 2).message, 'rm');
  assert.deepEqual(readdirSync(stateDir), ['lost']);
  chmodSync(stateDir, 0o755);
  assert.throws(
    () => openStateDir(stateDir),
    ({ message }: Error) => follow(message, 'chmod') === undefined,
  );
  openStateDir(stateDir);
});

test('R3 a record of which the newest entries are gone is not gone on with, until somebody removes the index that knew them', async () => {
  using folder = temporaryFolder();
  const stateDir = await ranOn(folder.path);
  const [journal, backup] = [join(stateDir, 'journal'), folder.file('backup')];
  cpSync(journal, backup, { recursive: true });
  await ranOn(folder.path);
  rmSync(journal, { recursive: true });
  cpSync(backup, journal, { recursive: true });
  const index = join(stateDir, 'index.sqlite');
  await assert.rejects(ranOn(folder.path), ({ name, message }: Error) => {
    assert.equal(name, 'StartError');
    return /ends before entry \d+.*what was stopped.*Restore/.test(message) && message.includes(`rm ${index}`);
  });
  rmSync(index);
  await ranOn(folder.path);
});

test('a record without its checkpoint is damaged, though nothing but its tiles is left', async () => {
  using folder = temporaryFolder();
  const journal = join(await ranOn(folder.path), 'journal');
  rmSync(join(journal, 'log', 'checkpoint'));
  rmSync(join(journal, 'log', 'entries'), { recursive: true });
  rmSync(join(journal, 'batches'), { recursive: true });
  await assert.rejects(ranOn(folder.path), /the signed checkpoint is missing/);
});

test('E-7 a set in force that is lost is not replaced by files that nobody activated, until somebody says so, once', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'all.cedar');
  writeFileSync(file, 'not a policy');
  const config = parseConfig(join(folder.path, 'sallyport.yaml'), 'listen: 127.0.0.1:0\npolicies: .\n');
  const stateDir = folder.file("Emma's state");
  const active = join(stateDir, 'active-policies.json');
  const warned = async (): Promise<string[]> => {
    const lines: string[] = [];
    const log: Log = (level, message) => void (level === 'warn' && lines.push(message));
    const others = { version: '0.0.0', onShutdown: () => {}, onFailure: (why: string) => assert.fail(why) };
    const gateway = await startGateway({ config, stateDir, log, ...others });
    await gateway.close();
    return lines;
  };
  const refused = async (verb: string): Promise<string> => {
    const { message } = await warned().then(
      () => assert.fail('it started'),
      (thrown: Error) => thrown,
    );
    return message.slice(message.lastIndexOf(`${verb} '`));
  };
  await assert.rejects(warned(), /cannot be used/);
  writeFileSync(file, policies);
  assert.deepEqual([await warned(), await warned()], [[], []], 'a first start that failed is none');
  for (const worlds of [true, false]) {
    rmSync(active);
    if (!worlds) rmSync(join(stateDir, 'worlds'), { recursive: true });
    const command = await refused('touch');
    assert.equal(await refused('touch'), command);
    assert.ok(!existsSync(active));
    execFileSync('sh', ['-ec', command]);
    assert.match((await warned()).join(), /^the policy files as they are come into force.*nobody activated them$/);
    assert.deepEqual(await warned(), []);
  }
  writeFileSync(active, '{}', { mode: 0o600 });
  execFileSync('sh', ['-ec', await refused('mv')]);
  assert.equal((await warned()).length, 1);
  assert.equal(readFileSync(`${active}.before`, 'utf8'), '{}', 'what was put away is kept');
  rmSync(active);
  await refused('touch');
});
