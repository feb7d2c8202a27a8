import { isUsable } from '@sallyport/core/lease/lease.ts';
import type { Sha256 } from '@sallyport/core/model/action.ts';
import type { Instant } from '@sallyport/core/model/ids.ts';
import { type Checked, passed, refused } from '@sallyport/core/model/refusal.ts';
import { type Backoff, failedOnce, noBackoff } from './backoff.ts';
import type { ServerConfig } from './config.ts';
import type { Connection, ConnectionEvents } from './connection.ts';
import type { Credentials, SecretWanted } from './credentials.ts';
import type { ListenAddress } from './http/dial.ts';
import { type ConnectionKey, isSameKey, keyText } from './key.ts';
import type { UpstreamLimits } from './limits.ts';
import type { Era } from './mcp/frame.ts';
import { credentialWhy, openConnection } from './open.ts';
import { placeFor } from './places.ts';
import { clearPlace, placeOf } from './stdio/place.ts';

export interface ConnectionsOptions {
  readonly stateDir: string;
  readonly limits: UpstreamLimits;
  readonly sha256: Sha256;
  readonly listening: () => readonly ListenAddress[];
  readonly acceptedPin: (server: string, key: string) => string | undefined;
  readonly credentials: Credentials;
  readonly now: () => Instant;
  readonly events: (key: ConnectionKey) => ConnectionEvents;
}

/** What is known of one key: its connection if there is one, and how it fared. */
export interface Held {
  readonly key: ConnectionKey;
  readonly server: ServerConfig;
  connection: Connection | undefined;
  opening: Promise<Checked<Connection>> | undefined;
  openedAt: number;
  backoff: Backoff;
  lastFailure: string | undefined;
  lastWords: readonly string[];
}

/**
 * At most one connection for each key, opened when it is first needed, given up when nobody has used it for
 * `idleMillisMax`, and not opened again before its back-off is over. One that fails says nothing about the others.
 */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #held = new Map<string, Held>();
  /** Of each server, what was last asked for: mostly it is asked for again, and no key need be put together. */
  readonly #latest = new Map<string, Held>();
  readonly #eras = new Map<string, Era>();
  /** Connections that have been given up and are not quite gone. */
  readonly #endings = new Set<Promise<void>>();
  readonly #sweep: NodeJS.Timeout;
  readonly #stopping = new AbortController();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    const { idleMillisMax } = options.limits;
    this.#sweep = setInterval(() => this.#closeIdle(idleMillisMax), Math.max(50, idleMillisMax / 10)).unref();
  }

  all(): readonly Held[] {
    return [...this.#held.values()];
  }

  /** The connection of this key if it is there and holds nothing that is about to end: most calls need not wait for it. */
  atHand(key: ConnectionKey): Connection | undefined {
    const connection = this.#known(key)?.connection;
    const isFit = connection?.wire.open() === true && isUsable(connection.usableUntil, this.#options.now());
    return isFit ? connection : undefined;
  }

  /** What was forgotten meanwhile has no connection, and never gets one again. */
  #known(key: ConnectionKey): Held | undefined {
    const latest = this.#latest.get(key.server);
    if (latest?.connection !== undefined && isSameKey(latest.key, key)) return latest;
    const held = this.#held.get(keyText(key));
    if (held !== undefined) this.#latest.set(key.server, held);
    return held;
  }

  /** The connection of this key; refused at once while it backs off, and when there are too many. */
  async get(key: ConnectionKey, server: ServerConfig, wanted: SecretWanted): Promise<Checked<Connection>> {
    await this.#giveUpExpired(this.#holder(key, server));
    // What a task held is forgotten with its connection: a new one must be where those are found that are to be ended.
    const held = this.#holder(key, server);
    if (held.connection?.wire.open() === true) return passed(held.connection);
    held.opening ??= this.#open(held, wanted).finally(() => {
      held.opening = undefined;
      this.#forgetFailed(held);
    });
    return await held.opening;
  }

  /** Ends those whose key `matches`, also one that is just being opened: what was started for it dies with it. */
  endWhere(matches: (key: ConnectionKey) => boolean): void {
    for (const held of this.#held.values()) {
      if (!matches(held.key)) continue;
      void held.connection?.wire.close(endedWhy);
      void held.opening
        ?.then(opened => (opened.ok ? opened.value.wire.close(endedWhy) : undefined))
        .catch(() => undefined);
    }
  }

  /** Somebody wants no longer to hear of resources: those of each key that `isTheirs` finds. */
  left(isTheirs: (key: ConnectionKey, uri: string) => boolean): void {
    for (const { key, connection } of this.#held.values()) connection?.left(uri => isTheirs(key, uri));
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#sweep);
    const ends = this.all().map(async held => {
      const opened = await held.opening?.catch(() => undefined);
      const connection = opened?.ok ? opened.value : held.connection;
      await connection?.wire.close('the gateway is stopping');
    });
    await Promise.all(ends);
    await Promise.all(this.#endings);
  }

  /** What holds a secret that is about to end is opened anew with another one, as soon as nobody is at work on it. */
  async #giveUpExpired({ connection }: Held): Promise<void> {
    if (connection === undefined || isUsable(connection.usableUntil, this.#options.now())) return;
    if (connection.idle) await connection.wire.close(credentialWhy);
  }

  /**
   * A task of a shared agent comes once: what is known of an attempt that failed is of use to it alone, so it is kept
   * while it backs off and no longer.
   */
  #forgetFailed(held: Held): void {
    if (held.key.task === undefined || held.connection !== undefined) return;
    const wait = Math.max(0, held.backoff.notBefore - performance.now());
    setTimeout(() => {
      const idle = held.connection === undefined && held.opening === undefined;
      if (idle && this.#held.get(keyText(held.key)) === held) this.#held.delete(keyText(held.key));
    }, wait + 1).unref();
  }

  #holder(key: ConnectionKey, server: ServerConfig): Held {
    const text = keyText(key);
    const before = this.#held.get(text);
    if (before !== undefined) return before;
    const held: Held = {
      key,
      server,
      connection: undefined,
      opening: undefined,
      openedAt: 0,
      backoff: noBackoff,
      lastFailure: undefined,
      lastWords: [],
    };
    this.#held.set(text, held);
    return held;
  }

  async #open(held: Held, wanted: SecretWanted): Promise<Checked<Connection>> {
    const { key, server } = held;
    if (this.#stopping.signal.aborted) return unavailable(key, 'the gateway is stopping');
    const wait = held.backoff.notBefore - performance.now();
    if (wait > 0)
      return unavailable(
        key,
        `it failed ${held.backoff.failures} times in a row, most recently because ${held.lastFailure}; next try in ${Math.ceil(wait / 1000)} s`,
      );
    const crowd = this.#makeRoom(key);
    if (crowd !== undefined) return refused({ code: 'overloaded', what: key.server, why: crowd });
    const { stateDir, limits, sha256, listening, acceptedPin, events, credentials } = this.#options;
    const own = events(key);
    const opened = await openConnection({
      server,
      key,
      stateDir,
      limits,
      sha256,
      listening,
      acceptedPin: item => acceptedPin(key.server, item),
      issue: credential => credentials.issue(credential, wanted),
      release: credentials.release,
      stopping: this.#stopping.signal,
      known: this.#eras.get(key.server),
      events: { ...own, closed: why => this.#lost(held, why, own) },
    });
    if (opened.ok) return this.#opened(held, opened.value);
    // What it lacks is a credential: that says nothing about the server, and whoever asks is told how to get one.
    if (opened.refusal.code === 'credential-unavailable') return opened;
    this.#eras.delete(key.server);
    held.lastWords = opened.lastWords ?? [];
    this.#failed(held, opened.refusal.why);
    return refused({ ...opened.refusal, what: key.server });
  }

  #opened(held: Held, connection: Connection): Checked<Connection> {
    this.#eras.set(held.key.server, connection.greeting.era);
    held.connection = connection;
    held.openedAt = performance.now();
    return passed(connection);
  }

  #lost(held: Held, why: string, events: ConnectionEvents): void {
    const connection = held.connection;
    held.connection = undefined;
    held.lastWords = connection?.wire.lastWords?.() ?? [];
    if (performance.now() - held.openedAt >= this.#options.limits.healthyMillisMin) held.backoff = noBackoff;
    if (!this.#expected.has(why)) this.#failed(held, why);
    events.closed(why);
    if (held.key.task !== undefined) this.#held.delete(keyText(held.key));
    if (connection !== undefined) this.#bury(held, connection.wire.close(why));
  }

  /** What a task's own child left behind goes with it, once it is gone: a folder per task would fill the disk. */
  #bury({ key, server }: Held, end: Promise<void>): void {
    const buried = end.then(() => {
      this.#endings.delete(buried);
      const unused = key.task !== undefined && !this.#held.has(keyText(key));
      if (unused && server.launch.kind !== 'http') clearPlace(placeOf(this.#options.stateDir, key));
    });
    this.#endings.add(buried);
  }

  readonly #expected: ReadonlySet<string> = new Set([
    idleWhy,
    roomWhy,
    endedWhy,
    credentialWhy,
    'the gateway is stopping',
  ]);

  #failed(held: Held, why: string): void {
    held.lastFailure = why;
    held.backoff = failedOnce(held.backoff, performance.now(), this.#options.limits);
  }

  #closeIdle(millisMax: number): void {
    const oldest = performance.now() - millisMax;
    for (const { connection } of this.#held.values())
      if (connection?.idle === true && connection.usedAt < oldest) void connection.wire.close(idleWhy);
  }

  /** Gives up an idle connection for it where it has to; where none may be, says why. */
  #makeRoom(key: ConnectionKey): string | undefined {
    const open = this.all().filter(({ connection, opening }) => connection !== undefined || opening !== undefined);
    const place = placeFor(key, open, this.#options.limits.connectionsMax);
    if (place.kind === 'instead') void place.of.wire.close(roomWhy);
    return place.kind === 'none' ? place.why : undefined;
  }
}

const idleWhy = 'nobody has used it for a while';
/** Said of a connection whose agent, task or server was stopped, or whose task has ended. */
const endedWhy = 'what it was opened for has ended';
const roomWhy = 'another connection was needed';

function unavailable(key: ConnectionKey, why: string): Checked<never> {
  return refused({ code: 'upstream-unavailable', what: key.server, why });
}
