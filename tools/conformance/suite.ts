import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

/** How one scenario of the official suite went: its checks by outcome, and what the failed ones say. */
export interface Outcome {
  readonly passed: number;
  readonly passedIds: readonly string[];
  readonly failed: number;
  readonly warned: number;
  readonly complaints: readonly string[];
}

/** One of the suite's own selections of server scenarios. */
export interface Selection {
  /** `@modelcontextprotocol/conformance` as installed. */
  readonly folder: string;
  readonly args: readonly string[];
}

interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
}

const suiteMillisMax = 240_000;

/** Where the suite's command lies below a folder in which it is installed. */
export function suiteScript(folder: string): string {
  return join(folder, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');
}

/**
 * Runs the suite against `url`. The suite's own exit code is not used: its results are read. Throws where it was late: scenarios
 * that it had not come to would be missing from the comparison and from its count.
 */
export async function runSuite({ folder, args }: Selection, url: string): Promise<ReadonlyMap<string, Outcome>> {
  const child = (results: string): ChildProcess =>
    spawn(process.execPath, [suiteScript(folder), 'server', '--url', url, ...args, '-o', results], {
      cwd: results,
      stdio: 'ignore',
      timeout: suiteMillisMax,
    });
  const { outcomes, isLate } = await resultsOf(child);
  if (isLate)
    throw new Error(`the suite was not done after ${suiteMillisMax / 1_000} s, at ${outcomes.size} scenarios`);
  return outcomes;
}

export interface Results {
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** It was stopped before it had come to its end. */
  readonly isLate: boolean;
}

/** What the suite's process, given a folder to write to, leaves there. */
export async function resultsOf(start: (results: string) => ChildProcess): Promise<Results> {
  const results = mkdtempSync(join(tmpdir(), 'sallyport-conformance-'));
  const child = start(results);
  await new Promise(resolve => child.once('exit', resolve));
  const outcomes = new Map(
    readdirSync(results, { withFileTypes: true, recursive: true })
      .filter(entry => entry.isFile() && entry.name === 'checks.json')
      // Names of scenarios may hold a slash: `auth/dpop`.
      .map(
        ({ parentPath }) =>
          [scenarioOf(relative(results, parentPath)), outcomeOf(join(parentPath, 'checks.json'))] as const,
      ),
  );
  rmSync(results, { recursive: true, force: true });
  return { outcomes, isLate: child.signalCode !== null };
}

/** `server-tools-list-2026-11-22T01-59-49-883Z` */
function scenarioOf(folder: string): string {
  return folder.replace(/-\d{4}-\d\d-\d\dT[\dZ-]+$/, '').replace(/^(authorization-server|server|client)-/, '');
}

function outcomeOf(file: string): Outcome {
  const checks = JSON.parse(readFileSync(file, 'utf8')) as Check[];
  const of = (status: string): Check[] => checks.filter(check => check.status === status);
  const bad = [...of('FAILURE'), ...of('WARNING')];
  return {
    passed: of('SUCCESS').length,
    passedIds: of('SUCCESS').map(({ id }) => id),
    failed: of('FAILURE').length,
    warned: of('WARNING').length,
    complaints: bad.map(({ id, errorMessage }) => `${id}: ${errorMessage ?? 'no reason given'}`),
  };
}
