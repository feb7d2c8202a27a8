import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort } from '@sallyport/testkit/free-port.ts';
import { judge } from './bars.ts';
import { type McpLoad, openMcpLoad } from './mcp-load.ts';
import { ended, issueToken, reachable, startGateway, stdioServer } from './processes.ts';
import { median } from './statistics.ts';

/**
 * `npm run bench:relay`: tools/call over Streamable HTTP to server-everything behind standard input and output, through
 * Sallyport with everything on, and through two relays that people use and that neither decide nor record. In turn, in one
 * run, on a machine that all share. The relays are installed from npm into a temporary folder, for this run alone. Beside them, without a
 * bar: a bare relay that puts two records of each call on disk, since no relay of npm waits for a disk.
 */
const { values } = parseArgs({ options: { rounds: { type: 'string' }, calls: { type: 'string' } } });
const rounds = Number(values.rounds ?? 5);
const calls = Number(values.calls ?? 3_000);
const inFlight = 16;
/** Before anything is measured: each process has compiled by then what it runs all day. */
const warmingCalls = 12_000;
const relays = ['mcp-proxy@6.7.19', 'supergateway@4.0.0'];
const server = resolve(import.meta.dirname, '../node_modules/@modelcontextprotocol/server-everything/dist/index.js');

interface Subject {
  readonly name: string;
  readonly load: McpLoad;
  readonly aloneP50: number[];
  readonly rate: number[];
}

const folder = mkdtempSync(join(tmpdir(), 'sallyport-relay-'));
const children: ChildProcess[] = [];
try {
  console.log(`installing ${relays.join(' and ')} into a temporary folder`);
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', folder, ...relays], {
    stdio: ['ignore', 'ignore', 'inherit'],
    cwd: folder,
  });
  const subjects = [await sallyport(), await mcpProxy(), await supergateway(), await durableRelay()];
  console.log(`warming up: ${warmingCalls} calls each`);
  for (const { load } of subjects) await load.run(warmingCalls, inFlight);
  for (let round = 0; round < rounds; round++) {
    for (const subject of subjects) {
      subject.aloneP50.push(median((await subject.load.run(calls / 5, 1)).millis));
      subject.rate.push(calls / (await subject.load.run(calls, inFlight)).seconds);
    }
    const shown = subjects.map(
      ({ name, aloneP50, rate }) => `${name} ${aloneP50.at(-1)?.toFixed(2)} ms, ${rate.at(-1)?.toFixed(0)} calls/s`,
    );
    console.log(`round ${round + 1}  ${shown.join('   ')}`);
  }
  await Promise.all(subjects.map(({ load }) => load.close()));
  const [ours, , , durable] = subjects;
  for (const other of subjects.slice(1, 3)) console.log(besides(durable, other));
  judge(
    subjects.slice(1, 3).flatMap(({ name, rate, aloneP50 }) => [
      {
        ...{ name: `calls at ${inFlight} in flight`, unit: `× ${name}`, digits: 2, atLeast: 1 },
        figures: (ours?.rate ?? []).map((own, round) => own / (rate[round] ?? 0)),
      },
      {
        ...{ name: 'p50 at 1 in flight', unit: `× ${name}`, digits: 2, atMost: 1 },
        figures: (ours?.aloneP50 ?? []).map((own, round) => own / (aloneP50[round] ?? 0)),
      },
    ]),
  );
} finally {
  await ended(children);
  rmSync(folder, { recursive: true, force: true });
}

/** How the least that records a call stands to one that records nothing. */
function besides(durable: Subject | undefined, other: Subject): string {
  const ratio = (of: (subject: Subject) => readonly number[]): string =>
    median(
      of(other).map((figure, round) => (durable === undefined ? Number.NaN : (of(durable)[round] ?? 0)) / figure),
    ).toFixed(2);
  return `durable relay: ${ratio(({ rate }) => rate)} × the calls of ${other.name}, ${ratio(({ aloneP50 }) => aloneP50)} × its p50`;
}

async function sallyport(): Promise<Subject> {
  const port = await freePort();
  const child = startGateway({
    folder,
    port,
    servers: [stdioServer('everything')],
  });
  children.push(child);
  const url = `http://127.0.0.1:${port}`;
  await reachable(`${url}/readyz`, child);
  return subject('sallyport', `${url}/mcp/everything`, await issueToken(url, folder));
}

async function mcpProxy(): Promise<Subject> {
  const port = await freePort();
  const options = ['--host', '127.0.0.1', '--port', String(port), '--server', 'stream'];
  return await relay('mcp-proxy', port, [...options, '--', process.execPath, server, 'stdio']);
}

async function supergateway(): Promise<Subject> {
  const port = await freePort();
  const options = ['--outputTransport', 'streamableHttp', '--stateful', '--port', String(port), '--logLevel', 'none'];
  return await relay('supergateway', port, [...options, '--stdio', `${process.execPath} ${server} stdio`]);
}

/** The least that anything does which records before it sends: no relay that people use, but how near to it one could come. */
async function durableRelay(): Promise<Subject> {
  const port = await freePort();
  const script = join(import.meta.dirname, 'floor-relay.ts');
  const args = ['--stdio', server, '--port', String(port), '--record', join(folder, 'log')];
  return await started('durable relay', port, script, args);
}

async function relay(name: string, port: number, args: readonly string[]): Promise<Subject> {
  const { bin } = JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')) as {
    bin: string | Record<string, string>;
  };
  const script = join(folder, 'node_modules', name, typeof bin === 'string' ? bin : (bin[name] ?? ''));
  return await started(name, port, script, args);
}

async function started(name: string, port: number, script: string, args: readonly string[]): Promise<Subject> {
  const child = spawn(process.execPath, ['--import', join(import.meta.dirname, 'loopback.mjs'), script, ...args], {
    stdio: 'ignore',
  });
  children.push(child);
  await reachable(`http://127.0.0.1:${port}/mcp`, child);
  return subject(name, `http://127.0.0.1:${port}/mcp`);
}

async function subject(name: string, url: string, token?: string): Promise<Subject> {
  return { name, load: await openMcpLoad(url, 'echo', token), aloneP50: [], rate: [] };
}
