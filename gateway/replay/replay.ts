import { readFile } from 'node:fs/promises';
import type { ServerTerms } from '@sallyport/core/catalogue/build.ts';
import type { World } from '@sallyport/core/mediate/ports.ts';
import type { Agent } from '@sallyport/core/model/agent.ts';
import type { Answer } from '@sallyport/core/model/decision.ts';
import { nearest } from '@sallyport/core/model/nearest.ts';
import type { Catalogue } from '@sallyport/core/model/tool.ts';
import type { PolicyEngine } from '@sallyport/core/policy/engine.ts';
import type { ModeTable } from '@sallyport/core/policy/mode.ts';
import { wallClockOf } from '@sallyport/core/policy/wall-clock.ts';
import { engineFromFolder } from './engine.ts';
import { ReplayFault, whyUnread } from './fault.ts';
import { sha256 } from './ledger.ts';
import { type RecordedLine, type ReplayLineFault, recordedLines } from './recorded-lines.ts';
import { type Attentive, type OnAsk, type RehearsedCall, rehearse, type Stage } from './rehearse.ts';
import { readToolsets, type Toolset, type Toolsets } from './toolsets.ts';
import { parseTrajectory, type Trajectory } from './trajectory.ts';

export interface ReplayOptions {
  /** Folder of `*.cedar` files. */
  readonly policies: string;
  /** TOOLS.json: toolset name → tools as in MCP `tools/list`. */
  readonly tools: string;
  /** Trajectories, one JSON object a line; gzip is recognised. */
  readonly files: readonly string[];
  /** One answer to every question, or an answer to each. */
  readonly onAsk: OnAsk | Attentive;
  /** Decide as in an agent's ambient task: the principal's words are left out. */
  readonly ambient?: boolean;
  readonly configured?: Configured;
  /** Milliseconds since the epoch that `context.env.now` shows; default: now. */
  readonly now?: number;
}

/**
 * What a gateway's configuration says beside what its tools are, whose segments and labels stand in their catalogue. Plain values: a
 * thread is given them as they are.
 */
export interface Configured {
  /** By id. Any other is an agent of no class. */
  readonly agents: ReadonlyMap<string, Agent>;
  readonly modes: ModeTable;
  readonly timeZone?: string;
}

/** What comes out for one line of input. Either kind of fault makes the exit status 1. */
export type ReplayLine = ReplayedTrajectory | ReplayLineFault;

export interface ReplayedTrajectory {
  readonly kind: 'trajectory';
  readonly id: string;
  readonly calls: readonly RehearsedCall[];
  readonly summary: Readonly<Record<Answer, number>>;
  /** The toolset is not in TOOLS.json: every call was denied for it. */
  readonly fault?: ReplayLineFault;
}

/**
 * Decides recorded trajectories in order, as if each call arrived now. No network, nothing is performed,
 * one line in memory at a time. A line that cannot be used becomes a fault and the next one is read; only tools or
 * policies that cannot be used at all throw, a `ReplayFault`.
 */
export function replay(options: ReplayOptions): AsyncGenerator<ReplayLine> {
  const agents = agentsIn(options.configured);
  return replayWith(options, catalogue => engineFromFolder(options.policies, catalogue, agents));
}

export function agentsIn(configured: Configured | undefined): readonly Agent[] | undefined {
  return configured === undefined ? undefined : [...configured.agents.values()];
}

/** The same with an engine of the caller's own, made for the catalogue of the tools. */
export async function* replayWith(
  options: Omit<ReplayOptions, 'policies'>,
  engineFor: MakeEngine,
): AsyncGenerator<ReplayLine> {
  const decide = await deciderOf({ ...options, toolsets: await readToolsFile(options.tools) }, engineFor);
  for await (const line of recordedLines(options.files)) yield await decide(line);
}

export type MakeEngine = (catalogue: Catalogue) => Promise<PolicyEngine>;

export type DeciderOptions = Omit<ReplayOptions, 'policies' | 'tools' | 'files'> & { readonly toolsets: Toolsets };

/** Decides one line after the other. What cannot be used becomes a fault; only tools or policies that cannot be used at all throw. */
export type Decider = (line: RecordedLine | ReplayLineFault) => Promise<ReplayLine>;

export async function deciderOf(options: DeciderOptions, engineFor: MakeEngine): Promise<Decider> {
  const { toolsets } = options;
  const stage = stageOf(options, toolsets, await engineFor(toolsets.catalogue));
  return async line => {
    if (line.kind === 'fault') return line;
    const { file, line: number, bytes } = line;
    const parsed = parseTrajectory(bytes);
    if (!parsed.ok) return { kind: 'fault', file, line: number, ...parsed.fault };
    return replayTrajectory(parsed.trajectory, { file, line: number }, toolsets, stage);
  };
}

/** The toolsets of TOOLS.json, with what an operator says of them. */
export async function readToolsFile(path: string, terms?: readonly ServerTerms[]): Promise<Toolsets> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (thrown) {
    throw new ReplayFault(`${path} could not be read: ${whyUnread(thrown)}`);
  }
  return readToolsets(bytes, path, sha256, terms);
}

async function replayTrajectory(
  trajectory: Trajectory,
  place: { readonly file: string; readonly line: number },
  toolsets: Toolsets,
  stage: Stage,
): Promise<ReplayedTrajectory> {
  const toolsetOf = (name = trajectory.toolset): Toolset =>
    toolsets.byName.get(name) ?? missingToolset(unknownToolset(name, toolsets));
  const calls = await rehearse(trajectory, toolsetOf, stage);
  const why = toolsetOf().missing;
  const summary = { permit: 0, ask: 0, deny: 0 };
  for (const { decision } of calls) summary[decision]++;
  const replayed: ReplayedTrajectory = { kind: 'trajectory', id: trajectory.id, calls, summary };
  return why === undefined ? replayed : { ...replayed, fault: { kind: 'fault', ...place, field: 'toolset', why } };
}

/** No server has this id, so the line finds no tool of it. */
function missingToolset(why: string): Toolset {
  return { server: '', refused: new Map(), missing: why };
}

function unknownToolset(name: string, { byName }: Toolsets): string {
  const meant = nearest(name, byName.keys());
  const hint =
    meant === undefined ? `known: ${[...byName.keys()].slice(0, 8).join(', ') || 'none'}` : `did you mean "${meant}"?`;
  return `there is no toolset ${JSON.stringify(name)} (${hint})`;
}

function stageOf(options: DeciderOptions, toolsets: Toolsets, engine: PolicyEngine): Stage {
  const { onAsk, configured } = options;
  const world: World = {
    digest: 'replay',
    engine,
    catalogue: toolsets.catalogue,
    modes: configured?.modes ?? { fallback: 'enforce', scopes: new Map() },
  };
  return {
    world,
    now: options.now ?? Date.now(),
    onAsk: typeof onAsk === 'function' ? onAsk : () => onAsk,
    ambient: options.ambient ?? false,
    wallClock: wallClockOf(configured?.timeZone ?? 'UTC'),
    isPlaced: configured !== undefined,
    agentOf: (name, principal) => ({ ...(configured?.agents.get(name) ?? plainAgent(name)), principal }),
  };
}

function plainAgent(id: string): Agent {
  return {
    id,
    classes: [],
    team: undefined,
    owner: undefined,
    shared: false,
    vendor: false,
    proof: 'bearer',
    trust: 2,
    principal: '',
  };
}
