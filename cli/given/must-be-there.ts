import { didYouMean } from '@sallyport/core/model/nearest.ts';
import type { AgentView } from '@sallyport/gateway/api/view/agent.ts';
import type { StatusView } from '@sallyport/gateway/api/view/status.ts';
import type { ToolView } from '@sallyport/gateway/api/view/tool.ts';
import type { Api } from '../api.ts';
import { CliError } from '../exit.ts';
import { cut, safeLine } from '../format/safe.ts';

/** Where nothing was found: that what it was looked for in is not there at all is another answer than nothing. */

/** Throws `not-found` unless the agent is configured. `typed` is how it was named, here as below. */
export async function agentMustBeThere(agent: string, api: Api, typed = `--agent ${agent}`): Promise<void> {
  const { agents } = await api.get<{ agents: AgentView[] }>('agents');
  const ids = agents.map(({ id }) => id);
  if (!ids.includes(agent)) throw missing('Agents', typed, agent, 'configured agent', ids, 'agents ls');
}

/** Throws `not-found` unless there is this tool, or for `server/*` any of the server's. */
export async function toolMustBeThere(tool: string, api: Api, typed = `--tool ${tool}`): Promise<void> {
  const { tools } = await api.get<{ tools: ToolView[] }>('tools');
  const keys = tools.flatMap(({ tool: key }) => [key, `${key.slice(0, key.indexOf('/'))}/*`]);
  if (!keys.includes(tool)) throw missing('Tools', typed, tool, 'tool', keys, 'tools ls');
}

/** Throws `not-found` unless the server is configured. */
export async function serverMustBeThere(server: string, api: Api, typed = `--server ${server}`): Promise<void> {
  const { status } = await api.get<{ status: StatusView }>('status');
  const ids = status.servers.map(({ id }) => id);
  if (!ids.includes(server)) throw missing('Servers', typed, server, 'configured server', ids, 'status');
}

function missing(
  plural: 'Agents' | 'Tools' | 'Servers',
  typed: string,
  name: string,
  what: string,
  known: readonly string[],
  list: string,
): CliError {
  const message = `${cut(safeLine(typed), 160)}: is no ${what}${didYouMean(name, known)}`;
  return new CliError('not-found', message, `${plural} are listed by \`sallyport ${list}\`.`);
}
