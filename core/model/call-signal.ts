/**
 * As much of an `AbortSignal` as a call needs, so that one of those does for it. An `AbortController` and its signal cost
 * each call a microsecond or more, and hardly any call is ever cancelled.
 */
export interface CallSignal {
  readonly aborted: boolean;
  /** The listener is called once, when it is aborted; never where that has happened before. */
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once: true }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** What aborts one call. */
export class Cancellation implements CallSignal {
  #aborted = false;
  #listeners: (() => void)[] | undefined;

  get aborted(): boolean {
    return this.#aborted;
  }

  /** Everyone is told, also after a listener that throws; what it threw is thrown to whoever aborts. */
  abort(): void {
    this.#aborted = true;
    const next = this.#listeners?.shift();
    if (next === undefined) return;
    try {
      next();
    } finally {
      this.abort();
    }
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (this.#aborted) return;
    if (this.#listeners === undefined) this.#listeners = [listener];
    else if (!this.#listeners.includes(listener)) this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const at = this.#listeners?.indexOf(listener) ?? -1;
    if (at >= 0) this.#listeners?.splice(at, 1);
  }
}
