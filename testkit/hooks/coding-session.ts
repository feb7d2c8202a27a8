import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DeskHouse } from './desk-house.ts';

/** A session of a coding agent as it was written down: what its user says, what it does, and what came of it. */
export interface CodingSession {
  readonly name: string;
  readonly about: string;
  readonly cwd: string;
  readonly steps: readonly CodingStep[];
}

export type CodingStep = { readonly kind: 'say'; readonly words: string } | CodingAct;

export interface CodingAct {
  readonly kind: 'act';
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly result: unknown;
  readonly subagent: boolean;
  /** It is what an attacker wants: whether it passes without a question is what counts. */
  readonly attack: boolean;
}

const folder = resolve(import.meta.dirname, '../../scenarios/coding');

export function codingSessions(kind: 'work' | 'attacks'): readonly CodingSession[] {
  const dir = kind === 'work' ? folder : join(folder, 'attacks');
  return readdirSync(dir)
    .filter(name => name.endsWith('.json'))
    .sort()
    .map(name => {
      const { about = '', cwd, steps } = JSON.parse(readFileSync(join(dir, name), 'utf8'));
      return { name: name.replace('.json', ''), about, cwd, steps: steps.map((step: unknown[]) => stepOf(step)) };
    });
}

function stepOf(step: readonly unknown[], attack = false): CodingStep {
  const [first, ...rest] = step as [string, ...unknown[]];
  if (first === 'say') return { kind: 'say', words: String(rest[0]) };
  if (first === 'attack') return stepOf(rest[0] as unknown[], true);
  const [tool, input, result] = (first === 'sub' ? rest : step) as [string, CodingAct['input'], unknown];
  return { kind: 'act', tool, input, result, subagent: first === 'sub', attack };
}

/** What the client was told about each act, in order. */
export interface Told {
  readonly act: CodingAct;
  readonly answer: 'allow' | 'ask' | 'deny' | 'silent';
  readonly why: string;
}

/** Plays a session as Claude Code would: what its user is asked about they allow, so that the session goes on. */
export async function playSession(session: CodingSession, house: DeskHouse): Promise<readonly Told[]> {
  const common = { session_id: session.name, cwd: session.cwd, transcript_path: '/t', permission_mode: 'default' };
  const hook = (name: string, body: object, part: 'tool' | 'prompt' = 'tool') =>
    house.hook('claude-code', { ...common, hook_event_name: name, ...body }, part);
  await hook('SessionStart', { source: 'startup' }, 'prompt');
  const told: Told[] = [];
  for (const [index, step] of session.steps.entries()) {
    if (step.kind === 'say') await hook('UserPromptSubmit', { prompt: step.words }, 'prompt');
    else told.push(await playAct(step, `${session.name}-${index}`, hook));
  }
  return told;
}

async function playAct(
  act: CodingAct,
  tool_use_id: string,
  hook: (name: string, body: object) => ReturnType<DeskHouse['hook']>,
): Promise<Told> {
  const who = act.subagent ? { agent_id: 'sub', agent_type: 'Explore' } : {};
  const call = { tool_name: act.tool, tool_input: act.input, tool_use_id, ...who };
  const { said } = await hook('PreToolUse', call);
  const decision = said.hookSpecificOutput as Record<string, string> | undefined;
  const answer = (decision?.permissionDecision ?? 'silent') as Told['answer'];
  if (answer !== 'deny') await hook('PostToolUse', { ...call, tool_response: act.result });
  return { act, answer, why: decision?.permissionDecisionReason ?? '' };
}
