import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { getCompileCacheDir } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { CedarSchema } from '@sallyport/core/policy/schema.ts';
import type { Examined, Finding } from './examine.ts';

const examineMillisMax = 60_000;
const heapMegabytesMax = 1_024;

/**
 * Has a candidate set read in a process of its own, which ends with the answer: hostile text may leave the engine that
 * read it unusable (DF2), may never finish, or may end the process. Rejects in the last two cases. A process and not a
 * thread, because a thread would leave some 30 MB behind in this one.
 */
export async function examineApart(
  policies: readonly Examined[],
  schema: CedarSchema,
  millisMax = examineMillisMax,
): Promise<readonly Finding[]> {
  const order = { policies, schema };
  const answer =
    (await ask(order, takeWaiting() ?? start(usualFlags), millisMax)) ?? (await ask(order, start([]), millisMax));
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
async function ask(order: object, child: ChildProcess, millisMax: number): Promise<readonly Finding[] | undefined> {
  const deadline = AbortSignal.timeout(millisMax);
  const answered = once(child, 'message', { signal: deadline }) as Promise<[readonly Finding[]]>;
  const ended = once(child, 'exit', { signal: deadline }) as Promise<[number | null]>;
  // Whichever comes second is of no interest; its rejection must not be unhandled.
  answered.catch(() => undefined);
  ended.catch(() => undefined);
  try {
    child.send(order, () => undefined);
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
  const cache = getCompileCacheDir();
  return fork(fileURLToPath(new URL(file, import.meta.url)), [], {
    // Nothing of ours: no secret of the environment, and no descriptor but the channel.
    env: {
      ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }),
      ...(process.env.SystemRoot === undefined ? {} : { SystemRoot: process.env.SystemRoot }), // Windows needs it
    },
    execArgv: [...flags, `--max-old-space-size=${heapMegabytesMax}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}
