import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { createFakeTerminal } from '@sallyport/testkit/fakes/terminal.ts';
import { openHouse } from '@sallyport/testkit/gateway/house.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { toolsFor } from '@sallyport/testkit/upstream/script.ts';
import { main } from './main.ts';

/** Receipts by the commands that people use, from a gateway that runs. */
test('a receipt is made, handed over, and checked by somebody who holds nothing but the key', async () => {
  using folder = temporaryFolder();
  using outside = temporaryFolder();
  const policies = `@id("plain") @reason("plain words") permit (principal, action == Action::"notes/echo", resource) when { context.input has text };`;
  await using house = await openHouse(folder.path, { policies, script: { tools: toolsFor(['echo']) } });
  await house.call('echo', { text: 'not for everyone', count: 3 });
  const { entries } = await house.ask<{ entries: { id: string; task: string }[] }>('entries?kind=decided');
  const id = entries[0]?.id ?? '';
  const inside = (...argv: string[]) => run(['--state', house.stateDir, ...argv]);
  const asOutsider = (...argv: string[]) => run(['--state', outside.file('none'), ...argv]);
  copyFileSync(`${house.stateDir}/journal/vkey`, outside.file('vkey'));
  const key = ['--vkey', outside.file('vkey')];
  const [plain, told] = [outside.file('plain.tlog-proof'), outside.file('told.tlog-proof')];

  const made = await inside('audit', 'receipt', id, '--out', plain);
  assert.equal(made.status, 0, made.stderr());
  const proven = await asOutsider('audit', 'check', plain, ...key);
  assert.equal(proven.status, 1);
  assert.match(proven.stdout(), /PROVEN +entry \d+ of the \d+/);
  assert.match(proven.stdout(), /not asked: facts that its policies look at are not shown \(agent, arguments\.text\)/);

  const disclosed = await inside('audit', 'disclose', id, '--out', told);
  assert.match(disclosed.stdout(), /^shows +arguments\.text, agent$/m);
  assert.match(disclosed.stdout(), /^hides .*arguments\.count/m);
  const same = await asOutsider('audit', 'check', told, ...key);
  assert.equal(same.status, 0, same.stdout());
  assert.match(same.stdout(), /again +the same, by 1 of 1 policies/);
  const asJson = JSON.parse((await asOutsider('audit', 'check', told, ...key, '--json')).stdout()) as { ok: boolean };
  assert.equal(asJson.ok, true);

  const richer = readFileSync(told, 'utf8');
  for (const less of [
    ['audit', 'disclose', id, '--fields', 'agent', '-o', told],
    ['audit', 'receipt', id, '-o', told],
    ['task', entries[0]?.task ?? '', '--export', told],
    ['export', '--format', 'trajectory', '--tools', told],
    ['agents', 'token', 'assistant', '--token-file', told],
    ['task', 'open', '--agent', 'assistant', '--token-file', told],
    ['task', 'renew', entries[0]?.task ?? '', '--token-file', told],
  ]) {
    const refused = await inside(...less);
    assert.deepEqual([refused.status, refused.stdout(), readFileSync(told, 'utf8') === richer], [2, '', true], less[0]);
    assert.match(refused.stderr(), /told\.tlog-proof holds something already.*\n.*--yes/);
  }
  chmodSync(plain, 0o644);
  assert.equal((await inside('audit', 'disclose', id, '-o', plain, '--yes')).status, 0);
  assert.equal((await asOutsider('audit', 'check', plain, ...key)).status, 0, 'replaced after a yes');
  assert.equal(statSync(plain).mode & 0o777, 0o600);
  const onFolder = await inside('audit', 'receipt', id, '-o', outside.path);
  assert.match(onFolder.stderr(), /is a folder/);

  writeFileSync(told, richer.replace(/^index \d+$/m, 'index 0'));
  const altered = await asOutsider('audit', 'check', told, ...key);
  assert.equal(altered.status, 6);
  assert.match(altered.stdout(), /NOT PROVEN +the entry: it is not in the tree that was signed.*\nkey +\S+vkey\n/);

  const unknown = await inside('audit', 'disclose', id, '--fields', 'arguments.colour');
  assert.equal(unknown.status, 1);
  assert.match(unknown.stderr(), /no field arguments\.colour[\s\S]*It has: .*arguments\.text/);
  const both = await inside('audit', 'disclose', id, '--fields', 'arguments.colour', '-o', plain);
  assert.match(both.stderr(), /no field arguments\.colour/, 'nobody is asked to replace a file by what cannot be made');
  const keyless = await asOutsider('audit', 'check', told);
  assert.match(keyless.stderr(), /there is no public key at .*\n.*--vkey FILE/);
});

async function run(argv: readonly string[]) {
  const terminal = createFakeTerminal({});
  return { ...terminal, status: await main(argv, terminal) };
}
