import type { CedarValueJson, Context, EntityJson, StatefulAuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs';
import type { Agent } from '@sallyport/core/model/agent.ts';
import type { Tool } from '@sallyport/core/model/tool.ts';
import type { FlowFacts, PolicyRequest, TaskFacts } from '@sallyport/core/policy/engine.ts';
import type { ActionSchema } from '@sallyport/core/policy/schema.ts';
import { contentFactsOf, isContent, isReadable } from './content.ts';
import { type EntityMention, groupKey, isMentioned, type Mention, type Mentions } from './mentions.ts';
import { type Placed, placedAction, placedAgent, placedTool } from './scope.ts';
import { inputValue } from './value.ts';

/** A question for the engine without its facts: the same for every call of this tool by this agent that these policies decide. */
export type Subjects = Omit<StatefulAuthorizationCall, 'context'>;

export function subjectsOf(agent: Agent, tool: Tool, action: ActionSchema, { name, mentions }: PolicySlice): Subjects {
  return {
    principal: { type: 'Agent', id: agent.id },
    action: { type: 'Action', id: action.key },
    resource: { type: 'Tool', id: action.key },
    entities: mentions.everything ? allEntities(agent, tool, action) : entitiesOf(agent, tool, action, mentions),
    preparsedPolicySetId: name,
  };
}

/** What is pre-parsed under a name, and what its conditions look at. */
export interface PolicySlice {
  readonly name: string;
  readonly mentions: Mentions;
}

/**
 * The facts that go with it: of them only those that the asked policies mention. Throws `Unrepresentable` if a mentioned fact has
 * no exact form.
 */
export function factsOf(
  request: PolicyRequest,
  approved: boolean,
  action: ActionSchema,
  { mentions }: Pick<PolicySlice, 'mentions'>,
): Context {
  return contextOf(request, approved, action, mentions.everything ? undefined : mentions.context);
}

function contextOf(
  request: PolicyRequest,
  approved: boolean,
  action: ActionSchema,
  mention: Mention | undefined,
): Context {
  const all = mention === undefined || mention.whole;
  const context: Context = {};
  for (const name of all ? action.context.attributes.keys() : mention.parts.keys()) {
    const part = all ? undefined : mention.parts.get(name);
    const value = fact(name, request, approved, action, part);
    if (value !== undefined) context[name] = value;
  }
  return context;
}

function fact(
  name: string,
  request: PolicyRequest,
  approved: boolean,
  action: ActionSchema,
  mention: Mention | undefined,
): CedarValueJson | undefined {
  switch (name) {
    case 'input':
      return inputValue(request.input, action.input, mention);
    case 'task':
      return taskFacts(request.task, mention);
    case 'flow':
      return flowFacts(request.flow, action, mention);
    case 'approved':
      return approved;
    case 'env':
      return picked({ now: { __extn: { fn: 'datetime', arg: new Date(request.env.now).toISOString() } } }, mention);
    case 'risk':
      return picked({ score: whole('risk', 'score', request.risk.score), signals: [...request.risk.signals] }, mention);
    default:
      if (!isContent(name) || !isReadable(name)) return undefined;
      return contentFactsOf(request, name, mention === undefined || mention.whole ? undefined : mention.parts.keys());
  }
}

/** The largest part of most questions: only what is asked for is made, and lists are the request's own. */
function flowFacts(flow: FlowFacts, action: ActionSchema, mention: Mention | undefined): CedarValueJson {
  const isAll = mention === undefined || mention.whole;
  const facts: Record<string, CedarValueJson> = {};
  for (const name of isAll ? [...Object.keys(flow), 'tenants'] : mention.parts.keys()) {
    const value = flowFact(name, flow, action);
    if (value !== undefined) facts[name] = value;
  }
  return facts;
}

function flowFact(name: string, flow: FlowFacts, action: ActionSchema): CedarValueJson | undefined {
  switch (name) {
    case 'ways':
      return undefined;
    case 'arg':
      return Object.fromEntries(Object.entries(flow.arg).filter(([named]) => action.input.attributes.has(named)));
    case 'tenants':
      return [...(flow.tenants ?? [])];
    default:
      return Object.hasOwn(flow, name) ? (flow as unknown as Record<string, CedarValueJson>)[name] : undefined;
  }
}

function taskFacts(task: TaskFacts, mention: Mention | undefined): CedarValueJson {
  const isAll = mention === undefined || mention.whole;
  const facts: Record<string, CedarValueJson> = {};
  for (const name of isAll ? Object.keys(task) : mention.parts.keys()) {
    const value = Object.hasOwn(task, name) ? task[name as keyof TaskFacts] : undefined;
    if (value !== undefined)
      facts[name] = typeof value === 'number' ? whole('task', name, value) : (value as CedarValueJson);
  }
  return facts;
}

function picked(facts: Readonly<Record<string, CedarValueJson>>, mention: Mention | undefined): CedarValueJson {
  if (mention === undefined || mention.whole) return facts;
  const value: Record<string, CedarValueJson> = {};
  for (const name of mention.parts.keys()) {
    const part = Object.hasOwn(facts, name) ? facts[name] : undefined;
    if (part !== undefined) value[name] = part;
  }
  return value;
}

function whole(of: string, name: string, value: number): number {
  if (!Number.isSafeInteger(value)) throw new Error(`the fact ${of}.${name} is not a whole number`);
  return value;
}

/**
 * Only entities of which something is asked that may be true: one that is not among them is in nothing but itself, so it need
 * not be told that an entity is in none of the groups that are asked for (docs.cedarpolicy.com, "Entities").
 */
function entitiesOf(agent: Agent, tool: Tool, action: ActionSchema, mentions: Mentions): EntityJson[] {
  const entities: EntityJson[] = [];
  const add = (placed: Placed, facts: Record<string, CedarValueJson>, mention: EntityMention): void => {
    const ancestors = placed.ancestors.filter(group => mention.groups === 'any' || mention.groups.has(groupKey(group)));
    if (ancestors.length > 0 || mention.attributes.size > 0)
      entities.push(entity({ ...placed, ancestors }, facts, mention.attributes));
  };
  if (isMentioned(mentions.principal)) add(placedAgent(agent), agentFacts(agent), mentions.principal);
  if (isMentioned(mentions.resource)) add(placedTool(action.tool), toolFacts(tool), mentions.resource);
  if (isMentioned(mentions.action)) add(placedAction(action.tool), {}, mentions.action);
  return entities;
}

function allEntities(agent: Agent, tool: Tool, action: ActionSchema): EntityJson[] {
  return [
    entity(placedAgent(agent), agentFacts(agent), undefined),
    entity(placedTool(tool), toolFacts(tool), undefined),
    entity(placedAction(action.tool), {}, undefined),
  ];
}

/** `named`: the attributes that are asked for; undefined: all. */
function entity(
  { type, id, ancestors }: Placed,
  facts: Record<string, CedarValueJson>,
  named: ReadonlySet<string> | undefined,
): EntityJson {
  const attributes = Object.entries(facts).filter(([name]) => named === undefined || named.has(name));
  return { uid: { type, id }, attrs: Object.fromEntries(attributes), parents: [...ancestors] };
}

function agentFacts(agent: Agent): Record<string, CedarValueJson> {
  const { owner, proof, shared, vendor } = agent;
  const trust = whole('principal', 'trust', agent.trust);
  return { ...(owner === undefined ? {} : { owner }), proof, trust, shared, vendor };
}

function toolFacts(tool: Tool): Record<string, CedarValueJson> {
  return { pinned: tool.status.kind === 'pinned' };
}
