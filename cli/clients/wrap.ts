import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseConfig } from '@sallyport/gateway/app/config.ts';
import { CliError } from '../exit.ts';
import { foldersMissing } from '../made-folders.ts';
import { type Additions, extendedConfig, firstConfig, type MovedServer, packDir, serversOf } from './gateway-config.ts';
import { type HookPlan, type HookUnreadable, planHooks } from './hooks/plan.ts';
import { type KeychainHost, type KeyPlace, type KeyStore, putKeys, thisHost } from './key-store.ts';
import { changes, type FilePlan, planFile, sha256, type Unreadable } from './plan.ts';
import { bytesOf, type ChangedFile, replaceFile, type WrapStore } from './record.ts';
import type { Described, OwnEntry } from './shape.ts';
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

const launcher = fileURLToPath(new URL('../bin/sallyport.js', import.meta.url));

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
  const naming = new Naming(serversOf(text), machine.home);
  const found = clients.flatMap(client =>
    client.files
      .filter(({ scope }) => scope === 'user' || project)
      .map(file => planFile(client, file, { ownEntry: ownEntryOf(options.ownWords), serverId: naming.idFor })),
  );
  const files = found.filter(plan => plan !== undefined && 'after' in plan);
  const planned = options.hooks ? hooksFor(options, files) : [];
  const hooks = planned.filter(plan => 'after' in plan);
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
    ...{ keys, hooks, unreadableHooks: planned.filter(plan => 'why' in plan) },
  };
}

/** Where servers and hooks stand in one file, the hooks come to what it holds once its servers are wrapped. */
function hooksFor(
  { machine, clients, stateDir }: WrapOptions,
  files: readonly FilePlan[],
): ReturnType<typeof planHooks> {
  const ids = clients.map(({ id }) => id);
  return planHooks(machine, ids, resolve(stateDir), file => files.find(({ target }) => target === file)?.after);
}

/** The client's own names for servers that lead here, from now on or already. */
function serversOfClient(client: string | undefined, files: readonly FilePlan[]): Record<string, string> {
  const entries = files.filter(file => file.client.id === client).flatMap(file => file.entries);
  const behind = entries.map(({ name, fate }) => [name, fate.kind === 'left' ? undefined : fate.server] as const);
  return Object.fromEntries(
    behind.flatMap(([name, server]) => (server === undefined ? [] : [[name, server] as const])),
  );
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
  readonly #home: string;
  readonly #ids = new Map<string, string>();

  constructor(known: ReadonlyMap<string, unknown>, home: string) {
    this.#known = known;
    this.#home = home;
  }

  readonly idFor = (name: string, described: Described, folder: string): string => {
    if (described.kind === 'other') return '';
    const cwd =
      described.kind !== 'stdio'
        ? undefined
        : (described.cwd ?? (folder.startsWith(join(this.#home, '.')) ? undefined : folder));
    const key = JSON.stringify([described, cwd ?? null]);
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
    this.fresh.push({ id, described, cwd });
    return id;
  };
}

/**
 * Writes what was planned: keys and our own side first, so that a crash leaves clients that still work. Throws where a key
 * cannot be kept; then nothing is changed.
 */
export function carryOut(plan: WrapPlan, store: WrapStore, host: KeychainHost = thisHost): ChangedFile[] {
  const record = store.read();
  putKeys(plan.keys, host);
  const files: ChangedFile[] = [...record.files];
  const put = (client: string, target: string, before: Buffer | undefined, after: Buffer, hooks = false): void => {
    const earlier = files.findIndex(file => file.target === target);
    // What was there before the first wrap is what there is to go back to.
    const kept = earlier >= 0 && before !== undefined && sha256(before) === files[earlier]?.after;
    const original = kept ? files[earlier]?.before : before === undefined ? undefined : store.keep(before);
    const [replaced] = earlier >= 0 ? files.splice(earlier, 1) : [];
    const madeDirs = foldersMissing(dirname(target));
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    const made = replaced?.madeDirs ?? madeDirs;
    files.push({
      client,
      target,
      before: original,
      after: sha256(after),
      ...(made.length === 0 ? {} : { madeDirs: made }),
      ...(hooks && (replaced === undefined || replaced.hooksOnly) ? { hooksOnly: true } : {}),
    });
    store.keep(after);
    store.write({ v: 1, files, secrets: [...record.secrets, ...plan.keys.map(({ place }) => place)] });
    replaceFile(target, after);
  };
  const { config } = plan;
  if (config.before === undefined || !config.before.equals(config.after))
    put('gateway', config.target, config.before, config.after);
  for (const file of plan.files) if (changes(file)) put(file.client.id, file.target, file.before, file.after);
  for (const { target, file, after } of plan.hooks) {
    const now = bytesOf(file);
    if (now === undefined || !now.equals(after)) put(target.client, file, now, after, true);
  }
  return files;
}
