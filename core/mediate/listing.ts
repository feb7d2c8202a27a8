import type { Agent } from '../model/agent.ts';
import type { CatalogueServer, Tool } from '../model/tool.ts';
import { modeFor } from '../policy/mode.ts';
import type { World } from './ports.ts';

/**
 * The tools an agent may see: those that some permit could allow. Listing is not authority, every call is decided
 * again; it keeps an agent from being tempted, or told, by what it may not use.
 */
export function visibleTools(server: CatalogueServer, agent: Agent, world: World): Tool[] {
  return [...server.tools.values()].filter(tool => !/^(?:mcp|a2a):/.test(tool.name) && isVisible(tool, agent, world));
}

/** The same question about one tool; for prompts, resources and templates it is asked of the method that reads them. */
export function isVisible(tool: Tool, agent: Agent, world: World): boolean {
  if (modeFor(world.modes, agent, tool) !== 'enforce') return true;
  return tool.status.kind === 'pinned' && world.engine.couldPermit(agent, tool);
}
