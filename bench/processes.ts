import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { operatorOf } from '@sallyport/testkit/gateway/operator.ts';

const root = resolve(import.meta.dirname, '..');

/** Resolves once something at `url` answers, whatever it says. */
export async function reachable(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 2_000; tries++) {
    if (child.exitCode !== null) throw new Error(`a process under test ended with ${child.exitCode}`);
    const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer !== undefined && answer.status !== 503) return;
    await new Promise(done => setTimeout(done, 10));
  }
  throw new Error(`nothing answers at ${url}`);
}

export function startEverything(port: number): ChildProcess {
  const script = join(root, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js');
  const args = ['--import', join(root, 'bench/loopback.mjs'), script, 'streamableHttp'];
  return spawn(process.execPath, args, { env: { ...process.env, PORT: String(port) }, stdio: 'ignore' });
}

/** A line of the configuration: a server of npm's behind standard input and output, from this checkout. */
export function stdioServer(name: 'everything' | 'filesystem' | 'memory', args: readonly string[] = []): string {
  const script = join(root, `node_modules/@modelcontextprotocol/server-${name}/dist/index.js`);
  return `${name}: { command: node, args: ${JSON.stringify([script, ...args])} }`;
}

export interface GatewayOrder {
  /** Where its configuration and its state go. */
  readonly folder: string;
  readonly port: number;
  /** YAML of the servers, one a line. */
  readonly servers: readonly string[];
  /** Where its profile goes, if it is to write one (`--cpu-prof`). */
  readonly profile?: string | undefined;
}

/** The command as a person starts it; it starts the gateway's own process with flags of its own. */
export function startGateway({ folder, port, servers, profile }: GatewayOrder): ChildProcess {
  const config = join(folder, 'sallyport.yaml');
  const lines = [
    `listen: 127.0.0.1:${port}`,
    `policies: ${join(root, 'policies')}`,
    'servers:',
    ...servers.map(line => `  ${line}`),
    'agents:',
    '  bench: { principal: "user:bench" }',
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  const command = [join(root, 'cli/bin/sallyport.js'), 'up', '--foreground', '--config', config];
  // A profile is read by the sources' own files.
  const profiling =
    profile === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}`, SALLYPORT_SOURCES: '1' };
  return spawn(process.execPath, [...command, '--state', join(folder, 'state')], {
    env: { ...process.env, ...profiling },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
}

/** The gateway's own process. */
export function gatewayPid(folder: string): number {
  return (JSON.parse(readFileSync(join(folder, 'state/gateway.json'), 'utf8')) as { pid: number }).pid;
}

export async function issueToken(url: string, folder: string): Promise<string> {
  return (await operatorOf(url, join(folder, 'state'))<{ token: string }>('agents/bench/token', {})).token;
}

export async function ended(children: readonly ChildProcess[]): Promise<void> {
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(children.map(child => child.exitCode ?? new Promise(done => child.once('exit', done))));
}
