import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Entry } from '@sallyport/core/model/entry.ts';
import type { TaskView } from '@sallyport/gateway/api/view/task.ts';
import { callerOf } from '@sallyport/testkit/gateway/house.ts';
import { type Random, seeded } from '@sallyport/testkit/random.ts';
import { endOf, type Place, placeIn, type Running, type Started, startIn, stop, writeConfig } from './gateway-place.ts';
import { type Compared, compared, entriesOf } from './record-of.ts';

export interface GatewayKills extends Omit<Compared, 'missing'> {
  readonly seed: number;
  /** How many there was time for. */
  readonly kills: number;
  /** Decisions that a kill left without an outcome; each has to mark its task. */
  readonly unresolved: number;
  readonly longestStartMillis: number;
}

/** Rounds on one state directory: then a new one, so that starts stay comparable. */
const roundsPerState = 10;
const inFlight = 12;

/**
 * R5, G-7: the gateway's own process is killed (SIGKILL) at a random instant while an agent calls as fast as it can, and
 * started again on what it left, again and again. Throws where the record, labels or limits are not what they must be.
 */
export async function killGateways(
  kills: number,
  seed: number,
  goesOn: (done: number) => boolean = () => true,
): Promise<GatewayKills> {
  const random = seeded(seed);
  const total = {
    seed,
    kills: 0,
    acknowledged: 0,
    lost: 0,
    sent: 0,
    undecided: 0,
    unresolved: 0,
    entries: 0,
    longestStartMillis: 0,
  };
  while (total.kills < kills && goesOn(total.kills)) {
    const rounds = Math.min(roundsPerState, kills - total.kills);
    const found = await killedOften(rounds, random, () => goesOn(++total.kills));
    for (const name of ['acknowledged', 'lost', 'sent', 'undecided', 'unresolved', 'entries'] as const)
      total[name] += found[name];
    total.longestStartMillis = Math.max(total.longestStartMillis, found.longestStartMillis);
  }
  return total;
}

async function killedOften(rounds: number, random: Random, onRound: () => boolean) {
  const base = mkdtempSync(join(tmpdir(), 'sallyport-gateway-kill-'));
  const place = placeIn(base);
  writeConfig(place);
  const acknowledged = new Set<string>();
  const starts: number[] = [];
  let limited: OpenedTask | undefined;
  let unresolved = 0;
  try {
    for (let round = 0; round < rounds; round++) {
      await using house = await started(place, starts);
      if (limited !== undefined) await exhaust(limited, house, place, `r${round}-rest`);
      unresolved += await checkLeft(house, place);
      limited = await openTask(house, 5 + random.below(40));
      await loadUntilKilled(house, limited, `r${round}`, random.next() ** 2 * 300, acknowledged);
      if (!onRound()) break;
    }
    await using house = await started(place, starts);
    if (limited !== undefined) await exhaust(limited, house, place, 'last');
    unresolved += await checkLeft(house, place);
    assert.equal(await stop(house.started), 0, 'it stops in order');
    return {
      ...(await compared(place, acknowledged)),
      unresolved,
      longestStartMillis: Math.round(Math.max(...starts)),
    };
  } finally {
    rmSync(base, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

interface House extends Running, AsyncDisposable {
  readonly started: Started;
}

async function started(place: Place, starts: number[]): Promise<House> {
  const at = performance.now();
  const started = await startIn(place);
  starts.push(performance.now() - at);
  assert.ok(started.running, started.log());
  return { ...started.running, started, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
}

interface OpenedTask {
  readonly id: string;
  readonly token: string;
  readonly callsMax: number;
}

async function openTask({ ask }: House, callsMax: number): Promise<OpenedTask> {
  const { task, token } = await ask<{ task: TaskView; token: string }>('tasks', {
    ...{ agent: 'writer', purpose: 'load', limits: { callsMax } },
  });
  return { id: task.id, token, callsMax };
}

/** Calls in the limited task and in the ambient one at once; the kill comes so long after the first answer. */
async function loadUntilKilled(
  house: House,
  limited: OpenedTask,
  name: string,
  millis: number,
  acknowledged: Set<string>,
): Promise<void> {
  const first = Promise.withResolvers<void>();
  const loop = async (caller: number): Promise<void> => {
    const task = caller % 2 === 0 ? limited.token : undefined;
    const call = callerOf(`${house.url}/mcp/notes`, house.token, task);
    for (let number = 0; ; number++) {
      const text = `${name}-${caller}-${number}`;
      try {
        const answer = await call('echo', { text });
        if (answer.isError !== true) acknowledged.add(text);
        else if (task !== undefined) return;
      } catch {
        return;
      }
      first.resolve();
    }
  };
  const loops = Array.from({ length: inFlight }, (_, caller) => loop(caller));
  await first.promise;
  await new Promise(resolve => setTimeout(resolve, millis));
  house.started.child.kill('SIGKILL');
  await endOf(house.started);
  await Promise.all(loops);
}

/** After a restart the task has exactly the calls left that it had: whatever reached the server counts. */
async function exhaust(task: OpenedTask, house: House, place: Place, name: string): Promise<void> {
  const call = callerOf(`${house.url}/mcp/notes`, house.token, task.token);
  for (let number = 0; ; number++) {
    const answer = await call('echo', { text: `${name}-${task.id}-${number}` });
    if (answer.isError !== true) continue;
    assert.match(answer.text, /limit|calls/i);
    break;
  }
  const { task: view } = await house.ask<{ task: TaskView }>(`tasks/${task.id}`);
  assert.equal(view.used.calls, task.callsMax, 'the limit is used to the last call, and no further');
  const entries = await recorded(house, place);
  const passed = entries.filter(
    entry => entry.kind === 'decided' && entry.verdict === 'pass' && entry.task === task.id,
  );
  assert.equal(passed.length, task.callsMax, 'so many decisions were let through');
}

/** All of a gateway that runs: what was durable a moment ago is put where it can be read once somebody asks for entries. */
async function recorded({ ask }: House, place: Place): Promise<Entry[]> {
  await ask('entries?limit=1');
  return await entriesOf(place);
}

/** What the last kill left without an outcome is named by the start, counts, and marks its task. Returns how many. */
async function checkLeft(house: House, place: Place): Promise<number> {
  const entries = await recorded(house, place);
  const last = entries.findLastIndex(entry => entry.kind === 'started');
  const open = new Map<string, string>();
  for (const entry of entries.slice(0, last)) {
    if (entry.kind === 'decided' && entry.verdict === 'pass') open.set(entry.id, entry.task);
    else if (entry.kind === 'started') for (const id of entry.unresolved) open.delete(id);
    else if ('decision' in entry && entry.kind !== 'asked') open.delete(entry.decision);
  }
  const started = entries[last];
  assert.ok(started?.kind === 'started');
  assert.deepEqual([...started.unresolved].sort(), [...open.keys()].sort(), 'the start names what has no outcome');
  for (const task of new Set(open.values())) {
    const { task: view } = await house.ask<{ task: TaskView }>(`tasks/${task}`);
    assert.ok(
      view.labels.some(({ label }) => label === 'untrusted'),
      `task ${task} is marked`,
    );
  }
  return open.size;
}
