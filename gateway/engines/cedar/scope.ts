import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { Agent } from '@sallyport/core/model/agent.ts';
import { type Tool, toolKey } from '@sallyport/core/model/tool.ts';

/** An entity as scopes see it: itself and everything it is in, at whatever distance. */
export interface Placed {
  readonly type: string;
  readonly id: string;
  readonly ancestors: readonly Uid[];
}

export interface Uid {
  readonly type: string;
  readonly id: string;
}

/** One of the three parts of a policy's scope. */
export type Constraint =
  | { readonly kind: 'any' }
  | { readonly kind: 'equals'; readonly entity: Uid }
  /** In one of these, or one of these itself. */
  | { readonly kind: 'in'; readonly entities: readonly Uid[] }
  | { readonly kind: 'is'; readonly type: string; readonly in: Uid | undefined };

export interface Scope {
  readonly principal: Constraint;
  readonly action: Constraint;
  readonly resource: Constraint;
}

export class UnknownScope extends Error {}

export function readScope(json: Pick<PolicyJson, 'principal' | 'action' | 'resource'>): Scope {
  return {
    principal: readConstraint(json.principal),
    action: readConstraint(json.action),
    resource: readConstraint(json.resource),
  };
}

type ConstraintJson = PolicyJson['principal'] | PolicyJson['action'] | PolicyJson['resource'];

function readConstraint(json: ConstraintJson): Constraint {
  switch (json.op) {
    case 'All':
      return { kind: 'any' };
    case '==':
      return { kind: 'equals', entity: uidOf(json) };
    case 'in':
      return { kind: 'in', entities: 'entities' in json ? json.entities.map(plainUid) : [uidOf(json)] };
    case 'is':
      return { kind: 'is', type: json.entity_type, in: json.in === undefined ? undefined : uidOf(json.in) };
    default:
      throw new UnknownScope('the scope has an unknown form');
  }
}

function uidOf(json: { readonly entity: unknown } | { readonly slot: string }): Uid {
  if (!('entity' in json)) throw new UnknownScope('templates are not supported');
  return plainUid(json.entity);
}

function plainUid(json: unknown): Uid {
  const outer = json as { readonly __entity?: Uid } & Partial<Uid>;
  const { type, id } = outer.__entity ?? outer;
  if (typeof type !== 'string' || typeof id !== 'string') throw new UnknownScope('the scope names no entity');
  return { type, id };
}

/** Whether a request with this entity in this place can satisfy the constraint: exact, not an approximation. */
export function matches(constraint: Constraint, entity: Placed): boolean {
  switch (constraint.kind) {
    case 'any':
      return true;
    case 'equals':
      return sameUid(constraint.entity, entity);
    case 'in':
      return constraint.entities.some(group => isIn(entity, group));
    case 'is':
      return entity.type === constraint.type && (constraint.in === undefined || isIn(entity, constraint.in));
  }
}

function isIn(entity: Placed, group: Uid): boolean {
  return sameUid(entity, group) || entity.ancestors.some(ancestor => sameUid(ancestor, group));
}

function sameUid(a: Uid, b: Uid): boolean {
  return a.type === b.type && a.id === b.id;
}

export function placedAgent(agent: Agent): Placed {
  const classes = agent.classes.map(id => ({ type: 'AgentClass', id }));
  const team = agent.team === undefined ? [] : [{ type: 'Team', id: agent.team }];
  return { type: 'Agent', id: agent.id, ancestors: [...classes, ...team] };
}

/** What of a tool its place depends on. */
type Placeable = Pick<Tool, 'server' | 'name' | 'segment'> & { readonly classes: readonly string[] };

export function placedAction(tool: Omit<Placeable, 'segment'>): Placed {
  const ancestors = tool.classes.map(id => ({ type: 'Action', id }));
  return { type: 'Action', id: toolKey(tool.server, tool.name), ancestors };
}

export function placedTool(tool: Omit<Placeable, 'classes'>): Placed {
  const ancestors = [
    { type: 'Server', id: tool.server },
    { type: 'Segment', id: tool.segment },
  ];
  return { type: 'Tool', id: toolKey(tool.server, tool.name), ancestors };
}
