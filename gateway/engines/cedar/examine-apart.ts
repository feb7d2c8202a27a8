import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CedarSchema } from '@sallyport/core/policy/schema.ts';
import type { Examined, Finding } from './examine.ts';
import type { Order } from './examine-child.ts';

const examineMillisMax = 60_000;
const heapMegabytesMax = 1_024;

export interface Reading {
  /** Resolves when nothing of the set waits in this process any more: whoever works on before holds the other one up. Never rejects. */
  readonly sent: Promise<void>;
  readonly findings: Promise<readonly Finding[]>;
}

/**
 * Has a candidate set read in a process of its own, which ends with the answer: hostile text may leave the engine that
 * read it unusable (DF2), may never finish, or may end the process: `findings` rejects in the last two cases. A process and
 * not a thread, because a thread would leave some 30 MB behind in this one.
 */
export function examineApart(
  policies: readonly Examined[],
  schema: CedarSchema,
  millisMax = examineMillisMax,
): Reading {
  const sent = Promise.withResolvers<void>();
  const asking: Asking = { set: { policies, schema }, millisMax, onSent: sent.resolve };
  return { sent: sent.promise, findings: answerTo(asking).finally(sent.resolve) };
}

interface Asking {
  readonly set: Order;
  readonly millisMax: number;
  readonly onSent: () => void;
}

let bundled: string | undefined;

/** A bundle has the script of that process as one file, which starts sooner; where it has gone, its sources serve. */
export function readBy(script: string): void {
  bundled = script;
}

let waiting: ChildProcess | undefined;

/** Begins to start the process that will read the next set, before there is one: it is as far as we are by then. */
export function expectSet(): void {
  const child = start();
  const gone = (): void => {
    if (waiting === child) waiting = undefined;
  };
  child.once('exit', gone).once('error', gone);
  // Whoever reads no set does not wait for it, and it ends with the channel to us.
  child.unref();
  child.channel?.unref();
  waiting = child;
}

/** Sends it the texts of a set that is to come: what can be said without a schema is known by then. Nothing where none waits. */
export function sendAhead(policies: readonly Examined[]): void {
  const ahead: Order = { policies };
  // That it has gone is seen by whoever asks it.
  waiting?.send(ahead, () => {});
}

function takeWaiting(): ChildProcess | undefined {
  const child = waiting;
  waiting = undefined;
  child?.ref();
  child?.channel?.ref();
  return child;
}

async function answerTo(asking: Asking): Promise<readonly Finding[]> {
  const child = takeWaiting() ?? start();
  const deadline = AbortSignal.timeout(asking.millisMax);
  const answered = once(child, 'message', { signal: deadline }) as Promise<[readonly Finding[]]>;
  const ended = once(child, 'exit', { signal: deadline }) as Promise<[number | null]>;
  // Whichever comes second is of no interest; its rejection must not be unhandled.
  answered.catch(() => undefined);
  ended.catch(() => undefined);
  try {
    child.send(asking.set, asking.onSent);
    const first = await Promise.race([answered, ended]);
    if (Array.isArray(first[0])) return first[0];
    throw new Error('the process that read the policies ended without an answer');
  } finally {
    child.kill('SIGKILL');
  }
}

function start(): ChildProcess {
  // That of this version of Node, which makes its own folder in the one that it is given.
  const cache = getCompileCacheDir();
  return fork(script(), [], {
    // Nothing of ours: no secret of the environment, and no descriptor but the channel.
    env: {
      ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) }),
      ...(process.env.SystemRoot === undefined ? {} : { SystemRoot: process.env.SystemRoot }), // Windows needs it
    },
    execArgv: [`--max-old-space-size=${heapMegabytesMax}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

function script(): string {
  if (bundled !== undefined && existsSync(bundled)) return bundled;
  const file = import.meta.url.endsWith('.ts') ? './examine-child.ts' : './examine-child.js';
  return fileURLToPath(new URL(file, import.meta.url));
}
