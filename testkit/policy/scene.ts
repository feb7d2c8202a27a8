import type { Agent } from '@sallyport/core/model/agent.ts';
import { callJsonLimits, emptyObject, type JsonObject, parseJson } from '@sallyport/core/model/json.ts';
import type { ActionClass, Catalogue, CatalogueServer, Tool } from '@sallyport/core/model/tool.ts';
import { fakeAgent } from '../fakes/ports.ts';

/** Catalogues and agents for policy tests, written as data. */

export interface ToolSpec {
  readonly server: string;
  readonly name: string;
  readonly classes: readonly ActionClass[];
  readonly segment?: string;
  /** JSON Schema of the arguments; no arguments where it is left out. */
  readonly schema?: object;
}

export function readObject(json: string): JsonObject {
  const parsed = parseJson(json, { ...callJsonLimits, reservedMembers: 'keep' });
  if (!parsed.ok || parsed.node.kind !== 'object') throw new Error(`not a JSON object: ${json.slice(0, 100)}`);
  return parsed.node;
}

export function toolOf({ server, name, classes, segment, schema }: ToolSpec): Tool {
  const definition = { name, inputSchema: schema ?? { type: 'object', properties: {} } };
  return {
    server,
    name,
    definition: readObject(JSON.stringify(definition)),
    pin: `pin of ${server}/${name}`,
    status: { kind: 'pinned' },
    classes,
    segment: segment ?? server,
    trustedResult: false,
  };
}

export function catalogueOf(tools: readonly Tool[]): Catalogue {
  const servers = new Map<string, CatalogueServer>();
  for (const id of new Set(tools.map(tool => tool.server))) {
    const own = tools.filter(tool => tool.server === id);
    servers.set(id, {
      id,
      segment: own[0]?.segment ?? id,
      tools: new Map(own.map(tool => [tool.name, tool])),
      prompts: [],
      resourceTemplates: [],
      instructions: undefined,
      capabilities: emptyObject,
    });
  }
  return { servers };
}

export function agentOf(over: Partial<Agent> = {}): Agent {
  return { ...fakeAgent, ...over };
}
