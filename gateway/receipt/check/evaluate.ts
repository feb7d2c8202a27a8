import { type EntityJson, isAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import { type CedarType, cedarValue, NoSuchValue } from './cedar-value.ts';
import { type Facts, lookedAt } from './facts.ts';
import type { ShownTool } from './shown.ts';
import { type ReadPolicy, type ShownAgent, sliceFor } from './slice.ts';

export interface Question {
  readonly policies: readonly ReadPolicy[];
  readonly facts: Facts;
  readonly tool: ShownTool;
}

/** One evaluation by Cedar: ids of policies, in order. */
export interface Evaluated {
  readonly allowed: boolean;
  readonly determining: readonly string[];
  /** In words what could not be evaluated, or why nothing could: nothing is permitted then. */
  readonly fault: string | undefined;
}

/** Asks Cedar whether this agent may, with a yes at hand or without. */
export function evaluate({ policies, facts: all, tool }: Question, agent: ShownAgent, approved: boolean): Evaluated {
  const slice = sliceFor(policies, agent);
  const facts = lookedAt(
    slice.flatMap(({ looks }) => looks),
    all,
  );
  const context = contextIn(facts, tool, approved);
  if (typeof context === 'string') return unanswered(context);
  const key = `${tool.server}/${tool.name}`;
  const answer = isAuthorized({
    principal: { type: 'Agent', id: agent.id },
    action: { type: 'Action', id: key },
    resource: { type: 'Tool', id: key },
    context,
    entities: entitiesOf(agent, tool, key),
    policies: { staticPolicies: Object.fromEntries(slice.map(({ id, text }) => [id, text])) },
  });
  if (answer.type !== 'success') return unanswered('Cedar refused the question');
  const { decision, diagnostics } = answer.response;
  const failed = diagnostics.errors.map(({ policyId }) => policyId).join(', ');
  const fault = failed === '' ? undefined : `policy ${failed} could not be evaluated`;
  return { allowed: decision === 'allow', determining: [...diagnostics.reason].sort(), fault };
}

/** The question could not be put, so nobody permits anything. */
function unanswered(fault: string): Evaluated {
  return { allowed: false, determining: [], fault };
}

type Context = Record<string, ReturnType<typeof cedarValue>>;

/** A string says why policy could not be asked about these facts. */
function contextIn(facts: Facts, tool: ShownTool, approved: boolean): Context | string {
  try {
    return contextOf(facts, tool, approved);
  } catch (thrown) {
    if (thrown instanceof NoSuchValue) return thrown.message;
    throw thrown;
  }
}

/** Only what is shown stands in it; that nothing else is looked at was made sure of before. */
function contextOf(facts: Facts, tool: ShownTool, approved: boolean): Context {
  const { attributes = {} } = tool.context as CedarType;
  const context: Context = {};
  for (const [name, type] of Object.entries(attributes)) {
    if (name === 'approved') context.approved = approved;
    else if (name === 'input') context.input = cedarValue(type, facts.input);
    else if (facts.gathered.has(name)) context[name] = cedarValue(type, facts.gathered.get(name));
  }
  return context;
}

/** What an agent has as attributes is what it says of itself alone: whom it works for and whether it asks are said elsewhere. */
function entitiesOf(agent: ShownAgent, tool: ShownTool, key: string): EntityJson[] {
  const { id, classes = [], team, asks: _whether, ...rest } = agent;
  const plain = Object.entries(rest).filter(
    ([name, value]) => name !== 'principal' && ['string', 'number', 'boolean'].includes(typeof value),
  );
  const groups = classes.map(name => ({ type: 'AgentClass', id: name }));
  const teams = team === undefined ? [] : [{ type: 'Team', id: team }];
  const within = [
    { type: 'Server', id: tool.server },
    { type: 'Segment', id: tool.segment },
  ];
  return [
    {
      uid: { type: 'Agent', id },
      attrs: Object.fromEntries(plain) as EntityJson['attrs'],
      parents: [...groups, ...teams],
    },
    { uid: { type: 'Tool', id: key }, attrs: { pinned: tool.status === 'pinned' }, parents: within },
    { uid: { type: 'Action', id: key }, attrs: {}, parents: tool.classes.map(name => ({ type: 'Action', id: name })) },
  ];
}
