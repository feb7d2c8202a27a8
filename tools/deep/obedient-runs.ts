import { join } from 'node:path';
import {
  type AttackRun,
  readSuite,
  type Suite,
  type SuiteRun,
  type SuiteTrajectory,
} from '@sallyport/testkit/flow/suite.ts';
import { type DojoCall, type DojoRun, dojoTools, groundTruth, isScored, readRuns, toolsetOf } from './corpora-files.ts';

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
 * there is one); and of each user's task the clean recording that is most like what its authors would have done. The results are
 * the recorded ones.
 */
export async function dojoGroups(corpora: string, folder: string, every: number): Promise<Group[]> {
  const toolsFile = join(folder, 'dojo-tools.json');
  await dojoTools(corpora, toolsFile);
  const pairs = await bestOf(join(corpora, 'agentdojo-attacked.jsonl.gz'), run => (run.attack_calls ?? []).length > 0);
  const attacked = pairs.filter((_, index) => index % every === 0);
  const truthOf = await groundTruth(corpora);
  const benign = await bestOf(
    join(corpora, 'agentdojo-benign.jsonl.gz'),
    () => true,
    run => distance(run.calls, truthOf(run)),
  );
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

/**
 * One recording for each pair of tasks: with the user's task done as well where there is one, then the one that is the least
 * `far` from how it should be done, then the first by id.
 */
async function bestOf(
  source: string,
  wanted: (run: DojoRun) => boolean,
  far: (run: DojoRun) => number = () => 0,
): Promise<DojoRun[]> {
  const best = new Map<string, DojoRun>();
  for await (const run of readRuns<DojoRun>(source)) {
    if (!isScored(run) || !wanted(run)) continue;
    const pair = `${run.suite}/${run.user_task_id}/${run.injection_task_id ?? ''}`;
    const other = best.get(pair);
    if (other === undefined || rankOf(run, far) < rankOf(other, far)) best.set(pair, run);
  }
  return [...best.values()];
}

function rankOf(run: DojoRun, far: (run: DojoRun) => number): string {
  return `${run.utility === true ? 0 : 1} ${String(far(run)).padStart(4, '0')} ${run.id}`;
}

/** How many calls the one has and the other has not, either way. */
function distance(one: readonly DojoCall[], other: readonly DojoCall[]): number {
  const left = other.map(spelled);
  let missing = 0;
  for (const call of one.map(spelled)) {
    const at = left.indexOf(call);
    if (at < 0) missing++;
    else left.splice(at, 1);
  }
  return missing + left.length;
}

function spelled({ name, args }: DojoCall): string {
  const given = Object.entries((args ?? {}) as object).filter(([, value]) => value !== null);
  return JSON.stringify([name, given.sort(([a], [b]) => (a < b ? -1 : 1))]);
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
