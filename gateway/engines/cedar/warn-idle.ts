import type { Agent } from '@sallyport/core/model/agent.ts';
import { actionClasses } from '@sallyport/core/model/tool.ts';
import type { PolicySchema } from '@sallyport/core/policy/schema.ts';
import { type ParsedPolicy, problemAt } from './parsed.ts';
import { type PolicyProblem, suggestion } from './problem.ts';
import {
  type Constraint,
  matches,
  type Placed,
  placedAction,
  placedAgent,
  placedTool,
  type Scope,
  type Uid,
} from './scope.ts';

/** A policy that can never apply decides nothing. It may be meant for later, so it is a warning; a typo looks the same. */
export function warnIdle(
  policy: ParsedPolicy,
  schema: PolicySchema,
  agents: readonly Agent[] | undefined,
): PolicyProblem[] {
  const { scope, place } = policy;
  const tools = [...schema.actions.values()].map(({ tool }) => tool);
  if (policy.actions.length === 0) {
    if (namesClassesOnly(scope)) return [];
    const fix = nearest(scope.action, tools.map(placedAction)) ?? nearest(scope.resource, tools.map(placedTool));
    return [problemAt(place, 'it applies to no tool of the catalogue', fix)];
  }
  if (agents === undefined) return [];
  const placed = agents.map(placedAgent);
  if (placed.some(agent => matches(scope.principal, agent))) return [];
  return [problemAt(place, 'it applies to no agent that is configured', nearest(scope.principal, placed))];
}

/** A rule for a class that no tool is in yet is what classes are for. */
function namesClassesOnly({ action, resource }: Scope): boolean {
  if (resource.kind !== 'any') return false;
  if (action.kind === 'any') return true;
  const classes: readonly string[] = actionClasses;
  return action.kind === 'in' && action.entities.every(({ id }) => classes.includes(id));
}

/** For a scope that names one entity that does not exist: the nearest one of its type. */
function nearest(constraint: Constraint, entities: readonly Placed[]): string | undefined {
  const named = namedBy(constraint);
  const known: readonly Uid[] = entities.flatMap(entity => [entity, ...entity.ancestors]);
  if (named === undefined || known.some(({ type, id }) => type === named.type && id === named.id)) return undefined;
  return suggestion(named.id, new Set(known.filter(({ type }) => type === named.type).map(({ id }) => id)));
}

function namedBy(constraint: Constraint): Uid | undefined {
  switch (constraint.kind) {
    case 'any':
      return undefined;
    case 'equals':
      return constraint.entity;
    case 'in':
      return constraint.entities.length === 1 ? constraint.entities[0] : undefined;
    case 'is':
      return constraint.in;
  }
}
