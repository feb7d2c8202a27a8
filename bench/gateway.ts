import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type McpLoad, openMcpLoad } from './mcp-load.ts';
import { median, quantile } from './statistics.ts';

/**
 * `npm run bench:gateway`: tools/call over Streamable HTTP, straight to server-everything and through Sallyport to the
 * same server, in turn, in one run. Client, gateway and server share the machine. Prints medians of three rounds.
 */

const root = resolve(import.meta.dirname, '..');
const rounds = 3;
const callsAlone = 1_500;
const callsTogether = 12_000;
const inFlight = 16;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise(done => server.once('listening', done));
  const address = server.address();
  await new Promise(done => server.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function reachable(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) throw new Error(`a process under test ended with ${child.exitCode}`);
    if (
      await fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
        () => true,
        () => false,
      )
    )
      return;
    await new Promise(done => setTimeout(done, 50));
  }
  throw new Error(`nothing answers at ${url}`);
}

function startServer(port: number): ChildProcess {
  const script = join(root, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js');
  const args = ['--import', join(root, 'bench/loopback.mjs'), script, 'streamableHttp'];
  return spawn(process.execPath, args, { env: { ...process.env, PORT: String(port) }, stdio: 'ignore' });
}

function startGateway(folder: string, port: number, serverPort: number): ChildProcess {
  const config = join(folder, 'sallyport.yaml');
  writeFileSync(
    config,
    `listen: 127.0.0.1:${port}\npolicies: ${join(root, 'policies')}\nservers:\n  everything: { url: "http://127.0.0.1:${serverPort}/mcp" }\nagents:\n  bench: { principal: "user:bench" }\n`,
  );
  const args = [
    ...process.execArgv,
    join(root, 'cli/bin/sallyport.js'),
    'up',
    '--foreground',
    '--config',
    config,
    '--state',
    join(folder, 'state'),
  ];
  return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function issueToken(url: string, folder: string): Promise<string> {
  const key = readFileSync(join(folder, 'state/operator.key'), 'utf8').trim();
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/v1/agents/bench/token`, { method: 'POST', headers, body: '{}' });
  return ((await answer.json()) as { token: string }).token;
}

interface Round {
  readonly aloneP50: number;
  readonly togetherRate: number;
  readonly togetherP99: number;
}

async function measure(load: McpLoad): Promise<Round> {
  const alone = await load.run(callsAlone, 1);
  const together = await load.run(callsTogether, inFlight);
  return {
    aloneP50: median(alone.millis),
    togetherRate: callsTogether / together.seconds,
    togetherP99: quantile(together.millis, 0.99),
  };
}

/** User and system time that the process has taken so far, in milliseconds (proc(5), fields 14 and 15; 100 ticks a second). */
function cpuMillis(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function memoryMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1_024);
}

export async function benchGateway(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
  const [serverPort, port] = [await freePort(), await freePort()];
  const server = startServer(serverPort);
  const gateway = startGateway(folder, port, serverPort);
  try {
    const url = `http://127.0.0.1:${port}`;
    await reachable(`http://127.0.0.1:${serverPort}/mcp`, server);
    await reachable(`${url}/readyz`, gateway);
    const direct = await openMcpLoad(`http://127.0.0.1:${serverPort}/mcp`, 'echo');
    const through = await openMcpLoad(`${url}/mcp/everything`, 'echo', await issueToken(url, folder));
    await direct.run(2_000, inFlight);
    await through.run(4_000, inFlight);
    const pairs: [Round, Round][] = [];
    // The command starts the gateway's own process with flags of its own, and says which it is.
    const { pid } = JSON.parse(readFileSync(join(folder, 'state/gateway.json'), 'utf8')) as { pid: number };
    const cpuBefore = cpuMillis(pid);
    for (let round = 0; round < rounds; round++) {
      const pair: [Round, Round] = [await measure(direct), await measure(through)];
      pairs.push(pair);
      const [a, b] = pair;
      console.log(
        `round ${round + 1}  1 in flight p50 ${a.aloneP50.toFixed(2)} → ${b.aloneP50.toFixed(2)} ms  ` +
          `${inFlight} in flight ${a.togetherRate.toFixed(0)} → ${b.togetherRate.toFixed(0)} calls/s  p99 ${a.togetherP99.toFixed(1)} → ${b.togetherP99.toFixed(1)} ms`,
      );
    }
    const ratio = median(pairs.map(([a, b]) => b.togetherRate / a.togetherRate));
    const added = median(pairs.map(([a, b]) => b.aloneP50 - a.aloneP50));
    const calls = rounds * (callsAlone + callsTogether);
    console.log(`throughput at ${inFlight} in flight: ${ratio.toFixed(2)} × direct (bar 0.55)`);
    console.log(`added p50 at 1 in flight: ${added.toFixed(2)} ms (bar 1.5)`);
    console.log(`CPU of the gateway: ${(((cpuMillis(pid) - cpuBefore) * 1_000) / calls).toFixed(0)} µs a call`);
    console.log(`gateway's own process after ${calls} calls: ${memoryMegabytes(pid)} MB`);
    await Promise.all([direct.close(), through.close()]);
  } finally {
    gateway.kill('SIGTERM');
    server.kill('SIGTERM');
    await Promise.all([gateway, server].map(child => child.exitCode ?? new Promise(done => child.once('exit', done))));
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) await benchGateway();
