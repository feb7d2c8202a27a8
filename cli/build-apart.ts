import { spawn } from 'node:child_process';

const outputBytesMax = 4_096;
const secondsMax = 60;

/** Runs a script that builds something, in a process that takes its memory with it. Resolves to why, if it fails. */
export function buildApart(cwd: string, script: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise(resolve => {
    let output = '';
    const child = spawn(process.execPath, [script, ...args], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: secondsMax * 1_000,
    });
    const keep = (chunk: string): void => {
      output = (output + chunk).slice(-outputBytesMax);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', error => resolve(error.message));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(undefined);
      else resolve(signal === null ? reasonIn(output) : `${signal} ended the build`);
    });
  });
}

/** Of what was not caught Node says the error, where it was thrown and, last of all, its own version. */
function reasonIn(output: string): string {
  const lines = output.trim().split('\n');
  return lines.find(line => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? '';
}
