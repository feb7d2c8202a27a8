import type { Actor } from '../model/agent.ts';
import type { ApprovalTerms, Decision, Reason } from '../model/decision.ts';
import type { Evaluation, PolicyEngine, PolicyInfo, PolicyRequest } from './engine.ts';
import { bothObligations, obligationsOf } from './obligation.ts';
import { clientMayAnswer, termsOf, termsOfAll } from './terms.ts';

/** A decision, and whether it needed the approval that was offered. */
export interface Decided {
  readonly decision: Decision;
  readonly usedApproval: boolean;
}

/**
 * Three answers from a two-valued engine. Pure: no I/O, no clock, no randomness; never throws.
 *
 * Without approval first: what is allowed then needs nobody. Otherwise once more with approval: what that allows is
 * `ask`, or `permit` where a recorded yes for exactly this action is at hand. Any evaluation error is a deny, because
 * Cedar skips a policy that errors and a skipped `forbid` would allow.
 */
export function decide(request: PolicyRequest, approvalAtHand: boolean, engine: PolicyEngine): Decided {
  if (request.tool.status.kind === 'quarantined') return unapproved(quarantined);
  try {
    let decided: Bounded = decideFor(request, approvalAtHand, engine);
    for (const actor of request.actors === undefined ? nobody : distinct(request.actors))
      if (decided.decision.answer !== 'deny') decided = bounded(decided, actor, request, approvalAtHand, engine);
    return unseen(asOneQuestion(decided), request, approvalAtHand);
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
  const withYes = engine.evaluate(request, true, without);
  if (withYes.errors.length > 0) return unapproved(faulty(withYes));
  if (!withYes.allowed) return unapproved(deny(withYes, engine));
  if (approvalAtHand) return { decision: permit(withYes, engine), usedApproval: true };
  return unapproved(ask(without, withYes, request, engine));
}

const nobody: readonly Actor[] = [];

/** With what each agent of the chain so far is asked for: they are put as one question. */
interface Bounded extends Decided {
  readonly questions?: readonly ApprovalTerms[];
}

function asOneQuestion({ decision, usedApproval, questions }: Bounded): Decided {
  if (decision.answer !== 'ask' || questions === undefined) return { decision, usedApproval };
  return { decision: { ...decision, approval: termsOfAll(questions) }, usedApproval };
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
 * authorities the lesser counts. What a person's yes would make of it asks for that yes, and what its permits demand is demanded.
 */
function bounded(
  decided: Bounded,
  actor: Actor,
  asked: PolicyRequest,
  approvalAtHand: boolean,
  engine: PolicyEngine,
): Bounded {
  const request = { ...asked, agent: actor };
  const stops = (evaluation: Evaluation): boolean => (actor.asks === true ? !evaluation.allowed : forbids(evaluation));
  const without = engine.evaluate(request, false);
  if (without.errors.length > 0) return unapproved(faulty(without));
  if (!stops(without)) return { ...decided, decision: demanding(decided.decision, without, engine) };
  const withYes = engine.evaluate(request, true, without);
  if (withYes.errors.length > 0) return unapproved(faulty(withYes));
  if (stops(withYes)) return unapproved(withYes.determining.length === 0 ? askedForMore : deny(withYes, engine));
  if (approvalAtHand) return { decision: demanding(decided.decision, withYes, engine), usedApproval: true };
  const infos = infosOf(without.determining, engine);
  const allowing = infosOf(allowedBy(withYes), engine);
  const before = decided.decision.answer === 'ask' ? decided.decision : undefined;
  const approval = termsOf([...infos, ...allowing]);
  return {
    ...unapproved({
      answer: 'ask',
      reasons: [...(infos.length === 0 ? askedForMore.reasons : infos.map(reasonOf)), ...(before?.reasons ?? [])],
      approval,
    }),
    questions: [...(decided.questions ?? (before === undefined ? [] : [before.approval])), approval],
  };
}

/**
 * With all that the permits of an actor demand; one whom nothing permits it demands nothing. The reasons stay those of who acts: they
 * are what a receipt holds against its policies.
 */
function demanding(decision: Decision, evaluation: Evaluation, engine: PolicyEngine): Decision {
  if (decision.answer !== 'permit') return decision;
  const infos = infosOf(allowedBy(evaluation), engine);
  return { ...decision, obligations: bothObligations(decision.obligations, obligationsOf(infos)) };
}

function allowedBy({ allowed, determining }: Evaluation): readonly string[] {
  return allowed ? determining : [];
}

const decidingRoles: ReadonlySet<string> = new Set(['destination', 'command', 'egress', 'code']);

/**
 * A value that the agent has not seen goes nowhere outside, and is not run, before a person has seen it: whatever policies
 * say, for they were written for values that somebody chose.
 */
function unseen(decided: Decided, { flow: { handles } }: PolicyRequest, approvalAtHand: boolean): Decided {
  const { decision } = decided;
  if (decision.answer !== 'permit' || !handles.some(role => decidingRoles.has(role))) return decided;
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
  return { answer: 'permit', reasons: infos.map(reasonOf), obligations: obligationsOf(infos) };
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

/** In the order of the ids, which is that of an evaluation. */
function infosOf(ids: readonly string[], engine: PolicyEngine): PolicyInfo[] {
  return ids.map(id => engine.policy(id) ?? { id, effect: 'permit', file: '', line: 0, annotations: {} });
}

function reasonOf(info: PolicyInfo): Reason {
  const { reason, fix } = info.annotations;
  return { rule: info.id, text: reason ?? `policy ${info.id} decided`, fix };
}
