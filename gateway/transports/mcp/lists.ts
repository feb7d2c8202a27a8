import { isVisible, visibleTools } from '@sallyport/core/mediate/listing.ts';
import type { World } from '@sallyport/core/mediate/ports.ts';
import type { Agent } from '@sallyport/core/model/agent.ts';
import { type JsonNode, type JsonObject, member, normalText, stringMember } from '@sallyport/core/model/json.ts';
import type { CatalogueServer, Tool } from '@sallyport/core/model/tool.ts';
import { outerName, outerUri, type Scope } from './names.ts';
import { mapMember, mapString } from './wire/json-edit.ts';
import { withoutOurs } from './without-ours.ts';

/**
 * The lists that the gateway answers by itself, from the pinned catalogue: result texts. The order is by server and
 * name, the same for everyone and every time; each definition is the server's own, byte for byte, but for the name
 * under which this connection reaches it, and for `_meta` in which it would speak as the gateway.
 */
export function toolsListText(world: World, agent: Agent, scope: Scope): string {
  const texts = serversOf(world, scope).flatMap(server =>
    visibleTools(server, agent, world)
      .sort(byName)
      .map(tool => toolText(tool, scope)),
  );
  return `{"tools":[${texts.join(',')}]}`;
}

/** Serialised definitions, by definition: pure, and much larger than everything else that a listing costs. */
const toolTexts = { all: new WeakMap<JsonObject, string>(), one: new WeakMap<JsonObject, string>() };

function toolText(tool: Tool, scope: Scope): string {
  const known = toolTexts[scope.kind].get(tool.definition);
  if (known !== undefined) return known;
  const text = normalText(renamed(tool.definition, name => outerName(scope, tool.server, name)));
  toolTexts[scope.kind].set(tool.definition, text);
  return text;
}

export function promptsListText(world: World, agent: Agent, scope: Scope): string {
  const texts = serversOf(world, scope).flatMap(server =>
    offered(server, 'mcp:prompts/get', agent, world)
      ? sorted(server.prompts, 'name').map(prompt =>
          normalText(renamed(prompt, name => outerName(scope, server.id, name))),
        )
      : [],
  );
  return `{"prompts":[${texts.join(',')}]}`;
}

export function templatesListText(world: World, agent: Agent, scope: Scope): string {
  const texts = serversOf(world, scope).flatMap(server =>
    offered(server, 'mcp:resources/read', agent, world)
      ? sorted(server.resourceTemplates, 'uriTemplate').map(template =>
          normalText(
            mapMember(withoutOurs(template), 'uriTemplate', node =>
              mapString(node, text => outerUri(scope, server.id, text)),
            ),
          ),
        )
      : [],
  );
  return `{"resourceTemplates":[${texts.join(',')}]}`;
}

/** By id. On `/mcp/<server>` the one server, or none if it is not there (any more). */
export function serversOf(world: World, scope: Scope): CatalogueServer[] {
  const { servers } = world.catalogue;
  if (scope.kind === 'all')
    return [...servers.values()].filter(({ advising }) => !advising).sort((a, b) => order(a.id, b.id));
  const server = servers.get(scope.server);
  return server === undefined || server.advising ? [] : [server];
}

/** Whether the server said at its start that it has `capability` (`prompts`, `logging`). */
export function declares(server: CatalogueServer, capability: string): boolean {
  return member(server.capabilities, capability) !== undefined;
}

function offered(server: CatalogueServer, method: string, agent: Agent, world: World): boolean {
  const tool = server.tools.get(method);
  return tool !== undefined && isVisible(tool, agent, world);
}

function renamed(definition: JsonObject, name: (own: string) => string): JsonNode {
  return mapMember(withoutOurs(definition), 'name', node => mapString(node, name));
}

function sorted(items: readonly JsonObject[], key: string): JsonObject[] {
  return [...items].sort((a, b) => order(stringMember(a, key) ?? '', stringMember(b, key) ?? ''));
}

function byName(a: Tool, b: Tool): number {
  return order(a.name, b.name);
}

/** By code unit: no locale has a say. */
function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
