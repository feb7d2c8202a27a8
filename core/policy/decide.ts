import type { Actor } from '../model/agent.ts';
import type { ApprovalTerms, Decision, Obligation, Reason } from '../model/decision.ts';
import type { ActionClass, Tool } from '../model/tool.ts';
import type { Evaluation, PolicyEngine, PolicyInfo, PolicyRequest } from './engine.ts';

/** A decision, and whether it needed the approval that was offered. */
export interface Decided {
  readonly decision: Decision;
  readonly usedApproval: boolean;
}

export const approvalSecondsDefault = 600;
export const approvalSecondsMax = 86_400;

/**
 * Three answers from a two-valued engine (design §4). Pure: no I/O, no clock, no randomness; never throws.
 *
 * Without approval first: what is allowed then needs nobody. Otherwise once more with approval: what that allows is
 * `ask`, or `permit` where a recorded yes for exactly this action is at hand. Any evaluation error is a deny, because
 * Cedar skips a policy that errors and a skipped `forbid` would allow.
 */
export function decide(request: PolicyRequest, approvalAtHand: boolean, engine: PolicyEngine): Decided {
  if (request.tool.status.kind === 'quarantined') return unapproved(quarantined);
  try {
    const own = decideFor(request, approvalAtHand, engine);
    const bounding = (decided: Decided, actor: Actor): Decided =>
      decided.decision.answer === 'deny' ? decided : bounded(decided, actor, request, approvalAtHand, engine);
    return unseen(distinct(request.actors ?? []).reduce(bounding, own), request, approvalAtHand);
  } catch {
    return unapproved(
      denied([rule('policy-error', 'the policy engine failed', 'an operator can look at the decision')], true),
    );
  }
}

function decideFor(request: PolicyRequest, approvalAtHand: boolean, engine: PolicyEngine): Decided {
  const without = engine.evaluate(request, false);
  if (without.errors.length > 0) return unapproved(faulty(without));
  if (without.allowed) return unapproved(permit(without, engine));
  if (without.approvalMatters === false) return unapproved(deny(without, engine));
  const withYes = engine.evaluate(request, true);
  if (withYes.errors.length > 0) return unapproved(faulty(withYes));
  if (!withYes.allowed) return unapproved(deny(withYes, engine));
  if (approvalAtHand) return { decision: permit(withYes, engine), usedApproval: true };
  return unapproved(ask(without, withYes, request, engine));
}

/** Whoever stands in a chain more than once is asked about once. */
function distinct(actors: readonly Actor[]): readonly Actor[] {
  if (actors.length < 2) return actors;
  return [...new Map(actors.map(actor => [`${actor.id} ${actor.asks === true}`, actor])).values()];
}

/**
 * What is forbidden to whoever delegated stays forbidden (RFC 8693 §4.1: of a chain only the outermost actor counts for
 * access; here the inner ones can forbid as well): the action is decided as if this actor did it. That nothing permits it is no
 * forbid, for who hands on a part of a task need not be able to do it. Who only asks another agent has to be: of both
 * authorities the lesser counts. What a person's yes would make of it asks for that yes.
 */
function bounded(
  decided: Decided,
  actor: Actor,
  asked: PolicyRequest,
  approvalAtHand: boolean,
  engine: PolicyEngine,
): Decided {
  const request = { ...asked, agent: actor };
  const stops = (evaluation: Evaluation): boolean => (actor.asks === true ? !evaluation.allowed : forbids(evaluation));
  const without = engine.evaluate(request, false);
  if (without.errors.length > 0) return unapproved(faulty(without));
  if (!stops(without)) return decided;
  const withYes = engine.evaluate(request, true);
  if (withYes.errors.length > 0) return unapproved(faulty(withYes));
  if (stops(withYes)) return unapproved(withYes.determining.length === 0 ? askedForMore : deny(withYes, engine));
  if (approvalAtHand) return { ...decided, usedApproval: true };
  const infos = infosOf(without.determining, engine);
  const before = decided.decision.answer === 'ask' ? decided.decision : undefined;
  return unapproved({
    answer: 'ask',
    reasons: [...(infos.length === 0 ? askedForMore.reasons : infos.map(reasonOf)), ...(before?.reasons ?? [])],
    approval: bothTerms(termsOf(infos), before?.approval),
  });
}

/** One question for both: every named approver may answer, as many people as the stricter wants, within the shorter time. */
function bothTerms(one: ApprovalTerms, other: ApprovalTerms | undefined): ApprovalTerms {
  const all = other === undefined ? [one] : [one, other];
  const people = Math.max(...all.map(terms => terms.people ?? 1));
  const escalation = soonest(all.flatMap(terms => terms.escalation ?? []));
  return {
    approvers: [...new Set(all.flatMap(terms => terms.approvers))],
    expiresSeconds: Math.min(...all.map(terms => terms.expiresSeconds)),
    ...(people === 1 ? {} : { people }),
    ...(escalation === undefined ? {} : { escalation }),
  };
}

const decidingRoles: ReadonlySet<string> = new Set(['destination', 'command', 'egress', 'code']);

/**
 * A value that the agent has not seen goes nowhere outside, and is not run, before a person has seen it: whatever policies
 * say, for they were written for values that somebody chose.
 */
function unseen(decided: Decided, { flow: { handles } }: PolicyRequest, approvalAtHand: boolean): Decided {
  const { decision, usedApproval } = decided;
  if (decision.answer !== 'permit' || usedApproval || !handles.some(role => decidingRoles.has(role))) return decided;
  if (approvalAtHand) return { decision, usedApproval: true };
  return unapproved({ answer: 'ask', reasons: [unseenDecides], approval: termsOf([]) });
}

const unseenDecides: Reason = rule(
  'unseen-value-decides',
  'a value that was kept from the agent would say where this goes, or be run',
  'use a value that your principal gave, or ask for a yes',
);

const askedForMore: Decision = denied(
  [
    rule(
      'asked-by-less',
      'the agent that asked for this may not do it itself',
      'do it without that agent, or not at all',
    ),
  ],
  false,
);

/** Where a permit is missing, no policy determined the answer. */
function forbids({ allowed, determining }: Evaluation): boolean {
  return !allowed && determining.length > 0;
}

function unapproved(decision: Decision): Decided {
  return { decision, usedApproval: false };
}

function permit(evaluation: Evaluation, engine: PolicyEngine): Decision {
  const infos = infosOf(evaluation.determining, engine);
  return { answer: 'permit', reasons: infos.map(reasonOf), obligations: infos.flatMap(obligationsOf) };
}

function deny(evaluation: Evaluation, engine: PolicyEngine): Decision {
  if (evaluation.determining.length === 0) return denied([rule('default-deny', 'no policy permits this')], false);
  const infos = infosOf(evaluation.determining, engine);
  const suspending = infos.find(({ annotations }) => annotations.task === 'suspend');
  return {
    ...{ answer: 'deny', reasons: infos.map(reasonOf), fault: false },
    ...(suspending === undefined ? {} : { suspendedBy: suspending.id }),
  };
}

/**
 * Forbids that decided without approval and permits that decided with it: together they say whom to ask. The forbids
 * come first, they are what stands in the way.
 */
function ask(without: Evaluation, withYes: Evaluation, { tool }: PolicyRequest, engine: PolicyEngine): Decision {
  const allowing = withYes.determining.filter(id => !without.determining.includes(id));
  const infos = [...infosOf(without.determining, engine), ...infosOf(allowing, engine)];
  const terms = termsOf(infos);
  const approval = clientMayAnswer(infos, terms, tool) ? { ...terms, answer: 'client' as const } : terms;
  return { answer: 'ask', reasons: infos.map(reasonOf), approval };
}

/** Why exactly is for the operator: it quotes the definition that nobody accepted, and the agent must not read that. */
const quarantined = denied(
  [
    rule(
      'quarantined',
      'its definition has not been accepted',
      'an operator can look at the change with `sallyport tools diff`',
    ),
  ],
  false,
);

function faulty({ errors }: Evaluation): Decision {
  const question = errors.find(error => error.policy === '');
  if (question !== undefined) return denied([rule('policy-error', question.message)], true);
  const policies = errors.map(error => error.policy).join(', ');
  return denied([rule('policy-error', `policy ${policies} could not be evaluated`)], true);
}

function denied(reasons: readonly Reason[], fault: boolean): Decision {
  return { answer: 'deny', reasons, fault };
}

function rule(name: string, text: string, fix?: string): Reason {
  return { rule: name, text, fix };
}

function infosOf(ids: readonly string[], engine: PolicyEngine): PolicyInfo[] {
  return [...ids].sort().map(id => engine.policy(id) ?? { id, effect: 'permit', file: '', line: 0, annotations: {} });
}

function reasonOf(info: PolicyInfo): Reason {
  const { reason, fix } = info.annotations;
  return { rule: info.id, text: reason ?? `policy ${info.id} decided`, fix };
}

function obligationsOf(info: PolicyInfo): Obligation[] {
  const text = info.annotations.obligation;
  return text === undefined ? [] : obligationsIn(text);
}

/** `result-bytes-max=65536`, several separated by commas. */
export function obligationsIn(text: string): Obligation[] {
  return text.split(',').map(part => {
    const [name = '', value = ''] = part.split('=', 2).map(word => word.trim());
    return { name, value };
  });
}

/** Every named approver may answer; of several time limits the shortest holds. */
function termsOf(infos: readonly PolicyInfo[]): ApprovalTerms {
  const approvers = [...new Set(infos.flatMap(info => namesIn(info.annotations.approver)))];
  const seconds = infos.map(info => durationSeconds(info.annotations.expires)).filter(value => value !== undefined);
  const people = Math.max(1, ...infos.map(info => peopleIn(info.annotations.people) ?? 1));
  const escalation = soonest(infos.flatMap(info => escalationIn(info.annotations.escalate) ?? []));
  return {
    approvers: approvers.length > 0 ? approvers : ['operator'],
    expiresSeconds: Math.min(approvalSecondsMax, ...(seconds.length > 0 ? seconds : [approvalSecondsDefault])),
    ...(people === 1 ? {} : { people }),
    ...(escalation === undefined ? {} : { escalation }),
  };
}

/** Actions of these kinds are nobody's to wave through at the agent's own client, whatever a rule says. */
const neverByClient: ReadonlySet<ActionClass> = new Set(['money', 'destructive', 'code', 'admin']);

/** Only where every rule that asks says so: one that does not was written for somebody independent of the agent. */
function clientMayAnswer(infos: readonly PolicyInfo[], { people = 1 }: ApprovalTerms, { classes }: Tool): boolean {
  if (people > 1 || classes.some(name => neverByClient.has(name))) return false;
  return infos.filter(({ asks = true }) => asks).every(({ annotations }) => annotations.answer === 'client');
}

export const peopleMax = 5;

/** `2`; undefined for anything that is no small number. */
export function peopleIn(text: string | undefined): number | undefined {
  const count = /^[1-9]$/.test(text ?? '') ? Number(text) : undefined;
  return count !== undefined && count <= peopleMax ? count : undefined;
}

type Escalation = NonNullable<ApprovalTerms['escalation']>;

/** `5m: security, operator`; undefined for anything else. */
export function escalationIn(text: string | undefined): Escalation | undefined {
  const [after = '', names = ''] = text?.split(/:(.*)/s, 2) ?? [];
  const afterSeconds = durationSeconds(after.trim());
  const approvers = namesIn(names);
  return afterSeconds === undefined || approvers.length === 0 ? undefined : { afterSeconds, approvers };
}

/** Of several the shortest wait, with everybody whom one of them names. */
function soonest(all: readonly Escalation[]): Escalation | undefined {
  if (all.length === 0) return undefined;
  return {
    afterSeconds: Math.min(...all.map(({ afterSeconds }) => afterSeconds)),
    approvers: [...new Set(all.flatMap(({ approvers }) => approvers))],
  };
}

function namesIn(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '');
}

/** `90s`, `10m`, `2h`; undefined for anything else (the policy check refuses those at load). */
export function durationSeconds(text: string | undefined): number | undefined {
  const match = /^([1-9][0-9]{0,5})([smh])$/.exec(text ?? '');
  if (match === null) return undefined;
  return Number(match[1]) * { s: 1, m: 60, h: 3600 }[match[2] as 's' | 'm' | 'h'];
}
