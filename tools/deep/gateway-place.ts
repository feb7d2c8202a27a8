import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { callerOf } from '@sallyport/testkit/gateway/house.ts';
import { type Ask, operatorOf } from '@sallyport/testkit/gateway/operator.ts';
import { stdioUpstream } from '@sallyport/testkit/upstream/fixture.ts';
import { type Act, toolsFor } from '@sallyport/testkit/upstream/script.ts';
import { gatewayScript } from '../../cli/bundle/gateway-script.ts';
import { gatewayEnvironment, gatewayNodeFlags } from '../../cli/gateway-flags.js';
import { firstScript, type ServeMessage, tellScript } from '../../cli/launch.ts';

/** Where a gateway process works that deep runs do harm to. */
export interface Place {
  readonly base: string;
  readonly stateDir: string;
  readonly config: string;
  readonly received: string;
}

export function placeIn(base: string): Place {
  return {
    base,
    stateDir: join(base, 'state'),
    config: join(base, 'sallyport.yaml'),
    received: join(base, 'received'),
  };
}

/** Vouched for, so that only what a crash leaves can mark a task. */
export function writeConfig(
  { base, config, received }: Place,
  tools: readonly Act[] = ['echo'],
  { names = ['writer'], policies = permitAll }: { names?: readonly string[]; policies?: string } = {},
): void {
  const { launch: own } = stdioUpstream('notes', { tools: toolsFor(tools), record: received });
  const server = { command: own.command, args: own.args, env: own.env, trusted: true };
  const agents = Object.fromEntries(names.map(name => [name, { principal: 'user:emma' }]));
  const limits = { callsMax: 1_000_000, bytesMax: 1_000_000_000 };
  writeFileSync(
    config,
    JSON.stringify({ listen: '127.0.0.1:0', policies: base, servers: { notes: server }, agents, limits }),
  );
  writeFileSync(join(base, 'all.cedar'), policies);
}

export const permitAll = '@id("all") permit (principal, action, resource);\n';

/** A gateway's process that was started in a place. */
export interface Started extends AsyncDisposable {
  readonly child: ChildProcess;
  /** The gateway's own process, where `child` is a program that runs it. */
  readonly pid: number;
  /** What it wrote to standard error. */
  readonly log: () => string;
  /** Undefined where it ended before it was ready. */
  readonly running: Running | undefined;
}

/**
 * Starts the gateway's own process on a place and waits until it is ready, or has ended. `under` is a program that runs it, with its
 * arguments. It ends with this process, however that ends.
 */
export async function startIn(
  place: Place,
  under: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Started> {
  const script = await gatewayScript(() => {});
  const gateway = [
    process.execPath,
    ...gatewayNodeFlags,
    firstScript,
    '--config',
    place.config,
    '--state',
    place.stateDir,
  ];
  const [command = '', ...args] = [...under, ...gateway];
  const log = join(place.base, `log-${++logs}`);
  mkdirSync(place.stateDir, { recursive: true, mode: 0o700 });
  const fd = openSync(log, 'a');
  const child = spawn(command, args, {
    stdio: ['ignore', fd, fd, 'ipc'],
    env: { ...process.env, ...gatewayEnvironment, ...env },
  });
  closeSync(fd);
  tellScript(child, script);
  const begun = Promise.withResolvers<{ pid: number; url: string } | undefined>();
  child.on('message', (message: ServeMessage) => message.kind === 'ready' && begun.resolve(message.running));
  child.on('exit', () => begun.resolve(undefined));
  const at = await begun.promise;
  const kill = async (): Promise<void> => {
    if (hasEnded(child)) return;
    for (const one of new Set([at?.pid, child.pid])) if (one !== undefined) process.kill(one, 'SIGKILL');
    await once(child, 'exit');
  };
  return {
    ...{ child, pid: at?.pid ?? 0, log: () => readFileSync(log, 'utf8') },
    running: at && (await clientOf(place, at.url).catch(() => undefined)),
    [Symbol.asyncDispose]: kill,
  };
}

let logs = 0;

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

const endsWithinMillis = 30_000;

/** Asks it to stop, in order; its exit status. */
export async function stop(started: Started): Promise<number> {
  process.kill(started.pid, 'SIGTERM');
  return await endOf(started);
}

/** Its exit status, 128 where a signal ended it. Fails if it does not end by itself. */
export async function endOf({ child }: Started): Promise<number> {
  if (hasEnded(child)) return child.exitCode ?? 128;
  return await new Promise((done, failed) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      failed(new Error(`it did not end by itself within ${endsWithinMillis} ms`));
    }, endsWithinMillis);
    child.on('exit', code => {
      clearTimeout(late);
      done(code ?? 128);
    });
  });
}

/** Calls as the agent, so many at a time, until `isOver` or the gateway answers no more. Resolves to how many were refused. */
export async function load(
  { url, token }: Running,
  acknowledged: Set<string>,
  { callers = 8, name = 'c', textBytes = 2_000, isOver = (): boolean => false } = {},
): Promise<number> {
  let refused = 0;
  const loop = async (caller: number): Promise<void> => {
    const call = callerOf(`${url}/mcp/notes`, token);
    for (let number = 0; !isOver(); number++)
      try {
        const text = `${name}-${caller}-${number}-${'x'.repeat(textBytes)}`;
        if ((await call('echo', { text })).isError === true) refused++;
        else acknowledged.add(text);
      } catch {
        return;
      }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => loop(caller)));
  return refused;
}

export interface Running {
  readonly url: string;
  readonly token: string;
  readonly ask: Ask;
}

/** What an operator and an agent need of a gateway at `url` that works on this state. */
async function clientOf({ stateDir }: Place, url: string): Promise<Running> {
  const ask = operatorOf(url, stateDir);
  const { token } = await ask<{ token: string }>('agents/writer/token', {});
  return { url, token, ask };
}
