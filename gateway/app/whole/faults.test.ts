import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { type House, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { modernRequest } from '@sallyport/testkit/modern-request.ts';
import { linesOf, temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import { toolsFor } from '@sallyport/testkit/upstream/script.ts';
import { verifyJournal } from '../../journal/verify/verify.ts';

/** R3: what the whole gateway does when one of its real dependencies fails. Failing disks: `npm run deep:disk-fault`. */

const policies = '@id("all") permit (principal, action, resource);';

function open(folder: string): Promise<House> {
  return openHouse(folder, { policies, script: { tools: toolsFor(['echo', 'exit', 'never', 'close-stdout']) } });
}

async function entriesOf(house: House): Promise<Entry[]> {
  const all: Entry[] = [];
  for (;;) {
    const { entries } = await house.ask<{ entries: Entry[] }>(`entries?limit=500&after=${all.at(-1)?.seq ?? -1}`);
    if (entries.length === 0) return all;
    all.push(...entries);
  }
}

test('R3 an index that is locked holds up no call, and is complete once it is free', async () => {
  using folder = temporaryFolder();
  await using house = await open(folder.path);
  const file = join(house.stateDir, 'index.sqlite');
  const other = new DatabaseSync(file);
  other.exec('BEGIN IMMEDIATE');
  let slowest = 0;
  // Two entries each, and 1,024 are filed at once: whoever files them finds the lock.
  const calls = 600;
  for (let call = 0; call < calls; call++) {
    const started = performance.now();
    assert.equal((await house.call('echo', { text: 'x' })).text, 'x');
    slowest = Math.max(slowest, performance.now() - started);
  }
  assert.ok(slowest < 2_000, 'nobody waited for the lock');
  const filed = (): unknown => other.prepare('SELECT count(*) AS blocks FROM blocks').get();
  const before = filed();
  other.exec('ROLLBACK');
  assert.equal((await entriesOf(house)).filter(({ kind }) => kind === 'decided').length, calls);
  for (let call = 0; call < calls; call++) await house.call('echo', { text: 'y' });
  assert.notDeepEqual(filed(), before, 'what waited was filed');
  other.close();
  assert.equal((await entriesOf(house)).filter(({ kind }) => kind === 'decided').length, 2 * calls);
});

for (const [what, harm] of [
  ['deleted', (file: string) => rmSync(file)],
  [
    'overwritten',
    (file: string) => writeFileSync(file, 'this is no database, and larger than a page of one'.repeat(200)),
  ],
] as const)
  test(`R3 an index that is ${what} under the gateway holds up no call, and is made again`, async () => {
    using folder = temporaryFolder();
    {
      await using house = await open(folder.path);
      await house.call('echo', { text: 'before' });
      harm(join(house.stateDir, 'index.sqlite'));
      assert.equal((await house.call('echo', { text: 'after' })).text, 'after');
    }
    await using house = await open(folder.path);
    const decided = (await entriesOf(house)).filter(({ kind }) => kind === 'decided');
    assert.equal(decided.length, 2);
  });

test('R3 a clock that goes back changes no order, no limit and no label, and the record verifies', async t => {
  using folder = temporaryFolder();
  await using house = await open(folder.path);
  await house.call('echo', { text: 'before' });
  const real = Date.now;
  t.mock.method(Date, 'now', () => real() - 3_600_000);
  assert.equal((await house.call('echo', { text: 'after' })).text, 'after');
  t.mock.restoreAll();
  const entries = await entriesOf(house);
  const times = entries.map(({ at }) => at);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
    'time never goes back in the record',
  );
  const last = entries.filter(entry => entry.kind === 'decided').at(-1);
  assert.deepEqual(
    last?.labels.map(({ label }) => label),
    ['untrusted', 'unlabelled'],
  );
  const { tasks } = await house.ask<{ tasks: { used: { calls: number } }[] }>('tasks');
  assert.equal(tasks[0]?.used.calls, 2);
  const dir = join(house.stateDir, 'journal');
  assert.equal(verifyJournal({ dir, vkey: readFileSync(join(dir, 'vkey'), 'utf8') }).fault, undefined);
});

test('R3 a clock that was ahead once lengthens no task, after a restart neither', async t => {
  using folder = temporaryFolder();
  const real = Date.now;
  let task = '';
  const endsAt = async (house: House): Promise<number> =>
    (await house.ask<{ task: { endsAt: number } }>(`tasks/${task}`)).task.endsAt;
  let before = 0;
  {
    await using house = await open(folder.path);
    t.mock.method(Date, 'now', () => real() + 365 * 86_400_000);
    assert.equal((await house.call('echo', { text: 'a year ahead' })).isError, undefined);
    t.mock.restoreAll();
    const opened = { agent: 'writer', purpose: 'short', limits: { secondsMax: 60 } };
    task = (await house.ask<{ task: { id: string } }>('tasks', opened)).task.id;
    before = await endsAt(house);
    assert.ok(before <= real() + 60_000);
  }
  await using house = await open(folder.path);
  assert.ok(Math.abs((await endsAt(house)) - before) < 1_000, 'its end is where it was');
});

test('R3 G-7 a server that dies at any step of a call is indeterminate once it had the call, and never asked twice', async () => {
  using folder = temporaryFolder();
  await using house = await open(folder.path);
  for (const [tool, answer] of [
    ['exit', /outcome is not known|not known/i],
    ['close-stdout', /not known/i],
  ] as const) {
    const called = await house.call(tool, { text: `once-${tool}` });
    assert.equal(called.isError, true);
    assert.match(called.text, answer);
    let outcome: Entry | undefined;
    await until('the outcome is in the record', async () => {
      const entries = await entriesOf(house);
      const decided = entries.findLast(entry => entry.kind === 'decided');
      outcome = entries.find(entry => 'decision' in entry && entry.decision === decided?.id);
      return outcome !== undefined;
    });
    assert.equal(outcome?.kind, 'indeterminate', tool);
    assert.match(
      (outcome?.kind === 'indeterminate' && outcome.why) || '',
      /exited with code 3|standard output/,
      'the record says why',
    );
    const sent = linesOf(folder.file('received')).join('\n').split(`once-${tool}`).length - 1;
    assert.equal(sent, 1, `${tool} was sent once`);
  }
});

test('R3 a task whose keys are gone is refused nothing, and what it said cannot be read', async () => {
  using folder = temporaryFolder();
  await using house = await open(folder.path);
  await house.call('echo', { text: 'private words' });
  rmSync(join(house.stateDir, 'journal', 'keys', 'tasks'));
  assert.equal((await house.call('echo', { text: 'more' })).text, 'more');
  const entries = await entriesOf(house);
  const decided = entries.find(entry => entry.kind === 'decided');
  const answer = await house.ask<{ error?: unknown; decision?: { arguments?: string } }>(`decisions/${decided?.id}`);
  assert.doesNotMatch(JSON.stringify(answer), /private words/);
});

test('D-8 R3 a list of revoked tokens that is gone or empty lets none of them count again', async () => {
  using folder = temporaryFolder();
  const again = (): Promise<House> =>
    openHouse(folder.path, { policies, script: { tools: toolsFor(['echo']) }, config: 'url: https://gateway.example' });
  const statusOf = async ({ gateway }: House, token: string): Promise<number> => {
    const headers = { authorization: `Bearer ${token}` };
    const order = modernRequest('tools/call', { name: 'echo', arguments: { text: 'x' } }, headers);
    return (await fetch(`${gateway.url}/mcp/notes`, order)).status;
  };
  let access = '';
  {
    await using house = await again();
    const { task } = await house.ask<{ task: { id: string } }>('tasks', { agent: 'writer', purpose: 'x' });
    const renewed = await house.ask<{ access: { token: string } }>(`tasks/${task.id}/renew`, {
      access: { audience: '/mcp/notes' },
    });
    access = renewed.access.token;
    assert.equal(await statusOf(house, access), 200);
    await house.ask('kill', { scope: 'agent:writer', why: 'a test' });
    await house.ask('unkill', { scope: 'agent:writer' });
    assert.equal(await statusOf(house, access), 401);
  }
  for (const lost of [undefined, '']) {
    const file = join(folder.path, 'state', 'tokens.sqlite');
    rmSync(file);
    if (lost !== undefined) writeFileSync(file, lost, { mode: 0o600 });
    await using house = await again();
    assert.equal(await statusOf(house, access), 401);
    assert.equal((await house.call('echo', { text: 'y' })).text, 'y', 'a token that the list never held goes on');
    const { status } = await house.ask<{ status: { tokensLost?: { at: number; file: string } } }>('status');
    assert.equal(status.tokensLost?.file, file);
    assert.ok(Date.now() - (status.tokensLost?.at ?? 0) < 60_000);
  }
});
