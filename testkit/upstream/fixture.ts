import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  ChildEnvironment,
  CommandLaunch,
  HeaderSource,
  ServerConfig,
} from '@sallyport/gateway/upstreams/config.ts';
import type { Script } from './script.ts';

const stdioServer = new URL('./stdio.ts', import.meta.url).pathname;

/** Tests start this server some hundred times. */
export const compiledOnce = { NODE_COMPILE_CACHE: join(tmpdir(), 'sallyport-test-compiled') };

/** A configuration that runs the scripted upstream over pipes. */
export function stdioUpstream(
  id: string,
  script: Script,
  env: ChildEnvironment = compiledOnce,
): ServerConfig & { launch: CommandLaunch } {
  return {
    id,
    segment: 'test',
    launch: { kind: 'command', command: 'node', args: [stdioServer, JSON.stringify(script)], env },
  };
}

export function httpUpstream(
  id: string,
  url: string,
  headers: Readonly<Record<string, HeaderSource>> = {},
): ServerConfig {
  return { id, segment: 'test', launch: { kind: 'http', url, headers } };
}

/** A folder that goes when the test does. */
export function temporaryFolder(): {
  readonly path: string;
  readonly file: (name: string) => string;
  readonly [Symbol.dispose]: () => void;
} {
  const path = mkdtempSync(join(tmpdir(), 'sallyport-test-'));
  return {
    path,
    file: name => join(path, name),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }),
  };
}

export function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter(line => line !== '');
  } catch {
    return [];
  }
}

/** Whether a process is still there, zombies included. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until `probe` says so, looking again and again; fails with `what` when it never does. */
export async function until(what: string, probe: () => boolean | Promise<boolean>, millisMax = 10_000): Promise<void> {
  const end = performance.now() + millisMax;
  while (!(await probe())) {
    if (performance.now() > end) throw new Error(`waited ${millisMax} ms in vain: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
