import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CedarSchema } from '@sallyport/core/policy/schema.ts';
import type { Examined, Finding } from './examine.ts';

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
  const order: Order = { set: { policies, schema }, millisMax, onSent: sent.resolve };
  return { sent: sent.promise, findings: answerTo(order).finally(sent.resolve) };
}

interface Order {
  readonly set: object;
  readonly millisMax: number;
  readonly onSent: () => void;
}

async function answerTo(order: Order): Promise<readonly Finding[]> {
  const answer = (await ask(order, takeWaiting() ?? start(usualFlags))) ?? (await ask(order, start([])));
  if (answer === undefined) throw new Error('the process that read the policies could not be started');
  return answer;
}

/** It lives for one answer, so optimising the engine's code only costs. A Node that has lost the flag goes without. */
const usualFlags = ['--liftoff-only'];

let waiting: ChildProcess | undefined;

/** Begins to start the process that will read the next set, before there is one: it is as far as we are by then. */
export function expectSet(): void {
  const child = start(usualFlags);
  const gone = (): void => {
    if (waiting === child) waiting = undefined;
  };
  child.once('exit', gone).once('error', gone);
  // Whoever reads no set does not wait for it, and it ends with the channel to us.
  child.unref();
  child.channel?.unref();
  waiting = child;
}

function takeWaiting(): ChildProcess | undefined {
  const child = waiting;
  waiting = undefined;
  child?.ref();
  child?.channel?.ref();
  return child;
}

const invalidArgument = 9;

/** Undefined if this Node does not know the flags. */
async function ask(order: Order, child: ChildProcess): Promise<readonly Finding[] | undefined> {
  const deadline = AbortSignal.timeout(order.millisMax);
  const answered = once(child, 'message', { signal: deadline }) as Promise<[readonly Finding[]]>;
  const ended = once(child, 'exit', { signal: deadline }) as Promise<[number | null]>;
  // Whichever comes second is of no interest; its rejection must not be unhandled.
  answered.catch(() => undefined);
  ended.catch(() => undefined);
  try {
    child.send(order.set, order.onSent);
    const first = await Promise.race([answered, ended]);
    if (Array.isArray(first[0])) return first[0];
    if (first[0] === invalidArgument) return undefined;
    throw new Error('the process that read the policies ended without an answer');
  } finally {
    child.kill('SIGKILL');
  }
}

function start(flags: readonly string[]): ChildProcess {
  const file = import.meta.url.endsWith('.ts') ? './examine-child.ts' : './examine-child.js';
  // That of this version of Node, which makes its own folder in the one that it is given.
  const cache = getCompileCacheDir();
  return fork(fileURLToPath(new URL(file, import.meta.url)), [], {
    // Nothing of ours: no secret of the environment, and no descriptor but the channel.
    env: {
      ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) }),
      ...(process.env.SystemRoot === undefined ? {} : { SystemRoot: process.env.SystemRoot }), // Windows needs it
    },
    execArgv: [...flags, `--max-old-space-size=${heapMegabytesMax}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}
