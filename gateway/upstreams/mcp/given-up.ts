import type { TaskId } from '@sallyport/core/model/ids.ts';
import type { Pending } from './ask.ts';

/** Beyond that many it is not kept which they are: an agent can call and cancel thousands of times a second. */
const givenUpMax = 4_096;

/** Actions that nobody waits for any more and that their server may still be at work on: until it answers, or for so long. */
export class GivenUp {
  readonly #millisMax: number;
  /** By their ids, oldest first; `until` by the clock of `performance.now`. */
  readonly #all = new Map<number, { readonly task: TaskId; readonly until: number }>();
  /** Until then there may be others than those that are kept, of whatever task. */
  #moreUntil = 0;

  constructor(millisMax: number) {
    this.#millisMax = millisMax;
  }

  add({ id, ask: { actsIn } }: Pending): void {
    this.#forgetOld();
    if (actsIn === undefined) return;
    const until = performance.now() + this.#millisMax;
    if (this.#all.size >= givenUpMax) this.#moreUntil = until;
    else this.#all.set(id, { task: actsIn, until });
  }

  delete(id: number): void {
    this.#all.delete(id);
  }

  areOfOthersThan(task: TaskId | undefined): boolean {
    this.#forgetOld();
    if (this.#moreUntil > performance.now()) return true;
    for (const other of this.#all.values()) if (other.task !== task) return true;
    return false;
  }

  #forgetOld(): void {
    const now = performance.now();
    for (const [id, { until }] of this.#all) {
      if (until > now) return;
      this.#all.delete(id);
    }
  }
}
