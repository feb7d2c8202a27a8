import { type Evaluated, evaluate, type Question } from './evaluate.ts';
import type { ReadPolicy, ShownAgent } from './slice.ts';
import { clientMayAnswer, type Demand, demandsOf, demandsOfBoth, type Terms, termsOf, termsOfAll } from './terms.ts';

/** What the policies say to the facts, in the words of an entry. */
export interface Again {
  readonly answer: 'permit' | 'deny' | 'ask';
  readonly reasons: readonly AgainReason[];
  /** What a permit demands. */
  readonly obligations?: readonly Demand[];
  /** Whom the question goes to. */
  readonly approval?: Terms;
}

export interface AgainReason {
  readonly rule: string;
  readonly text: string;
  readonly fix?: string;
}

export interface Decision extends Question {
  readonly agent: ShownAgent;
  /** Who delegated to it or asked it, nearest first. */
  readonly actors: readonly ShownAgent[];
  /** Whether a recorded yes for exactly this action was used. */
  readonly approved: boolean;
}

/** With what each agent of the chain so far is asked for. */
interface Chained extends Again {
  readonly questions: readonly Terms[];
}

/**
 * Decides as the gateway has to: what the agent itself may do, then the same as if each of those behind it did it. They
 * can take away, and grant nothing.
 */
export function decideAgain(decision: Decision): Again {
  const own = decideFor(decision);
  let chained: Chained = { ...own, questions: own.approval === undefined ? [] : [own.approval] };
  for (const actor of distinct(decision.actors))
    if (chained.answer !== 'deny') chained = bounded(chained, actor, decision);
  const { questions, ...again } = chained;
  return again.answer === 'ask' ? { ...again, approval: termsOfAll(questions) } : again;
}

/** Without a yes first, then with one. What only a yes permits is asked for, or permitted where there was one. */
function decideFor(decision: Decision): Again {
  const { agent, approved, tool } = decision;
  const without = evaluate(decision, agent, false);
  if (without.fault !== undefined) return faulty(without.fault);
  if (without.allowed) return permit(without, decision);
  const withYes = evaluate(decision, agent, true);
  if (withYes.fault !== undefined) return faulty(withYes.fault);
  if (!withYes.allowed) return deny(withYes, decision);
  if (approved) return permit(withYes, decision);
  const allowing = withYes.determining.filter(id => !without.determining.includes(id));
  const asking = [...named(without.determining, decision), ...named(allowing, decision)];
  const terms = termsOf(asking);
  const approval = clientMayAnswer(asking, terms, tool.classes) ? { ...terms, answer: 'client' as const } : terms;
  return { answer: 'ask', reasons: asking.map(reasonOf), approval };
}

/** Whoever stands in the chain more than once is asked about once. */
function distinct(actors: readonly ShownAgent[]): readonly ShownAgent[] {
  const isFirst = ({ id, asks }: ShownAgent, at: number): boolean =>
    actors.findIndex(other => other.id === id && (other.asks === true) === (asks === true)) === at;
  return actors.filter(isFirst);
}

/** What is forbidden to whoever delegated stays forbidden; whoever only asked has to be permitted it. */
function bounded(before: Chained, actor: ShownAgent, decision: Decision): Chained {
  const stops = ({ allowed, determining }: Evaluated): boolean =>
    !allowed && (actor.asks === true || determining.length > 0);
  const without = evaluate(decision, actor, false);
  if (without.fault !== undefined) return { ...faulty(without.fault), questions: [] };
  if (!stops(without)) return demanding(before, without, decision);
  const withYes = evaluate(decision, actor, true);
  if (withYes.fault !== undefined) return { ...faulty(withYes.fault), questions: [] };
  if (stops(withYes)) {
    const denied = deny(withYes, decision);
    return { ...denied, reasons: withYes.determining.length > 0 ? denied.reasons : [askedForMore], questions: [] };
  }
  if (decision.approved) return demanding(before, withYes, decision);
  const stopping = named(without.determining, decision);
  const approval = termsOf([...stopping, ...permitting(withYes, decision)]);
  const reasons = stopping.length > 0 ? stopping.map(reasonOf) : [askedForMore];
  return {
    answer: 'ask',
    reasons: [...reasons, ...(before.answer === 'ask' ? before.reasons : [])],
    questions: [...before.questions, approval],
  };
}

const askedForMore: AgainReason = {
  rule: 'asked-by-less',
  text: 'the agent that asked for this may not do it itself',
  fix: 'do it without that agent, or not at all',
};

function demanding(before: Chained, evaluated: Evaluated, decision: Decision): Chained {
  if (before.answer !== 'permit') return before;
  const own = demandsOf(permitting(evaluated, decision));
  return { ...before, obligations: demandsOfBoth(before.obligations ?? [], own) };
}

function permit(evaluated: Evaluated, decision: Decision): Again {
  const policies = permitting(evaluated, decision);
  return { answer: 'permit', reasons: policies.map(reasonOf), obligations: demandsOf(policies) };
}

function deny({ determining }: Evaluated, decision: Decision): Again {
  if (determining.length > 0) return { answer: 'deny', reasons: named(determining, decision).map(reasonOf) };
  return { answer: 'deny', reasons: [{ rule: 'default-deny', text: 'no policy permits this' }] };
}

function faulty(text: string): Again {
  return { answer: 'deny', reasons: [{ rule: 'policy-error', text }] };
}

function permitting({ allowed, determining }: Evaluated, decision: Decision): ReadPolicy[] {
  return allowed ? named(determining, decision) : [];
}

function named(ids: readonly string[], { policies }: Decision): ReadPolicy[] {
  return ids.map(id => {
    const policy = policies.find(one => one.id === id);
    if (policy === undefined) throw new Error(`Cedar names a policy that it was not given: ${id}`);
    return policy;
  });
}

function reasonOf({ id, json: { annotations: { reason, fix } = {} } }: ReadPolicy): AgainReason {
  return { rule: id, text: reason ?? `policy ${id} decided`, ...(fix == null ? {} : { fix }) };
}
