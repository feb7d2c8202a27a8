import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { openStateDir } from '@sallyport/gateway/app/host/state-dir.ts';
import { boundCompileCache } from './bin/compile-cache.js';
import { type GatewayScript, gatewayScript } from './bundle/gateway-script.ts';
import { CliError, type ExitStatus, exit } from './exit.ts';
import { gatewayEnvironment, gatewayNodeFlags } from './gateway-flags.js';
import type { ScriptMessage } from './gateway-process.js';
import type { Running } from './running.ts';

/** What the gateway's process says to whoever started it, over the IPC channel. */
export type ServeMessage =
  | { readonly kind: 'progress'; readonly text: string }
  /** `starting`: servers that are yet to be heard of. */
  | { readonly kind: 'ready'; readonly running: Running; readonly starting: readonly string[] }
  /** Servers that it had never seen have answered or failed, or are late. */
  | { readonly kind: 'met' }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      readonly fix?: string;
      readonly status: ExitStatus;
    };

export interface LaunchOrder {
  readonly config: string;
  readonly stateDir: string;
  /** `beside` outlives us; `within` ends with us; `shown` also writes its log to our standard error. */
  readonly as: 'beside' | 'within' | 'shown';
  /** Whom the agents run as, where it is somebody else. */
  readonly agentsUid?: number | undefined;
  readonly onProgress: (text: string) => void;
  readonly signal?: AbortSignal;
}

export interface Launched {
  readonly running: Running;
  readonly starting: readonly string[];
  /** Resolves when it has met servers that it had never seen, or does not wait for them any longer. */
  readonly met: Promise<void>;
  /** Asks it to stop, in order, and waits until it has. */
  readonly stop: () => Promise<void>;
  /** Its exit status. */
  readonly ended: Promise<number>;
}

export const logFileName = 'gateway.log';
/** Without a word of how far it is. */
const silentSecondsMax = 60;
const stopSecondsMax = 20;
const logBytesMax = 16 * 2 ** 20;

/** Starts the gateway as a process of its own (its Node flags are its own too) and resolves once it is ready. */
export async function launch(order: LaunchOrder, script?: GatewayScript): Promise<Launched> {
  const stateDir = openStateDir(order.stateDir);
  const child = started(order, stateDir);
  // Without a process there may be no channel to it either.
  if (child.pid === undefined) throw (await once(child, 'error'))[0];
  const ended = new Promise<number>(resolve => {
    child.on('error', () => resolve(exit.error));
    child.on('exit', (code, signal) => resolve(code ?? (signal === null ? exit.error : 128)));
  });
  const stop = (): Promise<void> => stopChild(child, ended);
  try {
    const chosen = script ?? (await gatewayScript(order.onProgress));
    if (order.signal?.aborted) throw interrupted();
    tellScript(child, chosen);
    boundCompileCache(process.env);
    const met = Promise.race([said(child, 'met'), ended]).then(() => {
      if (order.as === 'beside' && child.connected) child.disconnect();
    });
    const { running, starting } = await ready(child, ended, order, stateDir);
    if (order.as === 'beside') child.unref();
    return { running, starting, met, stop, ended };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

/** Where Node begins before it is known which script it is to run. */
export const firstScript = join(import.meta.dirname, 'gateway-process.js');

function started({ config, as, agentsUid }: LaunchOrder, stateDir: string): ChildProcess {
  const log = as === 'shown' ? undefined : openLog(join(stateDir, logFileName));
  const ties = [
    ...(as === 'beside' ? ['--beside'] : []),
    ...(agentsUid === undefined ? [] : ['--agents-uid', String(agentsUid)]),
  ];
  try {
    return spawn(
      process.execPath,
      [...gatewayNodeFlags, firstScript, '--config', config, '--state', stateDir, ...ties],
      {
        cwd: stateDir,
        env: { ...process.env, ...gatewayEnvironment },
        detached: as === 'beside',
        stdio: ['ignore', log ?? 'inherit', log ?? 'inherit', 'ipc'],
      },
    );
  } finally {
    if (log !== undefined) closeSync(log);
  }
}

/** To a process that began at `firstScript`. */
export function tellScript(child: ChildProcess, { path, sourcesBecause }: GatewayScript): void {
  const args = sourcesBecause === undefined ? [] : ['--sources-because', sourcesBecause];
  const told: ScriptMessage = { script: path, args };
  // That it has ended meanwhile is seen where it is waited for.
  child.send(told, () => {});
}

/** One file, emptied when it has grown large: the record of what was decided is the journal, not this. */
function openLog(file: string): number {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > logBytesMax) truncateSync(file);
  return openSync(file, 'a', 0o600);
}

type Ready = Extract<ServeMessage, { kind: 'ready' }>;

function said(child: ChildProcess, kind: ServeMessage['kind']): Promise<void> {
  return new Promise(resolve => {
    child.on('message', (message: ServeMessage) => message.kind === kind && resolve());
  });
}

function ready(child: ChildProcess, ended: Promise<number>, order: LaunchOrder, stateDir: string): Promise<Ready> {
  return new Promise((resolve, reject) => {
    const see =
      order.as === 'shown' ? 'Its last lines stand above.' : `Its last lines stand in ${join(stateDir, logFileName)}.`;
    const notReady = (why: string): void => reject(new CliError('not-ready', why, see, exit.unhealthy));
    const silent = (): void => notReady(`the gateway was not ready, and silent for ${silentSecondsMax} s`);
    let late = setTimeout(silent, silentSecondsMax * 1_000);
    order.signal?.addEventListener('abort', () => reject(interrupted()), { once: true });
    child.on('message', (message: ServeMessage) => {
      clearTimeout(late);
      if (message.kind === 'progress') {
        late = setTimeout(silent, silentSecondsMax * 1_000);
        order.onProgress(message.text);
      }
      if (message.kind === 'ready') resolve(message);
      if (message.kind === 'failed') reject(new CliError(message.code, message.message, message.fix, message.status));
    });
    void ended.then(status => {
      clearTimeout(late);
      notReady(`the gateway ended while it was starting (status ${status})`);
    });
  });
}

function interrupted(): CliError {
  return new CliError('interrupted', 'stopped before the gateway was ready');
}

async function stopChild(child: ChildProcess, ended: Promise<number>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const last = setTimeout(() => child.kill('SIGKILL'), stopSecondsMax * 1_000);
  await ended;
  clearTimeout(last);
}
