import type { GiveUp, Pending } from './ask.ts';

/**
 * The time that answers may take. One timer serves all requests of a conversation: it is set for the first deadline,
 * and stays where it is when a request is answered before, as nearly all are. It keeps no process alive: what a request
 * waits for, a socket or a child, does.
 */
export class Deadlines {
  readonly #pending: () => readonly Pending[];
  readonly #giveUp: GiveUp;
  #timer: NodeJS.Timeout | undefined;
  #next = Number.POSITIVE_INFINITY;

  constructor(pending: () => readonly Pending[], giveUp: GiveUp) {
    this.#pending = pending;
    this.#giveUp = giveUp;
  }

  /** Starts the time anew that an answer may take. */
  allow(pending: Pending, millisMax: number): void {
    pending.millisMax = millisMax;
    pending.due = performance.now() + millisMax;
    if (pending.due < this.#next) this.#wait(pending.due);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#next = Number.POSITIVE_INFINITY;
  }

  #wait(until: number): void {
    clearTimeout(this.#timer);
    this.#next = until;
    if (until < Number.POSITIVE_INFINITY)
      this.#timer = setTimeout(this.#look, Math.max(1, Math.ceil(until - performance.now()))).unref();
  }

  readonly #look = (): void => {
    const now = performance.now();
    for (const pending of this.#pending())
      if (pending.due <= now)
        this.#giveUp(pending, 'upstream-timeout', `no answer came within ${pending.millisMax} ms`);
    this.#wait(this.#pending().reduce((first, { due }) => Math.min(first, due), Number.POSITIVE_INFINITY));
  };
}
