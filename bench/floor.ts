import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort } from '@sallyport/testkit/free-port.ts';
import { type McpLoad, openMcpLoad } from './mcp-load.ts';
import { ended, reachable } from './processes.ts';
import { inFlight, measureInTurn, type Round, warmingCalls } from './round.ts';
import { median, quantile } from './statistics.ts';
import { openWholeGateway } from './whole-gateway.ts';

/**
 * `npm run bench:floor`: how much of what stands between a client and its server is Sallyport's. In turn, in one run, to the same server: straight;
 * through a bare relay; through one that also puts two records of a call on disk; through Sallyport. It prints, and judges nothing.
 */
const { values } = parseArgs({ options: { rounds: { type: 'string' }, calls: { type: 'string' } } });
const roundCount = Number(values.rounds ?? 9);
const calls = { alone: 500, together: Number(values.calls ?? 4_000) };

interface Subject {
  readonly name: string;
  readonly load: McpLoad;
  /** Whose processor time is counted. */
  readonly pid: number;
  readonly rounds: Round[];
}

const folder = mkdtempSync(join(tmpdir(), 'sallyport-floor-'));
const children: ChildProcess[] = [];
try {
  await using house = await openWholeGateway();
  const subjects = [
    await subject('straight', house.direct, house.serverPid),
    await relay('a bare relay', house.direct),
    await relay('a relay with two durable records', house.direct, join(folder, 'log')),
    await subject('Sallyport', house.through, house.gatewayPid, house.token),
  ];
  console.log(`warming up: ${warmingCalls} calls each`);
  for (const { load } of subjects) await load.run(warmingCalls, inFlight);
  for (let round = 1; round <= roundCount; round++) {
    const measured = subjects.map(({ name, load, pid }) => [name, { load, pids: { [name]: pid } }] as const);
    const figures: Record<string, Round> = await measureInTurn(Object.fromEntries(measured), calls);
    for (const { name, rounds } of subjects) {
      const round = figures[name];
      if (round !== undefined) rounds.push(round);
    }
    console.log(
      `round ${round}  ${subjects.map(({ name, rounds }) => `${name} ${rounds.at(-1)?.rate.toFixed(0)}`).join('   ')} calls/s`,
    );
  }
  await Promise.all(subjects.map(({ load }) => load.close()));
  const [straight] = subjects;
  for (const { name, rounds } of subjects) {
    const ratios = rounds.map(({ rate }, at) => rate / (straight?.rounds[at]?.rate ?? Number.NaN));
    const alone = rounds.map(({ aloneP50 }) => aloneP50);
    const added = rounds.map(({ aloneP50 }, at) => aloneP50 - (straight?.rounds[at]?.aloneP50 ?? Number.NaN));
    const micros = rounds.map(({ spent }) => (spent[name]?.main ?? Number.NaN) + (spent[name]?.others ?? Number.NaN));
    const range = `${quantile(ratios, 0).toFixed(2)} to ${quantile(ratios, 1).toFixed(2)}`;
    console.log(
      `${name}: ${inFlight} in flight ${median(ratios).toFixed(2)} × straight (${range}), 1 in flight p50 ${median(alone).toFixed(2)} ms ` +
        `(+ ${median(added).toFixed(2)}), ${name === 'straight' ? 'the server itself ' : ''}${median(micros).toFixed(0)} µs of processor time a call`,
    );
  }
} finally {
  await ended(children);
  rmSync(folder, { recursive: true, force: true });
}

async function subject(name: string, url: string, pid: number, token?: string): Promise<Subject> {
  return { name, pid, load: await openMcpLoad(url, 'echo', token), rounds: [] };
}

async function relay(name: string, to: string, record?: string): Promise<Subject> {
  const port = await freePort();
  const recording = record === undefined ? [] : ['--record', record];
  const script = join(import.meta.dirname, 'floor-relay.ts');
  const child = spawn(process.execPath, [script, '--to', to, '--port', String(port), ...recording], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  children.push(child);
  const url = `http://127.0.0.1:${port}/mcp`;
  await reachable(url, child);
  return subject(name, url, child.pid ?? 0);
}
