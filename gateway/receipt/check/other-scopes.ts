import { membersOf } from './members.ts';
import type { ShownTool } from './shown.ts';

interface Uid {
  readonly type: string;
  readonly id: string;
}

/**
 * Whether a policy of which only the scope is shown could have applied to this tool, for whatever agent. One that could
 * has to be shown: otherwise a forbid could be left out.
 */
export function couldApply(scope: unknown, tool: ShownTool): boolean {
  const { action, resource } = membersOf(scope);
  const key = `${tool.server}/${tool.name}`;
  const actionIn = tool.classes.map(id => ({ type: 'Action', id }));
  const toolIn = [
    { type: 'Server', id: tool.server },
    { type: 'Segment', id: tool.segment },
  ];
  return fits(action, { type: 'Action', id: key }, actionIn) && fits(resource, { type: 'Tool', id: key }, toolIn);
}

/** A form that is not known fits: unknown means no. */
function fits(constraint: unknown, entity: Uid, groups: readonly Uid[]): boolean {
  const { kind, entity: one, entities, type, in: within } = membersOf(constraint);
  const isIn = (group: unknown): boolean => [entity, ...groups].some(own => same(own, group));
  if (kind === 'equals') return same(entity, one);
  if (kind === 'in' && Array.isArray(entities)) return entities.some(isIn);
  if (kind === 'is') return type === entity.type && (within === undefined || isIn(within));
  return true;
}

function same(own: Uid, other: unknown): boolean {
  const { type, id } = membersOf(other);
  return own.type === type && own.id === id;
}
