import { type EntityJson, isAuthorized, type PolicyJson, policyToJson } from '@cedar-policy/cedar-wasm/nodejs';
import { type CedarType, cedarValue } from './cedar-value.ts';
import type { Facts } from './facts.ts';
import type { ShownPolicy, ShownTool } from './shown.ts';

/** What the policies say to the facts, in the words of an entry. */
export interface Again {
  readonly answer: 'permit' | 'deny' | 'ask';
  readonly reasons: readonly AgainReason[];
}

export interface AgainReason {
  readonly rule: string;
  readonly text: string;
  readonly fix?: string;
}

/** A policy with what Cedar itself reads in it. */
export interface ReadPolicy extends ShownPolicy {
  readonly json: PolicyJson;
}

/** Throws if one of them is no policy. */
export function readPolicies(policies: readonly ShownPolicy[]): ReadPolicy[] {
  return policies.map(policy => {
    const read = policyToJson(policy.text);
    if (read.type !== 'success') throw new Error(`policy ${policy.id} is none`);
    return { ...policy, json: read.json };
  });
}

export interface Question {
  readonly policies: readonly ReadPolicy[];
  readonly facts: Facts;
  readonly tool: ShownTool;
  /** Whether a recorded yes for exactly this action was used. */
  readonly approved: boolean;
}

/** One evaluation by Cedar. */
interface Evaluated {
  readonly allowed: boolean;
  readonly determining: readonly string[];
  readonly failed: readonly string[];
}

/**
 * Asks Cedar as the gateway has to: without a yes first, then with one. What only a yes permits is asked for, or permitted
 * where there was one; an error in any policy is a deny.
 */
export function decideAgain(question: Question): Again {
  const without = evaluate(question, false);
  if (without.failed.length > 0) return faulty(without);
  if (without.allowed) return { answer: 'permit', reasons: reasonsOf(without.determining, question) };
  const withYes = evaluate(question, true);
  if (withYes.failed.length > 0) return faulty(withYes);
  if (!withYes.allowed) return { answer: 'deny', reasons: denials(withYes, question) };
  if (question.approved) return { answer: 'permit', reasons: reasonsOf(withYes.determining, question) };
  const allowing = withYes.determining.filter(id => !without.determining.includes(id));
  const reasons = [...reasonsOf(without.determining, question), ...reasonsOf(allowing, question)];
  return { answer: 'ask', reasons };
}

function faulty({ failed }: Evaluated): Again {
  const text = `policy ${failed.join(', ')} could not be evaluated`;
  return { answer: 'deny', reasons: [{ rule: 'policy-error', text }] };
}

function denials({ determining }: Evaluated, question: Question): AgainReason[] {
  if (determining.length > 0) return reasonsOf(determining, question);
  return [{ rule: 'default-deny', text: 'no policy permits this' }];
}

function reasonsOf(ids: readonly string[], { policies }: Question): AgainReason[] {
  return [...ids].sort().map(id => {
    const { reason, fix } = policies.find(policy => policy.id === id)?.json.annotations ?? {};
    return { rule: id, text: reason ?? `policy ${id} decided`, ...(fix == null ? {} : { fix }) };
  });
}

function evaluate(question: Question, approved: boolean): Evaluated {
  const { facts, tool, policies } = question;
  const key = `${tool.server}/${tool.name}`;
  const agent = facts.gathered.get('agent') as Readonly<Record<string, unknown>>;
  const answer = isAuthorized({
    principal: { type: 'Agent', id: String(agent.id) },
    action: { type: 'Action', id: key },
    resource: { type: 'Tool', id: key },
    context: contextOf(question, approved),
    entities: entitiesOf(agent, tool, key),
    policies: { staticPolicies: Object.fromEntries(policies.map(({ id, text }) => [id, text])) },
  });
  if (answer.type !== 'success') throw new Error(answer.errors[0]?.message ?? 'Cedar refused the question');
  const { decision, diagnostics } = answer.response;
  const failed = diagnostics.errors.map(({ policyId }) => policyId);
  return { allowed: decision === 'allow', determining: diagnostics.reason, failed };
}

/** Only what is shown stands in it; that nothing else is looked at was made sure of before. */
function contextOf({ facts, tool }: Question, approved: boolean): Record<string, ReturnType<typeof cedarValue>> {
  const { attributes = {} } = tool.context as CedarType;
  const context: Record<string, ReturnType<typeof cedarValue>> = {};
  for (const [name, type] of Object.entries(attributes)) {
    if (name === 'approved') context.approved = approved;
    else if (name === 'input') context.input = cedarValue(type, facts.input);
    else if (facts.gathered.has(name)) context[name] = cedarValue(type, facts.gathered.get(name));
  }
  return context;
}

function entitiesOf(agent: Readonly<Record<string, unknown>>, tool: ShownTool, key: string): EntityJson[] {
  const { id, classes = [], team, principal: _whom, ...rest } = agent;
  const plain = Object.entries(rest).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  const groups = (classes as string[]).map(name => ({ type: 'AgentClass', id: name }));
  const teams = typeof team === 'string' ? [{ type: 'Team', id: team }] : [];
  const within = [
    { type: 'Server', id: tool.server },
    { type: 'Segment', id: tool.segment },
  ];
  return [
    {
      uid: { type: 'Agent', id: String(id) },
      attrs: Object.fromEntries(plain) as EntityJson['attrs'],
      parents: [...groups, ...teams],
    },
    { uid: { type: 'Tool', id: key }, attrs: { pinned: tool.status === 'pinned' }, parents: within },
    { uid: { type: 'Action', id: key }, attrs: {}, parents: tool.classes.map(name => ({ type: 'Action', id: name })) },
  ];
}
