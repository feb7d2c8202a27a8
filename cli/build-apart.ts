import { spawn } from 'node:child_process';

const outputBytesMax = 4_096;

/** Runs a script that builds something, in a process that takes its memory with it. Resolves to its last words if it fails. */
export function buildApart(cwd: string, script: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise(resolve => {
    let output = '';
    const child = spawn(process.execPath, [script, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk: string): void => {
      output = (output + chunk).slice(-outputBytesMax);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', error => resolve(error.message));
    child.on('close', code => resolve(code === 0 ? undefined : (output.trim().split('\n').at(-1) ?? '')));
  });
}
