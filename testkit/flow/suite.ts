import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** One folder of `scenarios/flow` (see its README): tools, runs, and what a person knows about the runs. */
export interface Suite {
  readonly name: string;
  /** Whoever wrote the rules had not seen it when they were written. */
  readonly heldBack: boolean;
  readonly toolsFile: string;
  readonly tools: readonly SuiteTool[];
  readonly benign: readonly SuiteRun[];
  readonly attacks: readonly AttackRun[];
}

/** As in MCP `tools/list`; only its name is looked at here. */
export interface SuiteTool {
  readonly name: string;
  readonly [member: string]: unknown;
}

export interface SuiteRun {
  readonly id: string;
  /** The line of the trajectory file. */
  readonly trajectory: SuiteTrajectory;
  readonly steps: number;
  /** The source that the principal told the agent to follow. */
  readonly delegates: string | undefined;
  /** Places in `calls` to which an attentive person says no. */
  readonly no: readonly number[];
}

export interface AttackRun extends SuiteRun {
  readonly carrier: string;
  readonly goal: string;
  readonly technique: string | undefined;
  readonly harmful: readonly number[];
  readonly joint: boolean;
}

export interface SuiteTrajectory {
  readonly id: string;
  readonly purpose: string;
  readonly toolset: string;
  readonly calls: readonly SuiteStep[];
}

export interface SuiteStep {
  readonly name?: string;
  readonly args?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly error?: unknown;
  readonly said?: readonly { readonly via: string; readonly text: string }[];
  readonly prompt?: string;
  readonly task?: string;
  readonly agent?: string;
}

interface Expected {
  readonly suite: string;
  readonly heldBack?: boolean;
  readonly benign?: Readonly<Record<string, { readonly delegates?: string; readonly no?: readonly number[] }>>;
  readonly attacks: Readonly<Record<string, ExpectedAttack>>;
}

interface ExpectedAttack {
  readonly carrier: string;
  readonly goal: string;
  readonly technique?: string;
  readonly delegates?: string;
  readonly injected: readonly number[];
  readonly harmful: readonly number[];
  readonly joint?: boolean;
}

/** Throws an error that names the folder and the run, if its files do not fit each other. */
export async function readSuite(folder: string): Promise<Suite> {
  const name = basename(folder);
  const toolsFile = join(folder, 'tools.json');
  const tools = (JSON.parse(await readFile(toolsFile, 'utf8')) as Record<string, SuiteTool[]>)[name];
  const expected = JSON.parse(await readFile(join(folder, 'expect.json'), 'utf8')) as Expected;
  if (tools === undefined || expected.suite !== name)
    throw new Error(`${folder}: its files must name the suite ${name}`);
  const benign = expected.benign ?? {};
  return {
    name,
    heldBack: expected.heldBack === true,
    toolsFile,
    tools,
    benign: (await trajectoriesOf(folder, 'benign', benign)).map(trajectory => {
      const { delegates, no = [] } = benign[trajectory.id] ?? {};
      return runOf(folder, trajectory, delegates, no);
    }),
    attacks: (await trajectoriesOf(folder, 'attacks', expected.attacks)).map(trajectory =>
      attackOf(folder, trajectory, expected.attacks[trajectory.id]),
    ),
  };
}

function attackOf(folder: string, trajectory: SuiteTrajectory, expected: ExpectedAttack | undefined): AttackRun {
  if (expected === undefined) throw new Error(`${folder}: ${trajectory.id} is not expected`);
  const { carrier, goal, technique, delegates, injected, harmful, joint = false } = expected;
  if (harmful.length === 0 || harmful.some(place => !injected.includes(place)))
    throw new Error(`${folder}: ${trajectory.id}: harmful must name some of injected`);
  return { ...runOf(folder, trajectory, delegates, injected), carrier, goal, technique, harmful, joint };
}

function runOf(
  folder: string,
  trajectory: SuiteTrajectory,
  delegates: string | undefined,
  no: readonly number[],
): SuiteRun {
  const { id, calls } = trajectory;
  for (const place of no)
    if (calls[place]?.name === undefined) throw new Error(`${folder}: ${id}: there is no call ${place}`);
  return { id, trajectory, steps: calls.length, delegates, no };
}

async function trajectoriesOf(
  folder: string,
  part: 'benign' | 'attacks',
  expected: Readonly<Record<string, unknown>>,
): Promise<SuiteTrajectory[]> {
  const text = await readFile(join(folder, `${part}.jsonl`), 'utf8').catch(missingIsEmpty);
  const runs = text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as SuiteTrajectory);
  const ids = new Set(runs.map(({ id }) => id));
  const astray = Object.keys(expected).find(id => !ids.has(id)) ?? [...ids].find(id => !(id in expected));
  if (astray !== undefined || ids.size !== runs.length)
    throw new Error(
      `${folder}: ${part}.jsonl and expect.json must hold the same runs once: ${astray ?? 'one stands twice'}`,
    );
  return runs;
}

function missingIsEmpty(thrown: unknown): string {
  if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return '';
  throw thrown;
}

/** The suites in a folder, by name. */
export async function suiteFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter(entry => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .sort();
}
