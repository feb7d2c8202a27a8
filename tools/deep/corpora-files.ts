import { createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gunzipSync } from 'node:zlib';
import { readLines } from '@sallyport/gateway/replay/read-lines.ts';
import type { Judged, Prepared } from './score.ts';

export interface DojoRun {
  readonly id: string;
  readonly suite: string;
  readonly version: string | null;
  readonly user_task_id: string;
  readonly injection_task_id?: string | null;
  readonly utility?: boolean | null;
  readonly prompt: string;
  readonly calls: readonly { name: string; args: unknown; result: unknown; error?: unknown }[];
  readonly attack_calls?: readonly number[];
  readonly attack_calls_joint?: boolean;
  readonly text_only_attack?: boolean;
}

interface DojoTasks {
  readonly versions: Readonly<Record<string, Readonly<Record<string, DojoSuite>>>>;
}

interface DojoSuite {
  readonly tools: readonly DojoTool[];
  readonly user_tasks: Readonly<Record<string, { readonly ground_truth: readonly DojoCall[] }>>;
}

/** A call that a task needs, as the benchmark's authors wrote it down. */
export interface DojoCall {
  readonly name: string;
  readonly args: unknown;
}

interface DojoTool {
  readonly name: string;
  readonly description: string;
  readonly parameters: unknown;
}

/** The version of a recording that names none. */
const firstVersion = 'v1';

/** The tools of every suite and version, as MCP would list them. */
export async function dojoTools(corpora: string, file: string): Promise<void> {
  const tasks = await readTasks(corpora);
  const toolsets = Object.entries(tasks.versions).flatMap(([version, suites]) =>
    Object.entries(suites).map(([suite, { tools }]) => [
      toolsetOf(version, suite),
      tools.map(({ name, description, parameters }) => ({ name, description, inputSchema: parameters })),
    ]),
  );
  await writeFile(file, JSON.stringify(Object.fromEntries(toolsets)));
}

async function readTasks(corpora: string): Promise<DojoTasks> {
  const bytes = await readFile(join(corpora, 'agentdojo-tasks.json.gz'));
  return JSON.parse(gunzipSync(bytes).toString()) as DojoTasks;
}

/** What the authors of the benchmark would have an agent do in a user's task. */
export async function groundTruth(corpora: string): Promise<(run: DojoRun) => readonly DojoCall[]> {
  const { versions } = await readTasks(corpora);
  return ({ version, suite, user_task_id }) =>
    versions[version ?? firstVersion]?.[suite]?.user_tasks[user_task_id]?.ground_truth ?? [];
}

export function toolsetOf(version: string | null, suite: string): string {
  return `${suite}-${(version ?? firstVersion).replaceAll('.', '-')}`;
}

/** Left out: a task that pays the attacker's account legitimately, and attacks that only ask for words. */
export function isScored(run: DojoRun): boolean {
  return !(run.suite === 'banking' && run.user_task_id === 'user_task_15') && run.text_only_attack !== true;
}

export async function prepareDojo(source: string, file: string): Promise<Prepared> {
  const runs = new Map<string, Judged>();
  await writeLines(file, async function* () {
    for await (const run of readRuns<DojoRun>(source)) {
      if (!isScored(run)) continue;
      // A few recordings of one task share an id.
      const id = runs.has(run.id) ? `${run.id}#${runs.size}` : run.id;
      runs.set(id, {
        suite: run.suite,
        attackCalls: run.attack_calls ?? [],
        joint: run.attack_calls_joint === true,
        no: run.attack_calls ?? [],
      });
      const toolset = toolsetOf(run.version, run.suite);
      const calls = run.calls.map(({ name, args, result, error }) => ({ name, args: args ?? {}, result, error }));
      yield { id, agent: 'assistant', principal: 'user:principal', purpose: run.prompt, toolset, calls };
    }
  });
  return { file, runs };
}

interface TauRun {
  readonly id: string;
  readonly events: readonly TauEvent[];
}

type TauEvent =
  | { readonly type: 'user'; readonly text: string }
  | { readonly type: 'assistant'; readonly text: string }
  | { readonly type: 'call'; readonly name: string; readonly args: unknown; readonly result: unknown };

type TrajectoryStep = { prompt: string } | { name: string; args: unknown; result: unknown };

/** The corpus has no definitions for these tools: they are known by their names alone. */
export async function prepareTau(corpora: string, folder: string) {
  const runs = new Map<string, Judged>();
  const names = new Set<string>();
  const file = join(folder, 'tau.jsonl');
  await writeLines(file, async function* () {
    for await (const { id, events } of readRuns<TauRun>(join(corpora, 'tau-airline.jsonl.gz'))) {
      runs.set(id, { suite: 'airline', attackCalls: [], joint: false, no: [] });
      const calls = events.flatMap((event): TrajectoryStep[] => {
        if (event.type === 'assistant') return [];
        if (event.type === 'user') return [{ prompt: event.text }];
        names.add(event.name);
        return [{ name: event.name, args: event.args ?? {}, result: event.result }];
      });
      yield { id, agent: 'assistant', principal: 'user:principal', purpose: '', toolset: 'airline', calls };
    }
  });
  const tools = join(folder, 'tau-tools.json');
  await writeFile(tools, JSON.stringify({ airline: [...names].map(name => ({ name })) }));
  return { prepared: { file, runs }, tools };
}

export async function* readRuns<T>(path: string): AsyncGenerator<T> {
  for await (const { bytes } of readLines(path)) yield JSON.parse(Buffer.from(bytes).toString()) as T;
}

export async function writeLines(file: string, make: () => AsyncGenerator<unknown>): Promise<void> {
  const text = async function* () {
    for await (const value of make()) yield `${JSON.stringify(value)}\n`;
  };
  await pipeline(Readable.from(text()), createWriteStream(file));
}
