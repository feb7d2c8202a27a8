import type { AgentId, PrincipalId, ServerId, TaskId } from '@sallyport/core/model/ids.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { outerUri, type Scope, subscriptionKey } from './names.ts';
import { metaKeys } from './protocol.ts';

export type ListKind = 'tools' | 'prompts' | 'resources';

export const listKinds: readonly ListKind[] = ['tools', 'prompts', 'resources'];

/** An open stream that wants to hear of changes. It holds no authority: what it says is only *look again*. */
export interface Listener {
  readonly agent: AgentId;
  readonly scope: Scope;
  readonly lists: ReadonlySet<ListKind>;
  /** Keys of `subscriptionKey`. */
  readonly uris: ReadonlySet<string>;
  /** JSON text of the id of the `subscriptions/listen` request; undefined in the legacy era. */
  readonly subscription: string | undefined;
  readonly send: (messageText: string) => void;
  /** The task that it listens in. Closes the stream unless the agent's proof and task still stand. */
  readonly check: () => Promise<Task | undefined>;
  /** The gateway ends it. */
  readonly end: () => void;
}

/** For whom a server was asked: an agent's work for one principal, or one task of it. */
export interface AskedFor {
  readonly agent: AgentId;
  readonly principal: PrincipalId;
  readonly task: TaskId | undefined;
}

/** Everyone who listens, on every door. */
export class Audience {
  readonly #listeners = new Set<Listener>();

  /** Returns what takes the listener out again. */
  add(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  countOf(agent: AgentId): number {
    let count = 0;
    for (const listener of this.#listeners) if (listener.agent === agent) count++;
    return count;
  }

  /** Whether some stream of this agent still wants to hear of that resource. */
  wants(agent: AgentId, key: string): boolean {
    for (const listener of this.#listeners) if (listener.agent === agent && listener.uris.has(key)) return true;
    return false;
  }

  /** A list may have changed: policy, a pin, a mode or a server did. Whoever may no longer listen is closed instead. */
  async listsChanged(kinds: readonly ListKind[]): Promise<void> {
    await Promise.all([...this.#listeners].map(listener => this.#tell(listener, kinds)));
  }

  async #tell(listener: Listener, kinds: readonly ListKind[]): Promise<void> {
    if ((await listener.check()) === undefined) return;
    for (const kind of kinds)
      if (listener.lists.has(kind)) listener.send(noticeText(`notifications/${kind}/list_changed`, listener, []));
  }

  /** Tells the streams that subscribed to exactly this resource, and whose work the server was asked for. */
  async resourceUpdated({ agent, principal, task }: AskedFor, server: ServerId, uri: string): Promise<void> {
    const key = subscriptionKey(server, uri);
    const interested = [...this.#listeners].filter(listener => listener.agent === agent && listener.uris.has(key));
    await Promise.all(
      interested.map(async listener => {
        const own = await listener.check();
        if (own?.principal !== principal || (task !== undefined && own.id !== task)) return;
        const member = `"uri":${JSON.stringify(outerUri(listener.scope, server, uri))}`;
        listener.send(noticeText('notifications/resources/updated', listener, [member]));
      }),
    );
  }

  endAll(): void {
    for (const listener of [...this.#listeners]) listener.end();
  }
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
