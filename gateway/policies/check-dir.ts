import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent } from '@sallyport/core/model/agent.ts';
import type { Catalogue } from '@sallyport/core/model/tool.ts';
import { loadPolicies } from '../engines/cedar/load.ts';
import type { PolicyProblem } from '../engines/cedar/problem.ts';
import { readKinds } from './kinds.ts';
import { readPolicyCases } from './policy-case.ts';
import { PolicyDirError, readPolicyDir } from './policy-files.ts';
import { type CaseResult, runPolicyTests } from './run-cases.ts';

/** All that can be said about a policy folder without activating it. */
export interface CheckedDir {
  /** No problem, and no test failed. */
  readonly ok: boolean;
  /** With any of these the set cannot be activated. */
  readonly problems: readonly PolicyProblem[];
  readonly warnings: readonly PolicyProblem[];
  /** Empty while there are problems with the policies: there is nothing to test. */
  readonly tests: readonly CaseResult[];
  /** Number of policies. */
  readonly policies: number;
}

/** What policies and kinds are held against where it is known. */
export interface Configured {
  readonly agents: readonly Agent[];
  readonly segments: ReadonlySet<string>;
}

/** Loads every `*.cedar` of `dir` against the catalogue and runs the `*.test.yaml` beside them. Changes nothing. */
export async function checkPolicyDir(dir: string, catalogue: Catalogue, configured?: Configured): Promise<CheckedDir> {
  try {
    const { sources, kinds = [] } = readPolicyDir(dir);
    const agents = configured === undefined ? {} : { agents: configured.agents };
    const loaded = await loadPolicies({ sources, catalogue, ...agents });
    const read = readTests(dir);
    const { warnings } = loaded;
    const { problems: ofKinds } = readKinds(kinds, configured?.segments);
    const problems = [...(loaded.ok ? [] : loaded.problems), ...ofKinds, ...read.problems];
    if (!loaded.ok) return { ok: false, problems, warnings, tests: [], policies: 0 };
    const tests = await runPolicyTests(loaded.set, catalogue, read.cases);
    const ok = problems.length === 0 && tests.every(({ outcome }) => outcome !== 'failed');
    return { ok, problems, warnings, tests, policies: loaded.set.policies.length };
  } catch (thrown) {
    if (!(thrown instanceof PolicyDirError)) throw thrown;
    const problems = [{ file: '', line: 0, message: thrown.message }];
    return { ok: false, problems, warnings: [], tests: [], policies: 0 };
  }
}

function readTests(dir: string): ReturnType<typeof readPolicyCases> {
  const names = readdirSync(dir)
    .filter(name => name.endsWith('.test.yaml'))
    .sort();
  const read = names.map(name => readPolicyCases(join(dir, name), readFileSync(join(dir, name), 'utf8')));
  return { cases: read.flatMap(({ cases }) => cases), problems: read.flatMap(({ problems }) => problems) };
}
