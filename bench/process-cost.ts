import { readdirSync, readFileSync } from 'node:fs';

/** Processor time that a process has taken so far, in microseconds: of its main thread, and of all its others. */
export interface Spent {
  readonly main: number;
  readonly others: number;
}

/** From the scheduler's own count (proc(5): `/proc/PID/task/TID/schedstat`, nanoseconds), which other load does not change. */
export function spentBy(pid: number): Spent {
  let [main, others] = [0, 0];
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const micros = Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ', 1)[0]) / 1_000;
    if (thread === String(pid)) main = micros;
    else others += micros;
  }
  return { main, others };
}

export function spentSince(before: Spent, now: Spent, calls: number): Spent {
  return { main: (now.main - before.main) / calls, others: (now.others - before.others) / calls };
}

/** What of the process lies in memory, in megabytes of 2^20 bytes (proc(5): `VmRSS`). */
export function residentMegabytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1]) / 1_024;
}

/** A thread may end between two looks at it. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '0';
  }
}
