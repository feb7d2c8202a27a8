import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { connectionsWithin } from '@sallyport/gateway/transports/files-left.ts';
import { listenLimits } from '@sallyport/gateway/transports/http/listener.ts';
import { type GatewayProcess, startGatewayProcess } from '@sallyport/testkit/gateway-process.ts';
import { modernRequest } from '@sallyport/testkit/modern-request.ts';
import { startProcess } from '@sallyport/testkit/process.ts';
import { until } from '@sallyport/testkit/upstream/fixture.ts';
import { skipped } from './run.ts';

/**
 * `npm run deep:idle`: ten thousand open streams that wait for news, of as many agents as it takes, in one real gateway.
 * Prints what they cost in memory, what a call takes beside them, and whether all of it is given back when they go. Exit
 * code 1 if a stream is refused, a call fails, or connections are left behind. It is skipped where the gateway takes fewer connections,
 * for the files that it may open.
 */
const wanted = Number(process.argv[2] ?? 10_000);
/** Below the 64 that one agent may have. */
const streamsPerAgent = 60;
const calls = 200;
const openingAtOnce = 50;
/** Connections beside the streams: of the calls, and of the operator's questions. */
const otherConnections = 20;
const root = resolve(import.meta.dirname, '../..');

interface Agent {
  readonly id: string;
  readonly token: string;
}

function listening(host: string, { token }: Agent): string {
  const wanted = { notifications: { toolsListChanged: true } };
  const { headers, body } = modernRequest('subscriptions/listen', wanted, { authorization: `Bearer ${token}` });
  const all = { host, ...headers, 'content-length': String(Buffer.byteLength(body)) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /mcp HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

/** Resolves with the socket once the subscription is acknowledged. */
function open(host: string, agent: Agent): Promise<Socket> {
  const { hostname, port } = new URL(`http://${host}`);
  return new Promise((opened, failed) => {
    const socket = connect(Number(port), hostname);
    let heard = '';
    socket.on('data', part => {
      heard += part.toString('latin1');
      if (heard.includes('subscriptions/acknowledged')) opened(socket);
      else if (!heard.startsWith('HTTP/1.1 200')) failed(new Error(heard.slice(0, 300)));
    });
    socket.on('error', failed);
    socket.write(listening(host, agent));
  });
}

async function callMillis(url: string, { token }: Agent): Promise<number> {
  const started = performance.now();
  const call = { name: 'full__greet', arguments: {} };
  const answer = await fetch(`${url}/mcp`, modernRequest('tools/call', call, { authorization: `Bearer ${token}` }));
  const text = await answer.text();
  if (!text.includes('Hello, World!')) throw new Error(text.slice(0, 300));
  return performance.now() - started;
}

function processOf({ stateDir }: GatewayProcess): number {
  return (JSON.parse(readFileSync(join(stateDir, 'gateway.json'), 'utf8')) as { pid: number }).pid;
}

function memoryMegabytes(pid: number): number {
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024);
}

function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

async function median(url: string, agent: Agent): Promise<string> {
  const millis: number[] = [];
  for (let count = 0; count < calls; count++) millis.push(await callMillis(url, agent));
  return `${(millis.sort((a, b) => a - b)[calls / 2] ?? 0).toFixed(1)} ms`;
}

async function openAll(host: string, agents: readonly Agent[]): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < wanted) {
    const next = Math.min(openingAtOnce, wanted - sockets.length);
    const agentOf = (at: number): Agent => agents[Math.floor(at / streamsPerAgent)] as Agent;
    const batch = Array.from({ length: next }, (_, at) => open(host, agentOf(sockets.length + at)));
    sockets.push(...(await Promise.all(batch)));
  }
  return sockets;
}

async function main(): Promise<void> {
  // The gateway's process may open as many files as this one.
  const room = connectionsWithin(listenLimits.connectionsMax, 'half') - otherConnections;
  if (wanted > room)
    skipped(
      `of ${wanted} streams ${room} would be taken: raise \`ulimit -n\`, or name as many: npm run deep:idle ${room}`,
    );
  await using upstream = await startProcess(join(root, 'testkit/full-server/main.ts'));
  const ids = Array.from({ length: Math.ceil(wanted / streamsPerAgent) }, (_, at) => `agent-${at}`);
  const agents = ids.map(id => `  ${id}: { principal: "user:${id}" }`).join('\n');
  await using gateway = await startGatewayProcess({
    config: `servers: { full: { url: "${upstream.url}" } }\nagents:\n${agents}\n`,
  });
  const known: Agent[] = [];
  for (const id of ids) known.push({ id, token: await gateway.token(id) });
  const [first] = known;
  if (first === undefined) return;
  const { host } = new URL(gateway.url);
  const pid = processOf(gateway);
  console.log(
    `before: ${memoryMegabytes(pid)} MB, ${descriptors(pid)} descriptors, a call ${await median(gateway.url, first)}`,
  );
  const before = descriptors(pid);

  const started = performance.now();
  const sockets = await openAll(host, known);
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  console.log(`${sockets.length} streams of ${known.length} agents opened in ${seconds} s`);
  console.log(
    `with them: ${memoryMegabytes(pid)} MB, ${descriptors(pid)} descriptors, a call ${await median(gateway.url, first)}`,
  );
  // Each stream is looked at every twenty seconds: its agent's standing is checked again.
  await new Promise(done => setTimeout(done, 45_000));
  const lost = sockets.filter(socket => socket.destroyed || socket.readableEnded).length;
  console.log(
    `45 s later: ${memoryMegabytes(pid)} MB, ${lost} streams lost, a call ${await median(gateway.url, first)}`,
  );

  const closeAll = async (open: readonly Socket[]): Promise<void> => {
    for (const socket of open) socket.destroy();
    await until('the gateway has closed its ends', () => descriptors(pid) <= before + 20, 60_000);
  };
  await closeAll(sockets);
  console.log(
    `after: ${memoryMegabytes(pid)} MB, ${descriptors(pid)} descriptors, a call ${await median(gateway.url, first)}`,
  );
  // What the first streams left behind is what the next ones live in: memory that was lost would be added to it.
  const again = await openAll(host, known);
  const twice = `with as many once more: ${memoryMegabytes(pid)} MB`;
  await closeAll(again);
  console.log(`${twice}; after them: ${memoryMegabytes(pid)} MB, ${descriptors(pid)} descriptors`);
  if (lost > 0) process.exitCode = 1;
}

await main();
