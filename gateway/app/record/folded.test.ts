import assert from 'node:assert/strict';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Counts } from '@sallyport/core/behaviour/usual.ts';
import type { EntryDraft } from '@sallyport/core/model/entry.ts';
import type { TaskId } from '@sallyport/core/model/ids.ts';
import { decided, performed, taskOpened } from '@sallyport/testkit/journal/calls.ts';
import { temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import { createNewId } from '../host/new-id.ts';
import { keepSnapshots } from './fold-apart.ts';
import { pack, unpack } from './pack.ts';
import { type GatewayRecord, openRecord, type RecordPorts } from './record.ts';

const newId = createNewId();

const none = undefined;
const everything = { after: none, kinds: none, agent: none, task: none, tool: none, answer: none };

function open(stateDir: string, more: Partial<RecordPorts> = {}): Promise<GatewayRecord> {
  const onFailure = (why: string): void => assert.fail(why);
  const now = () => 1_800_000_000_000;
  return openRecord({
    notice: () => {},
    stateDir,
    tenant: 'local',
    version: '1',
    now,
    newId,
    schemaOf: () => undefined,
    onFailure,
    readWholeEntriesMax: 0,
    ...more,
  });
}

/** Tasks that end and tasks that do not, an outcome that never came, a stop, a mode, and enough for a baseline. */
async function live({ journal }: GatewayRecord): Promise<void> {
  const write = async (draft: EntryDraft): Promise<void> => journal.record(draft, { arguments: '{"page":1}' });
  for (let at = 0; at < 12; at++) {
    const task = newId('t') as TaskId;
    await journal.record(taskOpened(task), { purpose: '"read the plan"' });
    for (let call = 0; call < 3; call++) {
      const decision = decided(task, { labels: [] });
      await write(decision);
      await write({ ...performed(decision), labels: ['untrusted'] });
    }
    if (at % 3 === 0) await write(decided(task));
    else await write({ kind: 'task.ended', id: newId('e'), task, by: 'operator', why: 'it is done' });
  }
  const scope = { kind: 'server', server: 'other' } as const;
  await write({ kind: 'killed', id: newId('e'), scope, by: 'operator', why: 'a drill', stop: true });
}

/** A record that was lived in and closed in order; resolves to its entries. */
async function lived(stateDir: string): Promise<number> {
  const record = await open(stateDir);
  await live(record);
  const { size } = record.log.newest();
  await record.close();
  return size;
}

test('a start that goes on from a snapshot knows exactly what one knows that reads everything', async () => {
  using folder = temporaryFolder();
  const stateDir = join(folder.path, 'quick');
  for (let run = 0; run < 3; run++) {
    const record = await open(stateDir);
    assert.equal(record.log.folded() === undefined, run === 0);
    await live(record);
    await record.close();
  }
  const whole = join(folder.path, 'whole');
  cpSync(stateDir, whole, { recursive: true });
  rmSync(join(whole, 'journal', 'snapshot'));
  const [quick, read] = [await open(stateDir), await open(whole)];
  assert.ok(quick.log.folded());
  assert.equal(read.log.folded(), undefined);
  assert.ok(quick.state.tasks.size > 10 && quick.state.kills.size > 0 && quick.behaviour.baselines.size > 0);
  assert.deepEqual(quick.state, read.state);
  assert.equal(JSON.stringify(pack(quick.behaviour)), JSON.stringify(pack(read.behaviour)));
  const purposes = [...quick.state.tasks.values()].map(({ task }) => task.purpose);
  assert.ok(purposes.includes('read the plan'), 'the words come from the sealed bodies');
  await Promise.all([quick.close(), read.close()]);
});

test('R5 a snapshot is made while the gateway runs: a start after a kill reads only what came after it', async () => {
  using folder = temporaryFolder();
  const stateDir = join(folder.path, 'killed');
  const first = await open(stateDir);
  await live(first);
  await first.close();
  const snapshot = join(stateDir, 'journal', 'snapshot');
  rmSync(snapshot);
  const running = await open(stateDir, { snapshotPace: { entriesMin: 1, lookMillis: 10 } });
  const settled = running.log.settled();
  await live(running);
  await until('a snapshot', () => existsSync(snapshot));
  const killed = join(folder.path, 'as-killed');
  const whole = join(folder.path, 'whole');
  for (const copy of [killed, whole]) cpSync(stateDir, copy, { recursive: true });
  rmSync(join(whole, 'journal', 'snapshot'));
  const [quick, read] = [await open(killed), await open(whole)];
  assert.equal(quick.log.folded()?.size, settled);
  assert.deepEqual(quick.state, read.state);
  assert.equal(JSON.stringify(pack(quick.behaviour)), JSON.stringify(pack(read.behaviour)));
  assert.equal(running.log.folded()?.size, settled, 'the stop goes on from it, too');
  const { size } = running.log.newest();
  await Promise.all([running.close(), quick.close(), read.close()]);
  const next = await open(stateDir);
  assert.equal(next.log.folded()?.size, size);
  await next.close();
});

test('a stop while a snapshot is being made ends that, and makes its own', async () => {
  using folder = temporaryFolder();
  const first = await open(folder.path);
  await live(first);
  await first.close();
  rmSync(join(folder.path, 'journal', 'snapshot'));
  for (const millis of [0, 50, 150]) {
    const ordered = Promise.withResolvers<void>();
    const running = await open(folder.path);
    const { log } = running;
    const { size } = log.newest();
    const orderSnapshot: typeof log.orderSnapshot = () => {
      ordered.resolve();
      return log.orderSnapshot();
    };
    const stop = keepSnapshots({ settled: log.settled, orderSnapshot }, 0, { entriesMin: 1, lookMillis: 1 });
    await ordered.promise;
    // Any moment may be the one.
    await setTimeout(millis);
    await stop();
    await running.close();
    const again = await open(folder.path);
    assert.equal(again.log.folded()?.size, size);
    await again.close();
  }
});

test('an index that was lost is made again from the whole journal, whatever the snapshot saves', async () => {
  using folder = temporaryFolder();
  const size = await lived(folder.path);
  rmSync(join(folder.path, 'index.sqlite'));
  const again = await open(folder.path);
  assert.ok(again.log.folded());
  const { entries } = await again.page({ ...everything, limit: 1_000 });
  assert.equal(entries.length, size + 1);
  await again.close();
});

test('a long journal whose index was lost is filed behind the start; whoever looks something up waits for all of it', async () => {
  using folder = temporaryFolder();
  const size = await lived(folder.path);
  rmSync(join(folder.path, 'index.sqlite'));
  const notices: string[] = [];
  const again = await open(folder.path, { noticedEntries: 10, notice: line => notices.push(line) });
  assert.deepEqual(notices, [
    `filing ${size} entries of the journal in index.sqlite; whoever looks something up waits for it`,
  ]);
  const standing = [...again.state.tasks.values()].filter(({ task }) => task.state.kind !== 'ended');
  assert.deepEqual(
    new Set(standing.map(({ task }) => task.purpose)),
    new Set(['read the plan']),
    'read without an index',
  );
  const [page] = await Promise.all([again.page({ ...everything, limit: 1_000 }), live(again)]);
  assert.deepEqual(
    page.entries.map(({ seq }) => seq),
    page.entries.map((_, seq) => seq),
  );
  assert.ok(page.entries.length > size);
  assert.equal(again.filing(), undefined);
  const { entries } = await again.page({ ...everything, limit: 1_000 });
  assert.equal(entries.length, again.log.newest().size, 'and what came meanwhile stands there once');
  await again.close();
});

test('a start that reads a long journal says how far it is', async () => {
  using folder = temporaryFolder();
  const size = await lived(folder.path);
  rmSync(join(folder.path, 'journal', 'snapshot'));
  const said: string[] = [];
  const again = await open(folder.path, { noticedEntries: 10, onProgress: text => said.push(text) });
  await again.close();
  assert.deepEqual(said, [`Reading the journal: ${size} of ${size} entries`]);
});

test('what is packed comes back as it was; what could not is refused', () => {
  const counts = new Counts(3, [
    ['a', 2],
    ['b', 1],
  ]);
  const named = JSON.parse('{"__proto__":{"inner":[{"deep":null}]}}') as unknown;
  const map = new Map([['k', new Set(['x'])]]);
  const value = {
    list: [1, undefined, null],
    map,
    byMap: new Map([[new Map([[1, 2]]), [undefined]]]),
    named,
    none: undefined,
    counts,
  };
  const back = unpack(JSON.parse(JSON.stringify(pack(value)))) as typeof value;
  assert.deepEqual({ ...back, counts: [...back.counts.entries()] }, { ...value, counts: [...counts.entries()] });
  assert.ok('none' in back);
  for (const odd of [new Date(), { '%': 'map' }, Number.NaN, Symbol('s'), new (class Odd {})()])
    assert.throws(() => JSON.stringify(pack({ odd })), TypeError);
});
