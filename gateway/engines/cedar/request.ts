import type { CedarValueJson, EntityJson, StatefulAuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs';
import type { Agent } from '@sallyport/core/model/agent.ts';
import type { Tool } from '@sallyport/core/model/tool.ts';
import type { ActionSchema } from '@sallyport/core/policy/schema.ts';
import { type EntityMention, groupKey, isMentioned, type Mentions } from './mentions.ts';
import { type Placed, placedAction, placedAgent, placedTool } from './scope.ts';

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
  const { owner, proof, shared, vendor, trust } = agent;
  if (!Number.isSafeInteger(trust)) throw new Error('the fact principal.trust is not a whole number');
  return { ...(owner === undefined ? {} : { owner }), proof, trust, shared, vendor };
}

function toolFacts(tool: Tool): Record<string, CedarValueJson> {
  return { pinned: tool.status.kind === 'pinned' };
}
