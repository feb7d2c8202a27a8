import { join } from 'node:path';
import {
  type AttackRun,
  readSuite,
  type Suite,
  type SuiteRun,
  type SuiteTrajectory,
} from '@sallyport/testkit/flow/suite.ts';
import { type DojoRun, dojoTools, isScored, readRuns, toolsetOf } from './corpora-files.ts';

/** Runs over one set of tools, for the obedient agent. */
export interface Group {
  readonly name: string;
  readonly toolsFile: string;
  readonly toolset: string;
  readonly attacks: readonly Attack[];
  readonly benign: readonly SuiteTrajectory[];
  /** Runs that need more than one agent: there is one here. */
  readonly left: number;
}

export interface Attack {
  readonly trajectory: SuiteTrajectory;
  readonly harmful: readonly number[];
  readonly joint: boolean;
}

export async function ownGroups(folders: readonly string[]): Promise<Group[]> {
  return (await Promise.all(folders.map(readSuite))).flatMap(groupsOf);
}

/** One group for each toolset of a suite. */
function groupsOf(suite: Suite): Group[] {
  const alone = ({ trajectory }: SuiteRun): boolean =>
    trajectory.calls.every(({ task, prompt }) => task === undefined && prompt === undefined);
  const toolsets = new Set([...suite.attacks, ...suite.benign].map(({ trajectory }) => trajectory.toolset));
  return [...toolsets].map(toolset => {
    const mine = ({ trajectory }: SuiteRun): boolean => trajectory.toolset === toolset;
    const attacks = suite.attacks.filter(mine);
    const benign = suite.benign.filter(mine);
    return {
      name: toolset,
      toolsFile: suite.toolsFile,
      toolset,
      attacks: attacks.filter(alone).map(attackOf),
      benign: benign.filter(alone).map(({ trajectory }) => trajectory),
      left: [...attacks, ...benign].filter(run => !alone(run)).length,
    };
  });
}

function attackOf({ trajectory, harmful, joint }: AttackRun): Attack {
  return { trajectory, harmful, joint };
}

/**
 * AgentDojo: for each pair of a user's task and an injection the recording in which an agent did most as it was told (both, if
 * there is one), and one clean recording of each user's task. The results are the recorded ones.
 */
export async function dojoGroups(corpora: string, folder: string, every: number): Promise<Group[]> {
  const toolsFile = join(folder, 'dojo-tools.json');
  await dojoTools(corpora, toolsFile);
  const pairs = await bestOf(join(corpora, 'agentdojo-attacked.jsonl.gz'), run => (run.attack_calls ?? []).length > 0);
  const attacked = pairs.filter((_, index) => index % every === 0);
  const benign = await bestOf(join(corpora, 'agentdojo-benign.jsonl.gz'), () => true);
  const toolsets = new Set([...attacked, ...benign].map(dojoToolset));
  return [...toolsets].sort().map(toolset => ({
    name: toolset,
    toolsFile,
    toolset,
    attacks: attacked
      .filter(run => dojoToolset(run) === toolset)
      .map(run => ({
        trajectory: trajectoryOf(run),
        harmful: run.attack_calls ?? [],
        joint: run.attack_calls_joint === true,
      })),
    benign: benign.filter(run => dojoToolset(run) === toolset).map(trajectoryOf),
    left: 0,
  }));
}

function dojoToolset({ version, suite }: DojoRun): string {
  return toolsetOf(version, suite);
}

/** One recording for each pair of tasks: with the user's task done as well where there is one, then the first by id. */
async function bestOf(source: string, wanted: (run: DojoRun) => boolean): Promise<DojoRun[]> {
  const best = new Map<string, DojoRun>();
  for await (const run of readRuns<DojoRun>(source)) {
    if (!isScored(run) || !wanted(run)) continue;
    const pair = `${run.suite}/${run.user_task_id}/${run.injection_task_id ?? ''}`;
    const other = best.get(pair);
    if (other === undefined || rankOf(run) < rankOf(other)) best.set(pair, run);
  }
  return [...best.values()];
}

function rankOf(run: DojoRun): string {
  return `${run.utility === true ? 0 : 1} ${run.id}`;
}

function trajectoryOf(run: DojoRun): SuiteTrajectory {
  const calls = run.calls.map(({ name, args, result, error }) => ({
    name,
    args: (args ?? {}) as Record<string, unknown>,
    result,
    ...(error === undefined || error === null ? {} : { error }),
  }));
  return { id: run.id, purpose: run.prompt, toolset: dojoToolset(run), calls };
}
