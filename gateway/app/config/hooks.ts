import { nearest } from '@sallyport/core/model/nearest.ts';
import type { AgentConfig, HookConfig } from '../../identity/config.ts';
import { hookClients } from '../../transports/hook/clients/all.ts';
import { workspace } from '../../transports/hook/tools.ts';
import type { Fields } from '../../yaml/fields.ts';

/** The section `hooks`: by client. Throws `ConfigError` naming file, line and field. */
export function hooksOf(section: Fields): HookConfig[] {
  const ids = hookClients.map(({ id }) => id);
  return section.each(client => {
    if (!ids.includes(client)) {
      const near = nearest(client, ids);
      const meant = near === undefined ? `; there are ${ids.join(', ')}` : ` (did you mean \`${near}\`?)`;
      throw section.wrong(client, `is no client whose hooks are understood${meant}`);
    }
    const fields = section.fields(client);
    const hook = {
      client,
      agent: fields.required('agent'),
      subagents: fields.string('subagents'),
      servers: fields.texts('servers') ?? {},
      questions: fields.oneOf('questions', ['client', 'gateway'] as const) ?? ('client' as const),
    };
    fields.done();
    return hook;
  });
}

/** What the section is held against. */
export interface Hooked {
  readonly hooks: readonly HookConfig[];
  readonly agents: readonly Pick<AgentConfig, 'id'>[];
  readonly servers: readonly { readonly id: string }[];
}

/** An agent or a server that is not there would be found out only when a client asks. */
export function checkHooks({ hooks, agents, servers }: Hooked, root: Fields): void {
  if (hooks.length > 0 && servers.some(({ id }) => id === workspace))
    throw root.wrong(
      'servers',
      `has \`${workspace}\`, which is the name of what clients do by themselves: choose another`,
    );
  const section = root.fields('hooks');
  for (const { client, agent, subagents, servers: behind } of hooks) {
    for (const id of [agent, subagents])
      if (id !== undefined && !agents.some(each => each.id === id))
        throw section.wrong(client, `names the agent \`${id}\`, and there is none`);
    for (const id of Object.values(behind))
      if (!servers.some(each => each.id === id))
        throw section.wrong(client, `names the server \`${id}\`, and there is none`);
  }
}
