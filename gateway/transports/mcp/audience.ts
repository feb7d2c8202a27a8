import type { AgentId, ServerId } from '@sallyport/core/model/ids.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { outerUri, type Scope, subscriptionKey } from './names.ts';
import { type AskedFor, concerns, type Uris, type Waiting } from './waiting.ts';
import { type ListKind, metaKeys } from './wire/protocol.ts';

/** An open stream that wants to hear of changes. It holds no authority: what it says is only *look again*. */
export interface Listener {
  readonly agent: AgentId;
  readonly scope: Scope;
  readonly lists: ReadonlySet<ListKind>;
  readonly uris: Uris;
  /** JSON text of the id of the `subscriptions/listen` request; undefined in the legacy era. */
  readonly subscription: string | undefined;
  readonly send: (messageText: string) => void;
  /** The task that it listens in. Closes the stream unless the agent's proof and task still stand. */
  readonly check: () => Promise<Task | undefined>;
  /** The gateway ends it. */
  readonly end: () => void;
}

/** Told of which resources an agent has one listener less: servers may be asked to stop telling. */
export type Left = (agent: AgentId, uris: Uris) => void;

/** Everyone who listens, on every door. */
export class Audience {
  readonly #listeners = new Set<Listener>();
  readonly #waiting = new Set<Waiting>();
  readonly #onLeft: Left;
  /** The gateway is stopping, and its servers with it. */
  #isOver = false;

  constructor(onLeft: Left = () => {}) {
    this.#onLeft = onLeft;
  }

  /** Returns what takes the listener out again. `waiting`: it is told first what has changed meanwhile. */
  add(listener: Listener, waiting?: Waiting): () => void {
    this.#listeners.add(listener);
    if (waiting !== undefined) void this.#tellMissed(listener, waiting);
    return () => {
      this.#listeners.delete(listener);
      this.#left(listener);
    };
  }

  /** From now on it is kept what changes. */
  wait(waiting: Waiting): void {
    this.#waiting.add(waiting);
  }

  leave(waiting: Waiting): void {
    if (this.#waiting.delete(waiting)) this.#left(waiting);
  }

  #left({ agent, uris }: Listener | Waiting): void {
    if (!this.#isOver) this.#onLeft(agent, uris);
  }

  /** Its streams, those that are still being opened included. */
  countOf(agent: AgentId): number {
    let count = 0;
    for (const listener of this.#listeners) if (listener.agent === agent) count++;
    for (const waiting of this.#waiting) if (waiting.isOpening && waiting.agent === agent) count++;
    return count;
  }

  /** Whether some stream of this agent is told of that resource. */
  isListening(agent: AgentId, key: string): boolean {
    for (const listener of this.#listeners) if (listener.agent === agent && listener.uris.has(key)) return true;
    return false;
  }

  /**
   * Whether others, for whom the server was asked in the same way, still want to hear of that resource. For whom somebody without
   * a stream waits is not known before it is open: it counts for all.
   */
  async wants(askedFor: AskedFor, key: string): Promise<boolean> {
    const isTheirs = ({ agent, uris }: Listener | Waiting): boolean => agent === askedFor.agent && uris.has(key);
    if ([...this.#waiting].some(isTheirs)) return true;
    const tasks = await Promise.all([...this.#listeners].filter(isTheirs).map(({ check }) => check()));
    return tasks.some(task => concerns(askedFor, task));
  }

  /** A list may have changed: policy, a pin, a mode or a server did. Whoever may no longer listen is closed instead. */
  async listsChanged(kinds: readonly ListKind[]): Promise<void> {
    for (const waiting of this.#waiting) waiting.keepLists(kinds);
    await Promise.all([...this.#listeners].map(listener => this.#tell(listener, kinds)));
  }

  async #tell(listener: Listener, kinds: readonly ListKind[]): Promise<void> {
    if ((await listener.check()) !== undefined) tellLists(listener, kinds);
  }

  /** Tells the streams that subscribed to exactly this resource, and whose work the server was asked for. */
  async resourceUpdated(askedFor: AskedFor, server: ServerId, uri: string): Promise<void> {
    for (const waiting of this.#waiting) waiting.keep({ askedFor, server, uri });
    const key = subscriptionKey(server, uri);
    const interested = [...this.#listeners].filter(({ agent, uris }) => agent === askedFor.agent && uris.has(key));
    await Promise.all(
      interested.map(async listener => {
        if (concerns(askedFor, await listener.check())) tellUpdated(listener, server, uri);
      }),
    );
  }

  async #tellMissed(listener: Listener, waiting: Waiting): Promise<void> {
    this.#waiting.delete(waiting);
    const own = await listener.check();
    if (own === undefined) return;
    const missed = waiting.take(own);
    tellLists(listener, missed.lists);
    for (const { server, uri } of missed.changes) tellUpdated(listener, server, uri);
  }

  endAll(): void {
    this.#isOver = true;
    for (const listener of [...this.#listeners]) listener.end();
  }
}

function tellLists(listener: Listener, kinds: readonly ListKind[]): void {
  for (const kind of kinds)
    if (listener.lists.has(kind)) listener.send(noticeText(`notifications/${kind}/list_changed`, listener, []));
}

function tellUpdated(listener: Listener, server: ServerId, uri: string): void {
  const member = `"uri":${JSON.stringify(outerUri(listener.scope, server, uri))}`;
  listener.send(noticeText('notifications/resources/updated', listener, [member]));
}

function noticeText(method: string, listener: Listener, members: readonly string[]): string {
  const all = listener.subscription === undefined ? members : [subscriptionMeta(listener.subscription), ...members];
  const params = all.length === 0 ? '' : `,"params":{${all.join(',')}}`;
  return `{"jsonrpc":"2.0","method":"${method}"${params}}`;
}

/** 2026-07-28, "Subscriptions": every message of a subscription repeats the id of the request that opened it. */
export function subscriptionMeta(idText: string): string {
  return `"_meta":{"${metaKeys.subscriptionId}":${idText}}`;
}
