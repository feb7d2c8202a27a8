import { tasksExtension } from '@sallyport/core/catalogue/protocol-tools.ts';
import { visibleTools } from '@sallyport/core/mediate/listing.ts';
import type { World } from '@sallyport/core/mediate/ports.ts';
import type { Agent } from '@sallyport/core/model/agent.ts';
import { type JsonObject, stringMember } from '@sallyport/core/model/json.ts';
import { declares, serversOf } from './lists.ts';
import type { Scope } from './names.ts';
import { legacyVersions, listTtlMillis, metaKeys, modernVersions } from './wire/protocol.ts';

/** The result of `initialize`: the version asked for if it is spoken here, else the latest of its era. */
export function initializeText(params: JsonObject, world: World, agent: Agent, scope: Scope, version: string): string {
  return JSON.stringify({
    protocolVersion: negotiated(params),
    capabilities: legacyCapabilities(world, scope),
    serverInfo: serverInfo(version),
    instructions: instructionsOf(world, agent, scope),
  });
}

export function negotiated(params: JsonObject): string {
  const asked = stringMember(params, 'protocolVersion') ?? '';
  return legacyVersions.includes(asked) ? asked : (legacyVersions[0] ?? asked);
}

/** The result of `server/discover`, but for `resultType`. */
export function discoverText(world: World, agent: Agent, scope: Scope, version: string): string {
  return JSON.stringify({
    supportedVersions: modernVersions,
    capabilities: { ...modernCapabilities(world, scope), ...extensions(world, scope) },
    instructions: instructionsOf(world, agent, scope),
    ttlMs: listTtlMillis,
    cacheScope: 'private',
    _meta: { [metaKeys.serverInfo]: serverInfo(version) },
  });
}

function serverInfo(version: string): object {
  return { name: 'sallyport', title: 'Sallyport', version };
}

function legacyCapabilities(world: World, scope: Scope): object {
  const has = declared(world, scope);
  return { ...modernCapabilities(world, scope), ...(has('logging') ? { logging: {} } : {}) };
}

/** What some server behind this connection offers. Lists can change at any time: policy and pins do. */
function modernCapabilities(world: World, scope: Scope): object {
  const has = declared(world, scope);
  return {
    tools: { listChanged: true },
    ...(has('prompts') ? { prompts: { listChanged: true } } : {}),
    ...(has('resources') ? { resources: { subscribe: subscribable(world, scope), listChanged: true } } : {}),
    ...(has('completions') ? { completions: {} } : {}),
  };
}

function extensions(world: World, scope: Scope): object {
  const runsTasks = serversOf(world, scope).some(server => server.tools.has('mcp:tasks/get'));
  return runsTasks ? { extensions: { [tasksExtension]: {} } } : {};
}

function declared(world: World, scope: Scope): (capability: string) => boolean {
  const servers = serversOf(world, scope);
  return capability => servers.some(server => declares(server, capability));
}

function subscribable(world: World, scope: Scope): boolean {
  return serversOf(world, scope).some(server => server.tools.has('mcp:resources/subscribe'));
}

/**
 * Pinned like tools. On `/mcp` each server's words stand quoted under its name, so that none can speak under another's, and only
 * where the agent may use a tool of it.
 */
function instructionsOf(world: World, agent: Agent, scope: Scope): string | undefined {
  const said = serversOf(world, scope).filter(
    server => server.instructions !== undefined && visibleTools(server, agent, world).length > 0,
  );
  if (said.length === 0) return undefined;
  if (scope.kind === 'one') return said[0]?.instructions;
  return said.map(server => `# ${server.id}\n${quoted(server.instructions ?? '')}`).join('\n\n');
}

/** Whatever some reader takes for the end of a line is one. */
function quoted(text: string): string {
  return text
    .split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/)
    .map(line => `> ${line}`)
    .join('\n');
}
