import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestOutcome } from './test-events.ts';

/**
 * `npm test`: type check, lint and every `*.test.ts`, each file in a process of its own. The last line on standard
 * output is `N passed, N failed`. With arguments only the test files whose path contains one of them are run.
 */
const root = resolve(import.meta.dirname, '..');
const fileSecondsMax = 300;
const outputBytesMax = 256 * 1024;
const folders = ['core', 'gateway', 'cli', 'testkit', 'tools', 'examples', 'bench', 'console', 'sdk'];

/** What one check or one test file came to. */
interface Finished {
  readonly what: string;
  readonly passed: number;
  readonly skipped: number;
  readonly failures: readonly { readonly title: string; readonly text: string }[];
  readonly seconds: number;
}

const running = new Set<ChildProcess>();

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(signal));
await main(process.argv.slice(2));

function stop(signal: 'SIGINT' | 'SIGTERM'): never {
  for (const child of running) killGroup(child);
  process.exit(signal === 'SIGINT' ? 130 : 143);
}

async function main(wanted: readonly string[]): Promise<void> {
  const files = await testFiles(wanted);
  const finished: Finished[] = [];
  const ran = async (work: Promise<Finished>): Promise<void> => {
    const one = await work;
    finished.push(one);
    console.log(progressOf(one));
  };
  if (wanted.length === 0) await Promise.all([ran(typeCheck('.')), ran(typeCheck('console')), ran(lint())]);
  const events = mkdtempSync(join(tmpdir(), 'sallyport-tests-'));
  const queue = [...files];
  const worker = async (): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) await ran(testFile(file, events));
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(availableParallelism(), 4)) }, worker));
  rmSync(events, { recursive: true, force: true });
  if (files.length === 0) finished.push(failed('tests', 'no test file was found', wanted.join(' '), 0));
  finish(finished);
}

async function testFiles(wanted: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for await (const file of glob(
    folders.map(folder => `${folder}/**/*.test.ts`),
    { cwd: root, exclude: ['**/node_modules/**'] },
  ))
    found.push(file.replaceAll('\\', '/'));
  return found.filter(file => wanted.length === 0 || wanted.some(part => file.includes(part))).sort();
}

function typeCheck(project: string): Promise<Finished> {
  const what = project === '.' ? 'type check' : `type check of ${project}`;
  return check(what, ['node_modules/typescript/bin/tsc', '--noEmit', '--pretty', 'false', '-p', project]);
}

function lint(): Promise<Finished> {
  return check('lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '--colors=off', '.']);
}

async function check(what: string, args: readonly string[]): Promise<Finished> {
  const { ok, output, seconds } = await runNode(args);
  return ok ? { what, passed: 1, skipped: 0, failures: [], seconds } : failed(what, what, output, seconds);
}

function failed(what: string, title: string, text: string, seconds: number): Finished {
  return { what, passed: 0, skipped: 0, failures: [{ title, text }], seconds };
}

async function testFile(file: string, folder: string): Promise<Finished> {
  const report = join(folder, `${file.replaceAll('/', '+')}.ndjson`);
  const reporter = `--test-reporter=${join(import.meta.dirname, 'test-events.ts')}`;
  const run = await runNode([reporter, `--test-reporter-destination=${report}`, file]);
  const events = outcomesIn(report);
  const outcomes = events.filter(({ kind }) => kind !== 'running');
  const failures = outcomes
    .filter(({ kind }) => kind === 'failed')
    .map(({ name, line, error }) => ({
      title: `${file}${line === undefined ? '' : `:${line}`} ${name}`,
      text: error ?? '',
    }));
  const ended = endOf(run, events, failures.length);
  if (ended !== undefined) failures.push({ title: `${file} ${ended}`, text: run.output });
  const count = (kind: TestOutcome['kind']): number => outcomes.filter(one => one.kind === kind).length;
  return { what: file, passed: count('passed'), skipped: count('skipped'), failures, seconds: run.seconds };
}

/** What is wrong with the file as a whole, beyond the tests that failed in it. */
function endOf(run: Run, events: readonly TestOutcome[], failures: number): string | undefined {
  if (run.timedOut) return `did not end within ${fileSecondsMax} s: ${hanging(events)}`;
  if (events.every(({ kind }) => kind === 'running')) return run.ok ? 'holds no test' : 'could not be run';
  return run.ok || failures > 0 ? undefined : `ended with an error (${run.status}) outside its tests`;
}

function hanging(events: readonly TestOutcome[]): string {
  const ended = new Set(events.filter(({ kind }) => kind !== 'running').map(({ name }) => name));
  const open = events.findLast(({ name, kind }) => kind === 'running' && !ended.has(name));
  return open === undefined
    ? 'its tests ended, and a timer, socket or child process was left open'
    : `“${open.name}” did not end`;
}

function outcomesIn(report: string): TestOutcome[] {
  let text: string;
  try {
    text = readFileSync(report, 'utf8');
  } catch {
    return [];
  }
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as TestOutcome);
}

interface Run {
  readonly ok: boolean;
  readonly status: string;
  readonly output: string;
  readonly seconds: number;
  readonly timedOut: boolean;
}

/** Runs this very Node. The child leads a process group of its own, so that what it leaves behind is ended with it. */
function runNode(args: readonly string[]): Promise<Run> {
  const started = performance.now();
  return new Promise(done => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      detached: process.platform !== 'win32',
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let output = '';
    let timedOut = false;
    const keep = (chunk: string): void => {
      output = (output + chunk).slice(-outputBytesMax);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    const timer = setTimeout(() => {
      timedOut = true;
      killGroup(child);
    }, fileSecondsMax * 1_000);
    child.on('error', error => keep(error.message));
    // What it left behind would keep its pipes open, and nothing of it may outlive the run.
    child.on('exit', () => killGroup(child));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      running.delete(child);
      const seconds = (performance.now() - started) / 1_000;
      done({ ok: code === 0, status: String(code ?? signal), output: relativePaths(output), seconds, timedOut });
    });
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
  } catch {
    // It had ended already.
  }
}

function relativePaths(text: string): string {
  return text.replaceAll(`file://${root}/`, '').replaceAll(`${root}/`, '');
}

function progressOf({ what, passed, skipped, failures, seconds }: Finished): string {
  const state = failures.length > 0 ? 'FAIL' : ' ok ';
  const counts = [`${passed} passed`];
  if (failures.length > 0) counts.push(`${failures.length} failed`);
  if (skipped > 0) counts.push(`${skipped} skipped`);
  return `${state} ${what}  ${counts.join(', ')}  ${seconds.toFixed(1)} s`;
}

function finish(finished: readonly Finished[]): void {
  const failures = finished.flatMap(one => one.failures);
  for (const { title, text } of failures) console.log(`\nFAILED ${title}\n${indent(relativePaths(text).trimEnd())}`);
  const sum = (of: (one: Finished) => number): number => finished.reduce((total, one) => total + of(one), 0);
  const skipped = sum(one => one.skipped);
  process.exitCode = failures.length > 0 ? 1 : 0;
  console.log(
    `\n${sum(one => one.passed)} passed, ${failures.length} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
  );
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
