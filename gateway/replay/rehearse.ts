import type { World } from '@sallyport/core/mediate/ports.ts';
import type { Reply } from '@sallyport/core/mediate/reply.ts';
import type { Agent } from '@sallyport/core/model/agent.ts';
import type { Call } from '@sallyport/core/model/call.ts';
import type { Answer, Reason } from '@sallyport/core/model/decision.ts';
import type { Endorsement } from '@sallyport/core/model/endorsement.ts';
import type { Decided } from '@sallyport/core/model/entry.ts';
import { callJsonLimits, emptyObject, type JsonObject, normalText, parseJson } from '@sallyport/core/model/json.ts';
import type { Origin } from '@sallyport/core/model/label.ts';
import type { Refusal } from '@sallyport/core/model/refusal.ts';
import { findTool, type Tool } from '@sallyport/core/model/tool.ts';
import type { Way } from '@sallyport/core/model/way.ts';
import type { WallClock } from '@sallyport/core/policy/environment.ts';
import { originsByArgument } from '@sallyport/core/provenance/facts.ts';
import { ReplayLedger } from './ledger.ts';
import type { Toolset } from './toolsets.ts';
import type { CallStep, Trajectory } from './trajectory.ts';

/**
 * What a person would have answered wherever policy asks. `recorded`: yes to what a person had said yes to. `endorse`: yes, and to
 * whatever else follows from the sources of these values, up to the gravity of this call.
 */
export type OnAsk = 'approve' | 'endorse' | 'recorded' | 'refuse';

/** The same, question by question: a run's id and the call's place in its `calls`. */
export type Attentive = (run: string, index: number) => OnAsk;

export interface Stage {
  readonly world: World;
  readonly now: number;
  readonly onAsk: Attentive;
  /** What an agent's runs are without a token: no words of a principal, and nobody's opening. */
  readonly ambient: boolean;
  readonly wallClock?: WallClock | undefined;
  /** The tools lie in the segments of a configuration. */
  readonly isPlaced?: boolean;
  /** What a person stands behind in the task that every run begins with. */
  readonly endorsements?: readonly Endorsement[];
  readonly agentOf: (name: string, principal: string) => Agent;
}

/** One recorded call, decided as if it arrived now. */
export interface RehearsedCall {
  /** Its place in the trajectory's `calls`. */
  readonly index: number;
  readonly tool: string;
  /** Policy's answer. A call that never became an action (unknown tool, unfit arguments) is a `deny`. */
  readonly decision: Answer;
  /** Whether it would have been performed. */
  readonly verdict: 'permit' | 'deny';
  /** `<rule or code>: <sentence>`, at least one. */
  readonly reasons: readonly string[];
  readonly origins: ReadonlyMap<string, Origin>;
}

/**
 * Takes a recorded run through the line, call by call. Whoever runs it is the opener of its task: the purpose counts
 * as the principal's words, and nothing is read yet. A recorded result stands for the upstream:
 * it enters the task only if its call was performed.
 *
 * A hand-over opens a task for the other agent. It inherits the labels, and its opener is `claimed`: its words come
 * from an agent, so they are nobody's purpose and no origin `prompt`.
 */
export async function rehearse(
  trajectory: Trajectory,
  toolsetOf: (name: string | undefined) => Toolset,
  stage: Stage,
): Promise<RehearsedCall[]> {
  const { id: run, agent, principal, manifest } = trajectory;
  const ambient = stage.ambient || trajectory.ambient;
  const ledger = new ReplayLedger(stage.world, stage.agentOf(agent, principal), {
    ...(ambient
      ? { purpose: '', kind: 'ambient' }
      : { purpose: trajectory.purpose, manifest, kind: 'opened', ...trajectory.opening }),
    now: stage.now,
    wallClock: stage.wallClock,
    isPlaced: stage.isPlaced ?? false,
    endorsements: stage.endorsements ?? [],
  });
  ledger.prove(trajectory.proof);
  const calls: RehearsedCall[] = [];
  for (const [index, step] of trajectory.steps.entries()) {
    if (step.kind === 'prompt') ledger.hear(ambient ? '' : step.words);
    else if (step.kind === 'handover') ledger.handOver(stage.agentOf(step.agent, principal), step.words);
    else {
      ledger.prove(step.proof);
      calls.push(await rehearseCall(index, step, { run, ledger, toolset: toolsetOf(step.toolset), stage }));
    }
  }
  return calls;
}

interface Scene {
  readonly run: string;
  readonly ledger: ReplayLedger;
  readonly toolset: Toolset;
  readonly stage: Stage;
}

async function rehearseCall(index: number, step: CallStep, scene: Scene): Promise<RehearsedCall> {
  const { run, ledger, toolset, stage } = scene;
  const tool = findTool(stage.world.catalogue, toolset.server, step.name) ?? unknownTool(toolset.server, step.name);
  const base = { index, tool: step.name };
  const text = normalText(step.args);
  const malformed = faultIn(text);
  if (malformed !== undefined) {
    const origins = originsOf(step.args, ledger.waysOf(tool, step.args));
    return { ...base, decision: 'deny', verdict: 'deny', reasons: [malformed], origins };
  }

  const call = callOf(step, text, toolset, stage.now);
  let taken = await ledger.take(call, step);
  const ways = taken.ways ?? ledger.waysOf(tool, step.args);
  const origins = originsOf(step.args, ways);
  const decided = ledger.decided;
  if (decided === undefined) return { ...base, ...neverDecided(taken.reply, step, toolset), origins };
  // Where nothing is enforced it was performed without a question.
  const asks = decided.answer === 'ask' && taken.performed === undefined;
  const answer = asks ? answerTo(step, stage.onAsk(run, index)) : 'refuse';
  if (answer === 'endorse') ledger.endorse(tool, ways);
  if (answer !== 'refuse') taken = await ledger.takeApproved(call, step);
  return { ...base, ...summed(decided, taken.performed !== undefined, taken.reply, stage.world), origins };
}

function answerTo({ approved }: CallStep, onAsk: OnAsk): OnAsk {
  if (onAsk !== 'recorded') return onAsk;
  return approved ? 'approve' : 'refuse';
}

function originsOf({ members }: JsonObject, ways: readonly Way[]): ReadonlyMap<string, Origin> {
  const unknown = [...members.keys()].map((name): [string, Origin] => [name, 'unknown']);
  return new Map([...unknown, ...(Object.entries(originsByArgument(ways)) as [string, Origin][])]);
}

/** A tool that is not in the toolset: what its arguments are for is judged by their names alone. */
function unknownTool(server: string, name: string): Tool {
  const definition = emptyObject;
  const status = { kind: 'pinned' } as const;
  return { server, name, definition, pin: '', status, classes: [], segment: server, trustedResult: false };
}

/** What strict parsing would have refused on the wire. Recorded arguments are held to it as well. */
function faultIn(text: string): string | undefined {
  const parsed = parseJson(text, callJsonLimits);
  if (parsed.ok) return undefined;
  const where = parsed.fault.path === '' ? 'arguments' : `arguments.${parsed.fault.path}`;
  return `malformed: ${where}: ${parsed.fault.message}`;
}

const neverAborted = new AbortController().signal;

function callOf(step: CallStep, text: string, toolset: Toolset, now: number): Call {
  return {
    door: 'replay',
    receivedAt: now,
    proof: { kind: 'none' },
    taskToken: undefined,
    method: 'tools/call',
    server: toolset.server,
    name: step.name,
    input: step.args,
    bytes: Buffer.byteLength(text),
    wantsProgress: false,
    signal: neverAborted,
    relay: () => {},
  };
}

type Outcome = Pick<RehearsedCall, 'decision' | 'verdict' | 'reasons'>;

function neverDecided(reply: Reply, step: CallStep, toolset: Toolset): Outcome {
  const refusal: Refusal =
    reply.kind === 'refusal' ? reply.refusal : { code: 'fault', what: step.name, why: 'no decision was recorded' };
  const why = (refusal.code === 'tool-unknown' ? whyUnknown(step, toolset) : undefined) ?? refusal.why;
  return { decision: 'deny', verdict: 'deny', reasons: [`${refusal.code}: ${refusal.what}: ${why}`] };
}

function whyUnknown(step: CallStep, toolset: Toolset): string | undefined {
  const unusable = toolset.refused.get(step.name);
  return unusable === undefined ? toolset.missing : `its definition cannot be used: ${unusable}`;
}

function summed(decided: Decided, performed: boolean, reply: Reply, world: World): Outcome {
  const reasons = standingInTheWay(decided, world).map(sentenceOf);
  if (
    reply.kind === 'refusal' &&
    !['denied', 'needs-approval', 'quarantined', 'policy-error'].includes(reply.refusal.code)
  )
    reasons.push(`${reply.refusal.code}: ${reply.refusal.why}`);
  return { decision: decided.answer, verdict: performed ? 'permit' : 'deny', reasons };
}

/** Of a question the record also has the permits that a yes would meet; what stood in the way are the others, where there are any. */
function standingInTheWay({ answer, reasons }: Decided, { engine }: World): readonly Reason[] {
  const against = reasons.filter(({ rule }) => engine.policy(rule)?.effect !== 'permit');
  return answer === 'ask' && against.length > 0 ? against : reasons;
}

function sentenceOf(reason: Reason): string {
  return `${reason.rule}: ${reason.text}`;
}
