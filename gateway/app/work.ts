import { createModeControl, type ModeControl } from '../tasks/modes.ts';
import { createNarrowing } from '../tasks/narrow.ts';
import { createTasks, type TaskPorts, type TaskRoom } from '../tasks/tasks.ts';
import { now, sha256 } from './host/ports.ts';
import type { Kept } from './kept.ts';
import { hypothetical } from './rules/attempt.ts';
import { configured } from './rules/configured.ts';
import { openWorlds } from './rules/first-world.ts';
import { createPolicyRoom, type PolicyRoom } from './rules/policies.ts';
import type { Worlds } from './rules/worlds.ts';
import { lending } from './servers/credentials.ts';
import { createFirstContact, type FirstContact } from './servers/first-contact.ts';
import { meetMillisMax, openServers, type Servers } from './servers/servers.ts';
import { ready, type Start } from './start.ts';
import { createEndings } from './tasks/endings.ts';

/** The tasks that are worked on, the servers that are worked with, and the rules by which that is decided. */
export interface Work {
  readonly taskRoom: TaskRoom;
  readonly taskPorts: TaskPorts;
  readonly servers: Servers;
  readonly firstContact: FirstContact;
  readonly modes: ModeControl;
  readonly worlds: Worlds;
  readonly policies: PolicyRoom;
  /** Servers that have neither answered nor failed since the start, or of which what they offer is not known to the policies yet. */
  readonly starting: () => readonly string[];
}

/** Begins to meet the servers, and waits for those without which the policies could not be read. */
export async function openWork(start: Start & Kept, opened: AsyncDisposableStack): Promise<Work> {
  const { config, stateDir, newId, late, log } = start;
  const { journal } = start.record;
  const taskPorts = taskPortsOf(start);
  const taskRoom = createTasks(taskPorts);
  const narrowing = createNarrowing(taskRoom, taskPorts);
  const servers = opened.adopt(
    openServers({
      ...{ config, stateDir, sha256, now, newId, log, journal },
      credentials: lending(start.lent.broker),
      listening: () => late.listener && { host: config.host, port: late.listener.port },
      handOver: () => ready(late.handOver),
    }),
    room => room.close(),
  );
  late.servers = servers;
  const { catalogue, toolKeys } = servers;
  const modes = createModeControl(taskPorts, {
    configured: config.modes,
    agents: () => config.agents.map(agent => agent.id),
    servers: () => config.servers.map(server => server.id),
    toolKeys,
  });
  const made = Promise.withResolvers<Worlds>();
  const firstContact = createFirstContact({
    strangers: servers.strangers,
    caughtUp: async () => (await made.promise).settled(),
    millisMax: start.meetMillisMax ?? meetMillisMax,
  });
  const worlds = await openWorlds({
    ...{
      config,
      stateDir,
      catalogue,
      journal,
      newId,
      now,
      modes: modes.table,
      met: firstContact.looked,
      entries: () => start.record.log.entries(),
      log: start.log,
    },
    onChange: () => {
      narrowing.toKinds(worlds.active().taskKinds);
      // Nobody has heard a list before there is a door.
      void late.core?.audience.listsChanged(['tools', 'prompts', 'resources']);
    },
  });
  servers.onChange(changed => void worlds.setCatalogue(changed));
  // What changed while the first world was made.
  if (catalogue() !== worlds.current().catalogue) void worlds.setCatalogue(catalogue());
  made.resolve(worlds);
  const policies = createPolicyRoom({
    ...{ dir: config.policies, worlds, configured: configured(config), log },
    enforcing: () => enforces(modes),
  });
  const starting = (): readonly string[] => [...new Set([...servers.starting(), ...firstContact.ahead()])];
  return { taskRoom, taskPorts, servers, firstContact, modes, worlds, policies, starting };
}

function taskPortsOf({ config, newId, late, log, record, identity, lent }: Start & Kept): TaskPorts {
  const { journal, state } = record;
  const { taskLimits: limits, ambientIdleSecondsMax } = config;
  const agents = new Map(config.agents.map(agent => [agent.id, hypothetical(agent)]));
  return {
    ...{ state, journal, newId, now, limits, ambientIdleSecondsMax },
    agentOf: id => agents.get(id),
    ...createEndings({
      ...{ broker: lent.broker, state, issuer: identity.issuer, log },
      endWhere: matches => late.servers?.upstreams.endWhere(matches),
    }),
  };
}

function enforces(modes: ModeControl): boolean {
  const { fallback, scopes } = modes.table();
  return fallback === 'enforce' || [...scopes.values()].includes('enforce');
}
