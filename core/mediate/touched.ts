import type { Action } from '../model/action.ts';
import { stringMember } from '../model/json.ts';
import { toolKey } from '../model/tool.ts';
import type { Touched } from '../task/manifest.ts';

/**
 * What an action touches, as far as its own words say so for certain. A tool's arguments name resources and destinations
 * in ways that only its definition knows; where nobody vouches for a reading of them, they are not known.
 */
export function touchedBy({ method, server, tool, input }: Action): Touched {
  const uri = method.startsWith('resources/') ? stringMember(input, 'uri') : undefined;
  return {
    tool: toolKey(server, tool.name),
    resources: uri === undefined ? undefined : [uri],
    destinations: undefined,
  };
}
