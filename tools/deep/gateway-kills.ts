import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Entry } from '@sallyport/core/model/entry.ts';
import type { TaskView } from '@sallyport/gateway/api/views.ts';
import { keyedDigest } from '@sallyport/gateway/app/ports.ts';
import { layoutOf } from '@sallyport/gateway/journal/layout.ts';
import { readEntryLists } from '@sallyport/gateway/journal/read.ts';
import { verifyJournal } from '@sallyport/gateway/journal/verify/verify.ts';
import { callerOf } from '@sallyport/testkit/gateway/house.ts';
import { seededRandom } from '@sallyport/testkit/journal/kills.ts';
import { linesOf, stdioUpstream } from '@sallyport/testkit/upstream/fixture.ts';
import { toolsFor } from '@sallyport/testkit/upstream/script.ts';
import { type Launched, launch } from '../../cli/launch.ts';

export interface GatewayKills {
  readonly seed: number;
  readonly kills: number;
  /** Calls whose result reached the agent, and of these the ones that are not in the record. */
  readonly acknowledged: number;
  readonly lost: number;
  /** Calls that reached the server, and of these the ones without a decision in the record. */
  readonly sent: number;
  readonly undecided: number;
  /** Decisions that a kill left without an outcome; each has to mark its task. */
  readonly unresolved: number;
  readonly entries: number;
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
  onRound?: (done: number) => void,
): Promise<GatewayKills> {
  const random = seededRandom(seed);
  const total = {
    seed,
    kills,
    acknowledged: 0,
    lost: 0,
    sent: 0,
    undecided: 0,
    unresolved: 0,
    entries: 0,
    longestStartMillis: 0,
  };
  for (let done = 0; done < kills; ) {
    const rounds = Math.min(roundsPerState, kills - done);
    const found = await killedOften(rounds, random, () => onRound?.(++done));
    for (const name of ['acknowledged', 'lost', 'sent', 'undecided', 'unresolved', 'entries'] as const)
      total[name] += found[name];
    total.longestStartMillis = Math.max(total.longestStartMillis, found.longestStartMillis);
  }
  return total;
}

async function killedOften(rounds: number, random: () => number, onRound: () => void) {
  const base = mkdtempSync(join(tmpdir(), 'sallyport-gateway-kill-'));
  const place = {
    base,
    stateDir: join(base, 'state'),
    config: join(base, 'sallyport.yaml'),
    received: join(base, 'received'),
  };
  writeConfig(place);
  const acknowledged = new Set<string>();
  const starts: number[] = [];
  let limited: OpenedTask | undefined;
  let unresolved = 0;
  try {
    for (let round = 0; round < rounds; round++) {
      const house = await started(place, starts);
      if (limited !== undefined) await exhaust(limited, house, place, `r${round}-rest`);
      unresolved += await checkLeft(house, place);
      limited = await openTask(house, 5 + Math.floor(random() * 40));
      await loadUntilKilled(house, limited, `r${round}`, random() ** 2 * 300, acknowledged);
      onRound();
    }
    const house = await started(place, starts);
    if (limited !== undefined) await exhaust(limited, house, place, 'last');
    unresolved += await checkLeft(house, place);
    await house.launched.stop();
    return {
      ...(await compared(place, acknowledged)),
      unresolved,
      longestStartMillis: Math.round(Math.max(...starts)),
    };
  } finally {
    rmSync(base, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

interface Place {
  readonly base: string;
  readonly stateDir: string;
  readonly config: string;
  readonly received: string;
}

/** Vouched for, so that only what a crash leaves can mark a task. */
function writeConfig({ base, config, received }: Place): void {
  const { launch: own } = stdioUpstream('notes', { tools: toolsFor(['echo']), record: received });
  const server = { command: own.command, args: own.args, env: own.env, trusted: true };
  const agents = { writer: { principal: 'user:emma' } };
  const limits = { callsMax: 1_000_000, bytesMax: 1_000_000_000 };
  writeFileSync(
    config,
    JSON.stringify({ listen: '127.0.0.1:0', policies: base, servers: { notes: server }, agents, limits }),
  );
  writeFileSync(join(base, 'all.cedar'), '@id("all") permit (principal, action, resource);\n');
}

interface Running {
  readonly launched: Launched;
  readonly url: string;
  readonly token: string;
  readonly ask: <T>(path: string, body?: object) => Promise<T>;
}

async function started({ stateDir, config }: Place, starts: number[]): Promise<Running> {
  const at = performance.now();
  const launched = await launch({ config, stateDir, as: 'within', onProgress: () => {} });
  starts.push(performance.now() - at);
  const { url } = launched.running;
  const headers = {
    authorization: `Bearer ${readFileSync(join(stateDir, 'operator.key'), 'utf8').trim()}`,
    'content-type': 'application/json',
  };
  const ask = async <T>(path: string, body?: object): Promise<T> => {
    const init = body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) };
    return (await (await fetch(`${url}/api/v1/${path}`, init)).json()) as T;
  };
  const { token } = await ask<{ token: string }>('agents/writer/token', {});
  return { launched, url, token, ask };
}

interface OpenedTask {
  readonly id: string;
  readonly token: string;
  readonly callsMax: number;
}

async function openTask({ ask }: Running, callsMax: number): Promise<OpenedTask> {
  const { task, token } = await ask<{ task: TaskView; token: string }>('tasks', {
    ...{ agent: 'writer', purpose: 'load', limits: { callsMax } },
  });
  return { id: task.id, token, callsMax };
}

/** Calls in the limited task and in the ambient one at once; the kill comes so long after the first answer. */
async function loadUntilKilled(
  house: Running,
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
  process.kill(house.launched.running.pid, 'SIGKILL');
  await house.launched.ended;
  await Promise.all(loops);
}

/** After a restart the task has exactly the calls left that it had: whatever reached the server counts. */
async function exhaust(task: OpenedTask, house: Running, place: Place, name: string): Promise<void> {
  const call = callerOf(`${house.url}/mcp/notes`, house.token, task.token);
  for (let number = 0; ; number++) {
    const answer = await call('echo', { text: `${name}-${task.id}-${number}` });
    if (answer.isError !== true) continue;
    assert.match(answer.text, /limit|calls/i);
    break;
  }
  const { task: view } = await house.ask<{ task: TaskView }>(`tasks/${task.id}`);
  assert.equal(view.used.calls, task.callsMax, 'the limit is used to the last call, and no further');
  const entries = await entriesOf(place);
  const passed = entries.filter(
    entry => entry.kind === 'decided' && entry.verdict === 'pass' && entry.task === task.id,
  );
  assert.equal(passed.length, task.callsMax, 'so many decisions were let through');
}

/** What the last kill left without an outcome is named by the start, counts, and marks its task. Returns how many. */
async function checkLeft(house: Running, place: Place): Promise<number> {
  const entries = await entriesOf(place);
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

async function entriesOf({ stateDir }: Place): Promise<Entry[]> {
  const dir = join(stateDir, 'journal');
  const { fault, entries: size } = verifyJournal({ dir, vkey: readFileSync(join(dir, 'vkey'), 'utf8') });
  assert.equal(fault, undefined);
  const entries: Entry[] = [];
  for await (const list of readEntryLists(layoutOf(dir), 0, size)) entries.push(...list);
  return entries;
}

/** What the agent was told and what the server got, held against the record by the digest of each action. */
async function compared(place: Place, acknowledged: ReadonlySet<string>) {
  const digest = keyedDigest(readFileSync(join(place.stateDir, 'digest.key'), 'utf8').trim());
  const digestOf = (text: string): string => {
    const params = `{"name":"echo","arguments":${JSON.stringify({ text })}}`;
    return digest(`sallyport action v1\ntools/call\nnotes\necho\n${params}`);
  };
  const entries = await entriesOf(place);
  const passed = new Set<string>();
  for (const entry of entries)
    if (entry.kind === 'decided' && entry.verdict === 'pass') passed.add(entry.action.digest);
  const sent = [
    ...linesOf(place.received)
      .join('\n')
      .matchAll(/"method":"tools\/call".*?"text":"([^"]+)"/g),
  ].map(found => found[1] ?? '');
  return {
    ...{ acknowledged: acknowledged.size, sent: sent.length, entries: entries.length },
    lost: [...acknowledged].filter(text => !passed.has(digestOf(text))).length,
    undecided: sent.filter(text => !passed.has(digestOf(text))).length,
  };
}
