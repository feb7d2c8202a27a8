import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { callerOf, type House } from '@sallyport/testkit/gateway/house.ts';
import { isAlive, linesOf, until } from '@sallyport/testkit/upstream/fixture.ts';
import { endOf, load, type Place, startIn, stop } from './gateway-place.ts';
import { compared } from './record-of.ts';
import {
  childrenOf,
  descriptorsOf,
  heldAgainst,
  running,
  type Serving,
  serverOf,
  type Trouble,
} from './trouble-place.ts';

/** Processes that end, stand still or die: the gateway's own, and its server's. */
export const troublesOfProcesses: readonly Trouble[] = [
  { name: 'SIGTERM under load', happens: stoppedUnderLoad },
  { name: 'a server that stands still (SIGSTOP) and goes on', happens: stoppedServer },
  { name: 'a server that dies in mid-answer for two minutes', happens: dyingServer },
  { name: 'a server that the kernel ends for its memory', happens: endedServer },
  { name: 'a second gateway on one state', happens: twoGateways },
];

const stops = 5;

async function stoppedUnderLoad(place: Place): Promise<string> {
  const acknowledged = new Set<string>();
  let longest = 0;
  for (let round = 0; round < stops; round++) {
    await using gateway = await running(place);
    const before = acknowledged.size;
    const loads = load(gateway.running, acknowledged, { name: `r${round}` });
    await until('calls are under way', () => acknowledged.size > before + 20, 30_000);
    const child = serverOf(gateway);
    const began = performance.now();
    assert.equal(await stop(gateway), 0, `it stops in order: ${gateway.log()}`);
    longest = Math.max(longest, performance.now() - began);
    await loads;
    await until('its server is gone', () => !isAlive(child), 5_000);
  }
  const found = await compared(place, acknowledged);
  assert.deepEqual([found.lost, found.undecided], [0, 0]);
  return `${stops} stops of ${Math.round(longest)} ms at most; ${found.acknowledged} acknowledged, 0 lost; ${found.sent} sent, 0 undecided; no server left`;
}

function callerAt({ running: { url, token } }: Serving): House['call'] {
  return callerOf(`${url}/mcp/notes`, token);
}

async function stoppedServer(place: Place): Promise<string> {
  await using gateway = await running(place);
  const call = callerAt(gateway);
  assert.equal((await call('echo', { text: 'before' })).text, 'before');
  const server = serverOf(gateway);
  process.kill(server, 'SIGSTOP');
  const held = call('echo', { text: 'held' });
  const began = performance.now();
  const { status } = await gateway.running.ask<{ status: { ready: boolean } }>('status');
  const asked = performance.now() - began;
  assert.ok(status !== undefined && asked < 2_000, 'the operator is answered beside it');
  process.kill(server, 'SIGCONT');
  assert.equal((await held).text, 'held', 'what waited is answered once it goes on');
  return `the operator was answered in ${Math.round(asked)} ms; what waited was answered`;
}

const dyingMillis = 120_000;
const pauseMillis = 100;

async function dyingServer(place: Place): Promise<string> {
  await using gateway = await running(place);
  const call = callerAt(gateway);
  const before = descriptorsOf(gateway.pid);
  const end = performance.now() + dyingMillis;
  const seen = new Map<string, number>();
  while (performance.now() < end) {
    const { isError, text } = await call('exit', { text: 'x' });
    assert.equal(isError, true, text);
    const what = /not known/.test(text)
      ? 'outcome not known'
      : /refused|not performed|down|wait/i.test(text)
        ? 'refused'
        : text;
    seen.set(what, (seen.get(what) ?? 0) + 1);
    await new Promise(next => setTimeout(next, pauseMillis));
  }
  const kinds = [...seen.keys()].filter(kind => !['outcome not known', 'refused'].includes(kind));
  assert.deepEqual(kinds, [], 'either the outcome is not known, or it was refused');
  assert.equal(childrenOf(gateway).zombies, 0, 'no zombie is left');
  const after = descriptorsOf(gateway.pid);
  assert.ok(after <= before + 8, `descriptors: ${before} before, ${after} after`);
  return `${[...seen].map(([what, count]) => `${count} ${what}`).join(', ')}; descriptors ${before} → ${after}, 0 zombies`;
}

async function endedServer(place: Place): Promise<string> {
  await using gateway = await running(place);
  const call = callerAt(gateway);
  await call('echo', { text: 'before' });
  const server = serverOf(gateway);
  const held = call('stop-self', { text: 'held' });
  await until('it has the call', () => linesOf(place.received).join('').includes('"held"'));
  // As the kernel ends it when memory is short.
  process.kill(server, 'SIGKILL');
  const answered = await held;
  assert.match(answered.text, /not known/);
  await until('another one serves', async () => (await call('echo', { text: 'after' })).text === 'after', 30_000);
  return 'the outcome is not known, and the next one serves';
}

async function twoGateways(place: Place): Promise<string> {
  await using first = await running(place);
  const acknowledged = new Set<string>();
  let over = false;
  const loads = load(first.running, acknowledged, { isOver: () => over });
  await using second = await startIn(place);
  assert.equal(second.running, undefined, 'the second one does not start');
  assert.match(second.log(), new RegExp(`written by another process \\(process ${first.pid}\\)`));
  assert.notEqual(await endOf(second), 0);
  over = true;
  assert.equal(await loads, 0, 'the first one refused nothing');
  assert.ok(existsSync(join(place.stateDir, 'gateway.json')), 'who runs is still said');
  return `the second one says who has it; ${await heldAgainst(place, first, acknowledged)} beside it`;
}
