import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { OpenJournal } from '../../journal/open-journal.ts';
import type { SnapshotOrder } from '../../journal/settled-snapshot.ts';

export interface SnapshotPace {
  /** So many entries must be new in it. */
  readonly entriesMin: number;
  /** How often it is looked whether they are. */
  readonly lookMillis: number;
}

/** The journal settles in steps of so many. */
const entriesMin = 65_536;
const lookMillis = 10_000;
/** At most a twentieth of the time goes into snapshots, however much the tasks that are open make of them. */
const restRatio = 20;
/** It may take longer and should take little: with the last two a state of 100,000 tasks took 0.6 GB instead of 1.0. */
const heap = ['--max-old-space-size=2048', '--max-semi-space-size=4', '--heap-growing-percent=50'];

/**
 * Has a snapshot made again and again while the journal is open, so that a start after a crash reads little. By a process of its own and, where
 * that may be, of low priority: no call waits for it, what it takes is given back, and where it ends early, for whatever reason, the snapshot before stays.
 * Returns how to stop it, after which nothing of it writes.
 */
export function keepSnapshots(
  log: Pick<OpenJournal, 'settled' | 'orderSnapshot'>,
  covered: number,
  pace: SnapshotPace = { entriesMin, lookMillis },
): () => Promise<void> {
  let [last, notBefore] = [covered, 0];
  let child: ChildProcess | undefined;
  const look = (): void => {
    const begun = performance.now();
    if (child !== undefined || begun < notBefore || log.settled() - last < pace.entriesMin) return;
    const order = log.orderSnapshot();
    if (order === undefined) return;
    // Whether it comes to be or not: what failed is not tried again with every look.
    last = order.size;
    const started = begin(order);
    if (started === undefined) return;
    child = started;
    const gone = (): void => {
      if (child === started) child = undefined;
      notBefore = performance.now() + restRatio * (performance.now() - begun);
    };
    // Not once: an error that nobody hears ends this process.
    started.on('exit', gone).on('error', gone);
  };
  const timer = setInterval(look, pace.lookMillis).unref();
  return async () => {
    clearInterval(timer);
    if (child === undefined) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended.catch(() => undefined);
  };
}

/** Undefined where the machine has no process to give. */
function begin(order: SnapshotOrder): ChildProcess | undefined {
  const file = import.meta.url.endsWith('.ts') ? './fold-child.ts' : './fold-child.js';
  try {
    const child = fork(fileURLToPath(new URL(file, import.meta.url)), [], {
      // Nothing of the environment but what Windows needs.
      env: process.env.SystemRoot === undefined ? {} : { SystemRoot: process.env.SystemRoot },
      execArgv: heap,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.unref();
    child.channel?.unref();
    child.send(order, () => undefined);
    return child;
  } catch {
    return undefined;
  }
}
