import type { Agent } from '@sallyport/core/model/agent.ts';
import type { AgentId, PrincipalId, ServerId, TaskId } from '@sallyport/core/model/ids.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { subscriptionKey } from './names.ts';
import type { ListKind } from './wire/protocol.ts';

/** Keys of `subscriptionKey`; they may become more or fewer. */
export type Uris = Pick<ReadonlySet<string>, 'has'>;

/** For whom a server was asked: an agent's work for one principal, or one task of it. */
export interface AskedFor {
  readonly agent: AgentId;
  readonly principal: PrincipalId;
  readonly task: TaskId | undefined;
}

/** How servers are asked on behalf of this task (docs/decisions/0006). */
export function askedFor({ id, shared }: Agent, { principal, id: task }: Task): AskedFor {
  return { agent: id, principal, task: shared ? task : undefined };
}

export function concerns({ principal, task }: Omit<AskedFor, 'agent'>, own: Task | undefined): boolean {
  return own?.principal === principal && (task === undefined || own.id === task);
}

/** A resource changed, says the server that was asked for somebody. */
export interface Change {
  readonly askedFor: AskedFor;
  readonly server: ServerId;
  readonly uri: string;
}

export interface Missed {
  readonly lists: readonly ListKind[];
  readonly changes: readonly Change[];
}

/** Of one stream; what comes after them is not kept. */
const changesKeptMax = 256;

/**
 * Somebody who wants to hear of changes and has no stream open to be told on: they are kept for the one that opens. However often
 * a list or a resource changed, it is kept once; a resource once for each of those whom the server was asked for.
 */
export class Waiting {
  readonly agent: AgentId;
  readonly uris: Uris;
  /** A stream is being opened for it, and counts as one that is open. */
  readonly isOpening: boolean;
  readonly #lists = new Set<ListKind>();
  readonly #changes = new Map<string, Change>();

  constructor(agent: AgentId, uris: Uris, isOpening = false) {
    this.agent = agent;
    this.uris = uris;
    this.isOpening = isOpening;
  }

  keepLists(kinds: readonly ListKind[]): void {
    for (const kind of kinds) this.#lists.add(kind);
  }

  keep(change: Change): void {
    const { askedFor, server, uri } = change;
    if (askedFor.agent !== this.agent || !this.uris.has(subscriptionKey(server, uri))) return;
    const key = JSON.stringify([server, uri, askedFor.principal, askedFor.task]);
    if (this.#changes.size < changesKeptMax) this.#changes.set(key, change);
  }

  /** What concerns this task and is still wanted; it is kept no longer. */
  take(own: Task): Missed {
    const lists = [...this.#lists];
    this.#lists.clear();
    const taken = [...this.#changes].filter(([, { askedFor }]) => concerns(askedFor, own));
    for (const [key] of taken) this.#changes.delete(key);
    const changes = taken.map(([, change]) => change);
    return { lists, changes: changes.filter(({ server, uri }) => this.uris.has(subscriptionKey(server, uri))) };
  }
}
