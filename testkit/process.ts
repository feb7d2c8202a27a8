import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A script of ours in a process of its own that says its address on its first line and ends with its standard input. */
export interface Process extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

export async function startProcess(script: string, args: readonly string[] = []): Promise<Process> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const { value: url } = await lines.next();
  if (typeof url !== 'string') throw new Error(`${script} ended before it said where it listens`);
  return { url, pid: child.pid ?? 0, [Symbol.asyncDispose]: () => ended(child) };
}

async function ended(child: ChildProcess): Promise<void> {
  child.stdin?.end();
  if (child.exitCode === null && child.signalCode === null) await new Promise(resolve => child.once('exit', resolve));
}
