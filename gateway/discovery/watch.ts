import { setImmediate } from 'node:timers/promises';
import type { ServerId } from '@sallyport/core/model/ids.ts';
import type { Refusal } from '@sallyport/core/model/refusal.ts';
import type { RunningUpstreams } from '../upstreams/upstreams.ts';

const retryMillisMin = 1_000;
const retryMillisMax = 60_000;

/** Looks at servers until each has been reached once. After that their own connections tell what changes. */
export class Watch {
  readonly #upstreams: Pick<RunningUpstreams, 'look'>;
  readonly #looked: (server: ServerId, failure: Refusal | undefined) => void;
  readonly #timers = new Map<ServerId, NodeJS.Timeout>();
  readonly #begun = new Set<ServerId>();
  readonly #firstLooks = new Map<ServerId, Promise<void>>();
  #stopped = false;

  constructor(
    upstreams: Pick<RunningUpstreams, 'look'>,
    looked: (server: ServerId, failure: Refusal | undefined) => void,
  ) {
    this.#upstreams = upstreams;
    this.#looked = looked;
  }

  async begin(servers: readonly ServerId[], millisMax: number): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, millisMax);
    const fresh = servers.filter(server => !this.#begun.has(server));
    await Promise.race([Promise.all(fresh.map((server, before) => this.#lookFirst(server, before))), late]);
    clearTimeout(timer);
  }

  /** Resolves when the first look at `server` is over, whatever came of it; undefined where it is, or never began. */
  firstLook(server: ServerId): Promise<void> | undefined {
    return this.#firstLooks.get(server);
  }

  /** What stood in the way of this server is gone: it is not waited for any longer. */
  hurry(server: ServerId): void {
    const timer = this.#timers.get(server);
    clearTimeout(timer);
    if (this.#timers.delete(server)) void this.#look(server, retryMillisMin);
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #lookFirst(server: ServerId, before: number): Promise<void> {
    this.#begun.add(server);
    const look = this.#lookInTurn(server, before).finally(() => this.#firstLooks.delete(server));
    this.#firstLooks.set(server, look);
    return look;
  }

  /** To start a process holds up everything for a moment: what comes in meanwhile waits for one, and not for all. */
  async #lookInTurn(server: ServerId, before: number): Promise<void> {
    for (let turn = 0; turn <= before; turn++) await setImmediate();
    if (!this.#stopped) await this.#look(server, retryMillisMin);
  }

  async #look(server: ServerId, retryMillis: number): Promise<void> {
    const looked = await this.#upstreams.look(server);
    if (this.#stopped) return;
    this.#looked(server, looked.ok ? undefined : looked.refusal);
    if (looked.ok) return;
    const timer = setTimeout(() => {
      this.#timers.delete(server);
      void this.#look(server, Math.min(retryMillisMax, retryMillis * 2));
    }, retryMillis);
    this.#timers.set(server, timer.unref());
  }
}
