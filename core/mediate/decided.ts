import type { Step } from '../behaviour/step.ts';
import type { Action } from '../model/action.ts';
import type { Agent } from '../model/agent.ts';
import type { Call, Door } from '../model/call.ts';
import type { Decision, Mode, Verdict } from '../model/decision.ts';
import type { Bodies, Decided, PutBackValue } from '../model/entry.ts';
import type { ApprovalId, DecisionId } from '../model/ids.ts';
import { type Label, type LabelSource, labelsIn } from '../model/label.ts';
import type { Risk } from '../model/risk.ts';
import type { Task } from '../model/task.ts';
import { labellingOf } from '../model/tool.ts';
import type { PolicyRequest } from '../policy/engine.ts';
import { labelsOf } from '../provenance/label.ts';
import type { Looked } from '../provenance/memories.ts';
import type { HiddenFrom } from './keep-back.ts';
import { askedText, type PutBack } from './put-back.ts';
import type { SentRedacted } from './redact.ts';
import { segmentOf } from './segment.ts';

/** An action with its decision and its verdict: all that the rest of the line needs to know. */
export interface Judged {
  readonly id: DecisionId;
  readonly agent: Agent;
  readonly task: Task;
  readonly action: Action;
  /** Values in it that the agent has not seen. */
  readonly putBack: readonly PutBack[];
  /** What has to be kept back of its result. */
  readonly hidden: HiddenFrom | undefined;
  readonly looked: Looked;
  /** What exactly it reads or writes, if the catalogue says so, and how what others wrote there is marked. */
  readonly resource: string | undefined;
  readonly held: readonly LabelSource[];
  readonly request: PolicyRequest;
  readonly step: Step;
  readonly risk: Risk;
  /** What policies were told beyond it. */
  readonly told: Readonly<Record<string, unknown>>;
  readonly decision: Decision;
  readonly verdict: Verdict;
  /** Where an obligation had something taken out of its arguments. */
  readonly sent?: SentRedacted | undefined;
  readonly mode: Mode;
  readonly world: string;
  readonly approval: ApprovalId | undefined;
  /** Set aside of the task's money, hundredths. */
  readonly spendCents: number;
  readonly tookMicros: number;
  readonly door: Door;
}

/** A literal in its place would be an object anew each time. */
const nothing = {} as const;

/** `asked`: the call as the agent sent it, where that is not what is decided on. */
export function decidedEntry(
  judged: Judged,
  call: Call,
  asked: Call = call,
): { readonly draft: Decided; readonly bodies: Bodies } {
  const { action, agent, task, decision, step, risk } = judged;
  const segment = segmentOf(action);
  const own = labelsOf(action.tool);
  const labels = judged.held.length === 0 ? own : [...new Set([...own, ...labelsIn(judged.held)])];
  const yields = labels.filter(isStated);
  const draft: Decided = {
    kind: 'decided',
    id: judged.id,
    task: task.id,
    agent: agent.id,
    principal: task.principal,
    world: judged.world,
    door: judged.door,
    action: {
      method: action.method,
      server: action.server,
      tool: action.tool.name,
      pin: action.tool.pin,
      classes: action.tool.classes,
      digest: action.digest,
      bytes: call.bytes,
      ...(segment === undefined ? nothing : { segment }),
      ...(judged.resource === undefined ? nothing : { resource: judged.resource }),
      ...(labellingOf(action.tool).stores ? nothing : { leaves: false }),
      ...(yields.length === 0 ? nothing : { yields }),
      ...(judged.spendCents === 0 ? nothing : { spendCents: judged.spendCents }),
    },
    mode: judged.mode,
    answer: decision.answer,
    verdict: judged.verdict.kind,
    reasons: decision.reasons,
    labels: task.sources,
    ...(judged.approval === undefined ? nothing : { approval: judged.approval }),
    ...(step.destinations.length === 0 ? nothing : { destinations: step.destinations }),
    ...(step.outside ? { outside: true } : nothing),
    ...(risk.signals.length === 0 ? nothing : { risk }),
    ...(judged.sent === undefined ? nothing : { redacted: sentOf(judged.sent) }),
    ...('awaits' in judged.verdict ? { awaits: judged.verdict.awaits } : nothing),
    ...(judged.putBack.length === 0 ? nothing : { putBack: judged.putBack.map(shownPutBack) }),
    tookMicros: judged.tookMicros,
  };
  return { draft, bodies: { ...kept(judged, asked), request: requestBody(judged) } };
}

/** What a crash must not lose: the rest is what every result has of which nothing is known. */
function isStated(label: Label): boolean {
  return label !== 'untrusted' && label !== 'org' && label !== 'unlabelled';
}

function sentOf({ action, found }: SentRedacted): NonNullable<Decided['redacted']> {
  return { digest: action.digest, found };
}

/** A call that is refused costs its task nothing, so what is kept of it is bounded: the disk must not be anybody's to fill. */
export const refusedBodyCharsMax = 8 * 1024;

function kept({ action, verdict, sent, putBack }: Judged, asked: Call): Bodies {
  const isTooLong = verdict.kind === 'refuse' && action.params.length > refusedBodyCharsMax;
  if (isTooLong) return {};
  return {
    arguments: action.params,
    ...(sent === undefined ? nothing : { sent: sent.action.params }),
    ...(putBack.length === 0 ? nothing : { withHandles: askedText(asked) }),
  };
}

function shownPutBack({ argument, entry, path }: PutBack): PutBackValue {
  return { argument, entry, path };
}

/** The policy request without what stands elsewhere in the entry: enough to decide it again in the same world. */
function requestBody({ request: { agent, actors, task, flow, env, risk }, told }: Judged): string {
  return JSON.stringify({ agent, ...(actors === undefined ? nothing : { actors }), task, flow, env, risk, ...told });
}
