import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the gateway of a state directory listens, while it runs. Written by the gateway's process, read by commands. */
export interface Running {
  readonly pid: number;
  /** `http://127.0.0.1:7420` */
  readonly url: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly config: string;
}

const fileName = 'gateway.json';

export function writeRunning(stateDir: string, running: Running): void {
  const text = JSON.stringify({ ...running, folder: folderOf(stateDir) });
  writeFileSync(join(stateDir, fileName), `${text}\n`, { mode: 0o600 });
}

/** Which directory it is, by whatever name: the file is copied with a state directory, and its gateway is not. */
function folderOf(stateDir: string): string {
  const { dev, ino } = statSync(stateDir, { bigint: true });
  return `${dev}:${ino}`;
}

export function removeRunning(stateDir: string, pid: number): void {
  try {
    if (readFileOf(stateDir)?.pid === pid) rmSync(join(stateDir, fileName), { force: true });
  } catch {
    // A disk that does not let it go: it counts as left behind, and whoever ends goes on ending.
  }
}

/**
 * The gateway that runs on `stateDir`, or undefined. A file that was left behind by a crash counts as none: after it the
 * port may be anybody's, and the operator's key goes to nobody but the gateway. So does one that was copied from elsewhere.
 */
export function readRunning(stateDir: string): Running | undefined {
  const running = readFileOf(stateDir);
  return running !== undefined && isAlive(running.pid) ? running : undefined;
}

function readFileOf(stateDir: string): Running | undefined {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(join(stateDir, fileName), 'utf8'));
  } catch {
    return undefined;
  }
  const { pid, url, startedAt, config, folder } = (value ?? {}) as Record<string, unknown>;
  if (typeof pid !== 'number' || !Number.isInteger(pid) || pid < 2) return undefined;
  if (typeof url !== 'string' || !/^http:\/\/(127\.0\.0\.1|\[::1\]):[0-9]{1,5}$/.test(url)) return undefined;
  if (typeof startedAt !== 'number' || typeof config !== 'string') return undefined;
  // Earlier versions wrote none.
  if (folder !== undefined && folder !== folderOf(stateDir)) return undefined;
  return { pid, url, startedAt, config };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Dead, and its parent was not told yet: it holds neither port nor journal any more. Its state and how many threads it has are
 * fields 3 and 20 of proc(5), behind a name that may hold anything; while one of its threads still ends, what it had open is
 * not closed. Where there is no such file nobody can be told apart from the living.
 */
function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ['Z', 'X'].includes(fields[0] ?? '') && Number(fields[17]) <= 1;
  } catch {
    return false;
  }
}
