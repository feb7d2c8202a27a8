import type { Instant, TaskId } from '@sallyport/core/model/ids.ts';
import type { Task } from '@sallyport/core/model/task.ts';

export interface HoldPorts {
  readonly now: () => Instant;
  readonly end: (task: TaskId, why: string) => void;
}

/** A connection that broke may be made again within this. */
const againMillisMax = 2_000;
/** From its opening, or from a start of the gateway, until the first one holds it. */
const firstMillisMax = 60_000;
const holdsPerTaskMax = 16;

interface Held {
  readonly connections: Set<AbortController>;
  /** Since when nobody holds it; undefined: somebody does. */
  freeSince: Instant | undefined;
  everHeld: boolean;
}

/** Connections that tasks hang on: while one is open the task goes on. */
export class Holds {
  readonly #ports: HoldPorts;
  readonly #held = new Map<TaskId, Held>();

  constructor(ports: HoldPorts) {
    this.#ports = ports;
  }

  /**
   * A new connection holds the task until `closed` is aborted. The signal that comes back is aborted when the task no
   * longer needs it; undefined if there are too many.
   */
  hold(task: TaskId, closed: AbortSignal): AbortSignal | undefined {
    const held = this.#of(task);
    if (held.connections.size >= holdsPerTaskMax) return undefined;
    const connection = new AbortController();
    held.connections.add(connection);
    held.everHeld = true;
    held.freeSince = undefined;
    const release = (): void => {
      if (!held.connections.delete(connection) || held.connections.size > 0) return;
      held.freeSince = this.#ports.now();
    };
    if (closed.aborted) release();
    else closed.addEventListener('abort', release, { once: true });
    return connection.signal;
  }

  /** `tasks`: those that are open and hang on a connection. */
  look(tasks: readonly Task[]): void {
    const open = new Set(tasks.map(({ id }) => id));
    for (const [task, { connections }] of this.#held) {
      if (open.has(task)) continue;
      for (const connection of connections) connection.abort();
      this.#held.delete(task);
    }
    for (const task of open) {
      const { freeSince, everHeld } = this.#of(task);
      const wait = everHeld ? againMillisMax : firstMillisMax;
      if (freeSince === undefined || this.#ports.now() - freeSince <= wait) continue;
      this.#ports.end(task, everHeld ? 'the connection that it hung on was closed' : 'nobody held it');
    }
  }

  close(): void {
    for (const { connections } of this.#held.values()) for (const connection of connections) connection.abort();
    this.#held.clear();
  }

  #of(task: TaskId): Held {
    const before = this.#held.get(task);
    if (before !== undefined) return before;
    const held: Held = { connections: new Set(), freeSince: this.#ports.now(), everHeld: false };
    this.#held.set(task, held);
    return held;
  }
}
