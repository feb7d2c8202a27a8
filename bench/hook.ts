import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { hookSecretFile } from '@sallyport/gateway/identity/hook-secrets.ts';
import { openDeskHouse } from '@sallyport/testkit/hooks/desk-house.ts';
import { judge } from './bars.ts';
import { quantile } from './statistics.ts';

/**
 * `npm run bench:hook`: what a coding client waits for before each tool, everything on and durable. As a command: from
 * starting the script to its end, once for each call, one after the other. As HTTP: the same calls over a kept connection.
 * Beside them, in the same run, what starting a program costs at all: `true` behind a shell, and Node.js with nothing to do.
 */
const rounds = 3;
const calls = 100;
const script = resolve(import.meta.dirname, '../cli/bin/hook.sh');

const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-hook-'));
const house = await openDeskHouse(folder);
const secret = readFileSync(hookSecretFile(join(house.stateDir, 'hooks'), 'claude-code', 'tool'), 'utf8').trim();
let number = 0;

function eventText(): string {
  const tool_use_id = `call-${++number}`;
  const call = { tool_name: 'Bash', tool_input: { command: 'npm test 2>&1 | tail -20' }, tool_use_id };
  return JSON.stringify({ session_id: 'bench', cwd: '/home/dev/shop', hook_event_name: 'PreToolUse', ...call });
}

async function command(program: string, words: readonly string[], input: string): Promise<number> {
  const started = performance.now();
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdout.resume();
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  await once(child, 'close');
  return performance.now() - started;
}

async function http(): Promise<number> {
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  const body = eventText();
  const started = performance.now();
  const answer = await fetch(`${house.gateway.url}/hooks/claude-code`, { method: 'POST', headers, body });
  await answer.text();
  if (!answer.ok) throw new Error(`the hook was answered with ${answer.status}`);
  return performance.now() - started;
}

async function millis(run: () => Promise<number>): Promise<number[]> {
  const all: number[] = [];
  for (let at = 0; at < calls; at++) all.push(await run());
  return all;
}

const hook = (): Promise<number> => command('/bin/sh', [script, house.stateDir, 'claude-code', 'tool'], eventText());
await hook();
await http();
const p95: Record<'command' | 'http' | 'shell' | 'node', number[]> = { command: [], http: [], shell: [], node: [] };
const p50: typeof p95 = { command: [], http: [], shell: [], node: [] };
for (let round = 0; round < rounds; round++) {
  const measured = {
    command: await millis(hook),
    http: await millis(http),
    shell: await millis(() => command('/bin/sh', ['-c', 'true'], '')),
    node: await millis(() => command(process.execPath, ['-e', '0'], '')),
  };
  for (const [name, all] of Object.entries(measured) as [keyof typeof measured, number[]][]) {
    p95[name].push(quantile(all, 0.95));
    p50[name].push(quantile(all, 0.5));
  }
}
const row = (name: string, of: keyof typeof p95): string =>
  `${name.padEnd(28)} p50 ${quantile(p50[of], 0.5).toFixed(1).padStart(6)} ms   p95 ${quantile(p95[of], 0.5).toFixed(1).padStart(6)} ms`;
console.log(row('a shell that does nothing', 'shell'));
console.log(row('Node.js that does nothing', 'node'));
console.log(row('the hook as a command', 'command'));
console.log(row('the hook as HTTP', 'http'));
await house[Symbol.asyncDispose]();
rmSync(folder, { recursive: true, force: true });
judge([
  { name: 'hook as a command, p95', unit: 'ms', digits: 1, figures: p95.command, atMost: 30 },
  { name: 'hook as HTTP, p95', unit: 'ms', digits: 1, figures: p95.http, atMost: 5 },
]);
