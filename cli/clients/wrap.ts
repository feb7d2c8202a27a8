import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseConfig } from '@sallyport/gateway/app/config/config.ts';
import { CliError } from '../exit.ts';
import { type Additions, extendedConfig, firstConfig, type MovedServer, packDir, serversOf } from './gateway-config.ts';
import { type HookPlan, type HookUnreadable, planHooks } from './hooks/plan.ts';
import type { KeyPlace, KeyStore } from './key-store.ts';
import { changes, type FilePlan, type Known, planFile, type Unreadable } from './plan.ts';
import { bytesOf } from './replace-file.ts';
import type { OwnEntry } from './shape.ts';
import type { Client, Machine } from './table.ts';

export interface WrapOptions {
  readonly machine: Machine;
  readonly clients: readonly Client[];
  /** Project files as well as the user's. */
  readonly project: boolean;
  /** The gateway's configuration, which gets what the clients had. */
  readonly config: string;
  readonly stateDir: string;
  /** Such as `--state DIR`, where it is not the usual one. */
  readonly ownWords: readonly string[];
  readonly principal: string;
  /** The hooks of the clients that have some, as well as their servers. */
  readonly hooks: boolean;
  /** Where keys go that stand in clients' files. */
  readonly keys: KeyStore;
}

/** Everything that would be written, worked out and checked before anything is. */
export interface WrapPlan {
  readonly files: readonly FilePlan[];
  readonly unreadable: readonly Unreadable[];
  readonly config: { readonly target: string; readonly before: Buffer | undefined; readonly after: Buffer };
  readonly keys: readonly PlannedKey[];
  readonly hooks: readonly HookPlan[];
  readonly unreadableHooks: readonly HookUnreadable[];
}

export interface PlannedKey {
  readonly place: KeyPlace;
  readonly secret: string;
}

export function changesHooks({ before, after }: HookPlan): boolean {
  return before === undefined || !before.equals(after);
}

export const launcher = fileURLToPath(new URL('../bin/sallyport.js', import.meta.url));

/** The words that start us from any client, whatever its PATH is (E9). */
export function ownEntryOf(ownWords: readonly string[]): (client: Client, server: string) => OwnEntry {
  return (client, server) => ({
    command: process.execPath,
    args: [launcher, 'mcp', '--entry', client.id, '--server', server, ...ownWords],
  });
}

export function planWrap(options: WrapOptions): WrapPlan {
  const { clients, project, config, machine } = options;
  const before = bytesOf(config);
  const text = before?.toString('utf8') ?? firstConfig(packDir);
  const naming = new Naming(serversOf(text));
  const planned = new Map<string, Buffer>();
  const found = clients
    .flatMap(client => client.files.map(file => ({ client, file })))
    .filter(({ file: { scope } }) => scope === 'user' || project)
    .map(({ client, file }) => {
      const plan = planFile(client, file, {
        ownEntry: ownEntryOf(options.ownWords),
        serverId: naming.idFor,
        planned: target => planned.get(target),
        refused: described => whyRefused(described, options),
      });
      if (plan !== undefined && 'after' in plan) planned.set(plan.target, plan.after);
      return plan;
    });
  const files = found.filter(plan => plan !== undefined && 'after' in plan);
  const plannedHooks = options.hooks ? hooksFor(options, planned) : [];
  const hooks = plannedHooks.filter(plan => 'after' in plan);
  const keys: PlannedKey[] = [];
  const additions: Additions = {
    servers: naming.fresh.filter(({ id }) =>
      files.some(({ entries }) => entries.some(({ fate }) => fate.kind === 'wrap' && fate.server === id)),
    ),
    clients: [...new Set(files.filter(plan => changes(plan)).map(({ client }) => client.id))],
    hooks: hooks.filter(changesHooks).map(({ target: { client, alsoRead } }) => ({
      client,
      servers: { ...serversOfClient(alsoRead, files), ...serversOfClient(client, files) },
    })),
    principal: options.principal,
    home: machine.home,
    keep: (credential, secret) => {
      const place = options.keys(credential);
      keys.push({ place, secret });
      return place;
    },
  };
  const after = additions.clients.length + additions.hooks.length === 0 ? text : extendedConfig(text, additions);
  checked(config, after);
  return {
    files,
    unreadable: found.filter(plan => plan !== undefined && 'why' in plan),
    config: { target: config, before, after: Buffer.from(after) },
    ...{ keys, hooks, unreadableHooks: plannedHooks.filter(plan => 'why' in plan) },
  };
}

/** Where servers and hooks stand in one file, the hooks come to what it holds once its servers are wrapped. */
function hooksFor(
  { machine, clients, stateDir }: WrapOptions,
  planned: ReadonlyMap<string, Buffer>,
): ReturnType<typeof planHooks> {
  const ids = clients.map(({ id }) => id);
  return planHooks(machine, ids, resolve(stateDir), file => planned.get(file));
}

/** The client's own names for servers that lead here, from now on or already. */
function serversOfClient(client: string | undefined, files: readonly FilePlan[]): Record<string, string> {
  const entries = files.filter(file => file.client.id === client).flatMap(file => file.entries);
  const behind = entries.map(({ name, fate }) => [name, fate.kind === 'left' ? undefined : fate.server] as const);
  return Object.fromEntries(
    behind.flatMap(([name, server]) => (server === undefined ? [] : [[name, server] as const])),
  );
}

/** One server that the gateway could not be started with is left to its client; it keeps nothing else from being wrapped. */
function whyRefused(
  described: MovedServer['described'],
  { principal, machine: { home } }: WrapOptions,
): string | undefined {
  const server = { id: 'server', described };
  const alone = { clients: [], hooks: [], principal, home, keep: () => ({ file: '/' }) };
  try {
    parseConfig('sallyport.yaml', extendedConfig(firstConfig(packDir), { ...alone, servers: [server] }));
    return undefined;
  } catch (thrown) {
    return `the gateway cannot run it: ${(thrown as Error).message.replace(/^[^:]*: /, '')}`;
  }
}

/** What the gateway could not start with is not written. */
function checked(config: string, text: string): void {
  try {
    parseConfig(config, text);
  } catch (thrown) {
    throw new CliError(
      'config',
      `the gateway's configuration would not be readable: ${(thrown as Error).message}`,
      'correct it by hand, then wrap again',
    );
  }
}

/** Ids of servers: a client's own name where it fits; the same description has one id, different ones have two. */
class Naming {
  readonly fresh: MovedServer[] = [];
  readonly #known: ReadonlyMap<string, unknown>;
  readonly #ids = new Map<string, string>();

  constructor(known: ReadonlyMap<string, unknown>) {
    this.#known = known;
  }

  readonly idFor = (name: string, described: Known): string => {
    const key = JSON.stringify(described);
    const before = this.#ids.get(key);
    if (before !== undefined) return before;
    const base =
      name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-+|-+$/g, '')
        .slice(0, 20) || 'server';
    const taken = (id: string): boolean => this.#known.has(id) || this.fresh.some(server => server.id === id);
    let id = base;
    for (let count = 2; taken(id); count++) id = `${base}-${count}`;
    this.#ids.set(key, id);
    this.fresh.push({ id, described });
    return id;
  };
}
