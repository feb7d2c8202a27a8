import type { AgentView } from '@sallyport/gateway/api/view/agent.ts';
import type { StatusView } from '@sallyport/gateway/api/view/status.ts';
import { readRunning } from '../running.ts';
import type { Finding } from './finding.ts';
import { WrapStore } from './record.ts';

/** What the gateway that runs has of what clients' files name. It may have been started with another file than `wrap` wrote, or before. */
export interface KnownThere {
  readonly entries: ReadonlySet<string>;
  readonly agents: ReadonlySet<string>;
  readonly servers: ReadonlySet<string>;
  /** How to have it know all that `wrap` wrote. */
  readonly fix: string;
}

export function knownThere(agents: readonly AgentView[], { servers }: StatusView, stateDir: string): KnownThere {
  const written = new WrapStore(stateDir).read().files.findLast(({ client }) => client === 'gateway')?.target;
  const config = written ?? readRunning(stateDir)?.config ?? 'FILE';
  return {
    entries: new Set(agents.flatMap(agent => agent.entries)),
    agents: new Set(agents.map(({ id }) => id)),
    servers: new Set(servers.map(({ id }) => id)),
    fix: `sallyport down, sallyport up --config ${config}`,
  };
}

type Unknown = Pick<Finding, 'says' | 'fix'>;

/** Why no call through an entry with these words can arrive, and what to do; undefined: it can, or no gateway runs. */
export function unknownEntry(args: readonly string[], known: KnownThere | undefined): Unknown | undefined {
  const after = (flag: string): string | undefined => (args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined);
  const [entry, server] = [after('--entry'), after('--server')];
  if (known === undefined) return undefined;
  if (entry !== undefined && !known.entries.has(entry)) return without(`the entry ${entry}`, known);
  return server === undefined || known.servers.has(server) ? undefined : without(`the server ${server}`, known);
}

/** The same for a client's hooks, whose agent is called as the client is. */
export function unknownHook(client: string, known: KnownThere | undefined): Unknown | undefined {
  return known === undefined || known.agents.has(client) ? undefined : without(`the agent ${client}`, known);
}

function without(what: string, { fix }: KnownThere): Unknown {
  return { says: `unproven: the gateway that runs was started with a configuration without ${what}`, fix };
}
