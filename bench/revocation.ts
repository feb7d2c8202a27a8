import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callerOf, type House, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { seeded } from '@sallyport/testkit/random.ts';
import { openTrack, type Race } from '@sallyport/testkit/tasks/race.ts';
import { quantile } from './statistics.ts';

/**
 * `npm run bench:revocation [races] [seed]`: how soon a stop is in force. Races of calls against stops in one process, and
 * the same without the second `require` as a control; then a whole gateway over HTTP, with an agent that never rests.
 * Exits with 1 if a byte left after a stop, if the control does not show the race, or if the aim is missed.
 */
const [racesText = '10000', seedText = '1'] = process.argv.slice(2);
const races = Number(racesText);
const seed = Number(seedText);
const boundMillis = 10;
const atOnce = 250;
const kills = 200;
let failed = false;

const real = await runRaces({});
const control = await runRaces({ withoutSecondCheck: true });
print('races', real);
print('control, without the second require', control);
check(real.after === 0, 'a first byte left after a stop');
check(real.before > 0 && real.refused > 0, 'the races were not close');
check(control.late > 0, 'the control does not show the race');

const visible = await overHttp();
const p99 = quantile(visible.lastPassed, 0.99);
const shown = (millis: readonly number[]): string =>
  [0.5, 0.99].map(share => quantile(millis, share).toFixed(1)).join(' and ');
process.stdout.write(
  `whole gateway over HTTP, ${kills} stops among ${visible.passed} calls that passed and ${visible.refused} that were refused, p50 and p99: the last call that passed began ${shown(visible.lastPassed)} ms after the stop ` +
    `was asked for; it was durable and answered after ${shown(visible.answered)} ms; ` +
    `${visible.passedAfter} calls that began after the answer passed (aim: p99 ≤ ${boundMillis} ms, 0)\n`,
);
check(p99 <= boundMillis, `a stop takes longer than ${boundMillis} ms`);
check(visible.passed > kills && visible.refused > kills, 'there was no traffic around the stops');
check(visible.passedAfter === 0, 'a call passed after a stop was answered');
process.exitCode = failed ? 1 : 0;

interface Counts {
  before: number;
  after: number;
  /** Later than the bound. */
  late: number;
  refused: number;
  latest: number;
}

async function runRaces(options: { withoutSecondCheck?: boolean }): Promise<Counts> {
  const track = openTrack(options);
  const random = seeded(seed);
  const counts: Counts = { before: 0, after: 0, late: 0, refused: 0, latest: 0 };
  for (let done = 0; done < races; done += atOnce) {
    const batch = Array.from({ length: Math.min(atOnce, races - done) }, () => track.run(random));
    for (const race of await Promise.all(batch)) add(counts, race);
  }
  return counts;
}

function add(counts: Counts, { firstByteAfter, refusal }: Race): void {
  if (refusal !== undefined) counts.refused += 1;
  if (firstByteAfter === undefined) return;
  counts.latest = Math.max(counts.latest, firstByteAfter);
  if (firstByteAfter <= 0) counts.before += 1;
  else counts.after += 1;
  if (firstByteAfter > boundMillis) counts.late += 1;
}

function print(what: string, { before, after, late, refused, latest }: Counts): void {
  const last = after === 0 ? '' : `, the last ${latest.toFixed(1)} ms after`;
  process.stdout.write(
    `${what}: ${races} (seed ${seed}), ${refused} refused, first byte before the stop in ${before}, after it in ${after} (later than ${boundMillis} ms in ${late}${last})\n`,
  );
}

interface Visible {
  /** Milliseconds from the request of the stop until the last call that still passed began; 0 if none did. */
  readonly lastPassed: number[];
  /** Until the stop was durable and answered. */
  readonly answered: number[];
  passedAfter: number;
  passed: number;
  refused: number;
}

/** An agent that begins a call every millisecond or two, and a person who stops its task somewhere in between. */
async function overHttp(): Promise<Visible> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-revocation-'));
  const tool = { name: 'note', inputSchema: { type: 'object', properties: { text: { type: 'string' } } } };
  const policies = '@id("all") permit (principal, action, resource);';
  const visible: Visible = { lastPassed: [], answered: [], passedAfter: 0, passed: 0, refused: 0 };
  try {
    await using house = await openHouse(folder, { policies, script: { tools: [tool] } });
    const { token } = await house.ask<{ token: string }>('agents/writer/token', {});
    for (let n = 0; n < kills; n++) await oneStop(house, token, n, visible);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return visible;
}

async function oneStop(house: House, agent: string, n: number, visible: Visible): Promise<void> {
  const opened = await house.ask<{ task: { id: string }; token: string }>('tasks', {
    agent: 'writer',
    purpose: 'race',
  });
  const call = callerOf(`${house.gateway.url}/mcp/notes`, agent, opened.token);
  await call('note', { text: 'warm' });
  const calls: Promise<{ begun: number; passed: boolean }>[] = [];
  let passedBefore = 0;
  const begin = (): void => {
    const begun = performance.now();
    const each = call('note', { text: 'x' }).then(({ text }) => {
      const passed = !/stopped|names no task/i.test(text);
      if (passed) passedBefore += 1;
      return { begun, passed };
    });
    calls.push(each);
  };
  const beginning = setInterval(begin, 1);
  // The agent is under way: what follows is a stop in the middle of it.
  while (passedBefore < 3) await new Promise(resolve => setTimeout(resolve, 1));
  await new Promise(resolve => setTimeout(resolve, n % 7));
  const stoppedAt = performance.now();
  await house.ask('kill', { scope: `task:${opened.task.id}` });
  const answeredAt = performance.now();
  await new Promise(resolve => setTimeout(resolve, 5));
  clearInterval(beginning);
  const all = await Promise.all(calls);
  const passed = all.filter(each => each.passed).map(({ begun }) => begun - stoppedAt);
  visible.passed += passed.length;
  visible.refused += all.length - passed.length;
  visible.lastPassed.push(Math.max(0, ...passed));
  visible.answered.push(answeredAt - stoppedAt);
  visible.passedAfter += passed.filter(after => after > answeredAt - stoppedAt).length;
  await house.ask(`tasks/${opened.task.id}/end`, {});
}

function check(holds: boolean, what: string): void {
  if (holds) return;
  failed = true;
  process.stdout.write(`MISSED: ${what}\n`);
}
