import type { Step } from '../behaviour/step.ts';
import type { Action } from '../model/action.ts';
import type { Agent } from '../model/agent.ts';
import type { Call, Door } from '../model/call.ts';
import type { Decision, Mode, Verdict } from '../model/decision.ts';
import type { Bodies, Decided, PutBackValue } from '../model/entry.ts';
import type { ApprovalId, DecisionId } from '../model/ids.ts';
import { type Label, type LabelSource, withLabelsOf } from '../model/label.ts';
import type { Risk } from '../model/risk.ts';
import type { Task } from '../model/task.ts';
import { labellingOf } from '../model/tool.ts';
import type { PolicyRequest } from '../policy/engine.ts';
import { labelsOf } from '../provenance/labels/label.ts';
import type { Looked } from '../provenance/memories.ts';
import { coinedMax } from '../task/approval.ts';
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

/** What is put together step by step: one shape for nearly all of them, without what is absent. */
export type Growing<T> = { -readonly [name in keyof T]: T[name] };

/** `asked`: the call as the agent sent it, where that is not what is decided on. */
export function decidedEntry(
  judged: Judged,
  call: Call,
  asked: Call = call,
): { readonly draft: Decided; readonly bodies: Bodies } {
  const { agent, task, decision, looked, step, risk, putBack, verdict } = judged;
  const draft: Growing<Decided> = {
    kind: 'decided',
    id: judged.id,
    task: task.id,
    agent: agent.id,
    principal: task.principal,
    world: judged.world,
    door: judged.door,
    action: actionOf(judged, call),
    mode: judged.mode,
    answer: decision.answer,
    verdict: verdict.kind,
    reasons: decision.reasons,
    labels: task.sources,
    tookMicros: judged.tookMicros,
  };
  if (judged.approval !== undefined) draft.approval = judged.approval;
  if (step.destinations.length > 0) draft.destinations = step.destinations;
  if (step.outside) draft.outside = true;
  if (risk.signals.length > 0) draft.risk = risk;
  if (judged.sent !== undefined) draft.redacted = sentOf(judged.sent);
  if ('awaits' in verdict) {
    draft.awaits = verdict.awaits;
    if (looked.coined.length > 0) draft.coined = looked.coined.slice(0, coinedMax);
  }
  if (putBack.length > 0) draft.putBack = putBack.map(shownPutBack);
  return { draft, bodies: bodiesOf(judged, asked) };
}

function actionOf({ action, resource, held, spendCents }: Judged, { bytes }: Call): Decided['action'] {
  const { method, server, tool, digest } = action;
  const { name, pin, classes } = tool;
  const shown: Growing<Decided['action']> = { method, server, tool: name, pin, classes, digest, bytes };
  const segment = segmentOf(action);
  if (segment !== undefined) shown.segment = segment;
  if (resource !== undefined) shown.resource = resource;
  if (!labellingOf(tool).stores) shown.leaves = false;
  const yields = withLabelsOf(labelsOf(tool), held).filter(isStated);
  if (yields.length > 0) shown.yields = held.length === 0 ? yields : [...new Set(yields)];
  if (spendCents !== 0) shown.spendCents = spendCents;
  return shown;
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

function bodiesOf(judged: Judged, asked: Call): Bodies {
  const { action, verdict, sent, putBack } = judged;
  const request = requestBody(judged);
  const isTooLong = verdict.kind === 'refuse' && action.params.length > refusedBodyCharsMax;
  if (isTooLong) return { request };
  if (sent === undefined && putBack.length === 0) return { arguments: action.params, request };
  return {
    arguments: action.params,
    ...(sent === undefined ? {} : { sent: sent.action.params }),
    ...(putBack.length === 0 ? {} : { withHandles: askedText(asked) }),
    request,
  };
}

function shownPutBack({ argument, entry, path }: PutBack): PutBackValue {
  return { argument, entry, path };
}

/** The policy request without what stands elsewhere in the entry: enough to decide it again in the same world. */
function requestBody({ request: { agent, actors, task, flow, env, risk }, told }: Judged): string {
  const who = actors === undefined ? '' : `,"actors":${JSON.stringify(actors)}`;
  const more = toldText(told);
  const others = more === '{}' ? '' : `,${more.slice(1, -1)}`;
  return `{"agent":${agentText(agent)}${who},${JSON.stringify({ task, flow, env, risk }).slice(1, -1)}${others}}`;
}

/** Most calls are by the agent of the call before, and policies are told the same of them: the very same values. */
const agentText = newestText();
const toldText = newestText();

/** JSON text of values that never change, made anew only for another one than the last. */
function newestText(): (value: object) => string {
  let newest: object = {};
  let text = '{}';
  return value => {
    if (value === newest) return text;
    text = JSON.stringify(value);
    newest = value;
    return text;
  };
}
