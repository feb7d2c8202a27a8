import { createAgentTasks } from '../../tasks/agent-task.ts';
import type { Learning } from '../../tasks/learning.ts';
import { createOpening, type Opening, type OpeningFacts } from '../../tasks/open.ts';
import type { TaskAccess } from '../../tasks/pause.ts';
import type { TaskPorts, TaskRoom } from '../../tasks/tasks.ts';
import { OAuthFault } from '../../tokens/oauth-fault.ts';
import { scopes } from '../../tokens/resources.ts';
import type { TaskTokens } from '../../tokens/task-tokens.ts';
import type { Watch } from '../../watch/watch.ts';
import type { Config } from '../config/config.ts';
import { segmentIds } from '../config/segments.ts';
import type { Identity } from '../identity/identity.ts';
import type { Worlds } from '../rules/worlds.ts';
import type { Servers } from '../servers/servers.ts';

export interface OpeningRooms {
  readonly config: Config;
  readonly servers: Servers;
  readonly worlds: Worlds;
  readonly taskRoom: TaskRoom;
  readonly taskPorts: TaskPorts;
  readonly watch: Pick<Watch, 'unwatchable'>;
  readonly learning: Learning;
}

/** How tasks are opened, for every door through which somebody may ask for one, and what an order is held against. */
export function createOpenings({ config, servers, worlds, taskRoom, taskPorts, watch, learning }: OpeningRooms): {
  readonly opening: Opening;
  readonly openingFacts: OpeningFacts;
} {
  const openingFacts: OpeningFacts = {
    principalOf: id => config.agents.find(agent => agent.id === id)?.principal,
    agents: () => config.agents.map(({ id }) => id),
    servers: () => [...config.servers, ...config.peers].map(({ id }) => id),
    segments: () => segmentIds(config),
    toolKeys: servers.toolKeys,
    limits: config.taskLimits,
    kinds: () => worlds.active().taskKinds,
    learned: learning.tools,
    unwatchable: watch.unwatchable,
  };
  return { opening: createOpening(taskRoom, taskPorts, openingFacts), openingFacts };
}

/** Access tokens of tasks, from our own issuer. */
export function taskAccess({ issuer, addresses }: Identity): TaskAccess {
  return {
    issue: ({ audience, jkt, ...order }) =>
      issuer.issueToken({
        ...order,
        audience: addresses.base() + audience,
        ...(jkt === undefined ? {} : { cnf: { jkt } }),
        scope: scopes,
        trust: 'sallyport',
      }),
    isRevoked: task => issuer.isRevoked(task),
  };
}

/** The token endpoint's way to tasks: a refusal is the client's fault, and names the member that was wrong. */
export function taskTokens(opening: Opening, binds: Watch['binds']): TaskTokens {
  const open = createAgentTasks(opening);
  return {
    open: async order => {
      const runsIn = order.runsIn !== undefined && binds(order.runsIn) ? order.runsIn : undefined;
      const opened = await open({ ...order, runsIn });
      if (opened.ok) return opened.value;
      const { field, message } = opened.error;
      throw new OAuthFault('invalid_authorization_details', field === undefined ? message : `${field} ${message}`);
    },
  };
}
