import { joinedSources, type LabelSource } from '../model/label.ts';
import type { ActionClass } from '../model/tool.ts';

/**
 * How what was written to one server through this gateway is marked, whoever wrote it: whoever reads it there inherits the
 * labels, also in another task, as another agent, after a restart. The first source of each label is kept.
 */
export interface Store {
  /** By the keyed digest of an exact name, the longest unwritten first. */
  readonly named: Map<string, readonly LabelSource[]>;
  /** Written where nobody could tell, or under a name that is forgotten: it may stand anywhere. */
  readonly anywhere: readonly LabelSource[];
  /** All of it together: what is read without a name may be any of it. */
  readonly all: readonly LabelSource[];
}

/** By server. A part of the state that the journal makes. */
export type Stores = Map<string, Store>;

/** Names of one server; what is written under the longest unwritten one may, from then on, stand anywhere. */
export const namesMax = 4_096;

/**
 * Reading leaves nothing, also of an address or of what is guarded; all else may leave there what it was given, unless an
 * operator says that the tool keeps nothing (`stores`).
 */
export function leavesSomething(classes: readonly ActionClass[], stores = true): boolean {
  return stores && !(classes.includes('read') && classes.every(name => reading.has(name)));
}

const reading: ReadonlySet<ActionClass> = new Set(['read', 'egress', 'admin']);

/** A task with these labels wrote there; `resource` undefined: nobody could tell where. Labels only grow. */
export function write(
  stores: Stores,
  server: string,
  resource: string | undefined,
  sources: readonly LabelSource[],
): void {
  if (sources.length === 0) return;
  const store = stores.get(server) ?? { named: new Map(), anywhere: [], all: [] };
  let { anywhere } = store;
  if (resource === undefined) anywhere = joinedSources(anywhere, sources);
  else {
    const known = store.named.get(resource) ?? [];
    store.named.delete(resource);
    store.named.set(resource, joinedSources(known, sources));
    const [oldest] = store.named;
    if (store.named.size > namesMax && oldest !== undefined) {
      anywhere = joinedSources(anywhere, oldest[1]);
      store.named.delete(oldest[0]);
    }
  }
  stores.set(server, { named: store.named, anywhere, all: joinedSources(store.all, sources) });
}

/** What is inherited by reading there. */
export function held(stores: Stores, server: string, resource: string | undefined): readonly LabelSource[] {
  const store = stores.get(server);
  if (store === undefined) return [];
  if (resource === undefined) return store.all;
  const named = store.named.get(resource);
  return named === undefined ? store.anywhere : joinedSources(named, store.anywhere);
}

/** The line's port on them. */
export function storesPort(stores: Stores): {
  readonly write: (server: string, resource: string | undefined, sources: readonly LabelSource[]) => void;
  readonly held: (server: string, resource: string | undefined) => readonly LabelSource[];
} {
  return {
    write: (server, resource, sources) => write(stores, server, resource, sources),
    held: (server, resource) => held(stores, server, resource),
  };
}
