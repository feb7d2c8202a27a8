import type { TaskId } from '@sallyport/core/model/ids.ts';
import type { Pending } from './ask.ts';

/** Actions that nobody waits for any more and that their server may still be at work on: until it answers, or for so long. */
export class GivenUp {
  readonly #millisMax: number;
  /** By their ids, oldest first; `until` by the clock of `performance.now`. */
  readonly #all = new Map<number, { readonly task: TaskId; readonly until: number }>();

  constructor(millisMax: number) {
    this.#millisMax = millisMax;
  }

  add({ id, ask: { actsIn } }: Pending): void {
    this.#forgetOld();
    if (actsIn !== undefined) this.#all.set(id, { task: actsIn, until: performance.now() + this.#millisMax });
  }

  delete(id: number): void {
    this.#all.delete(id);
  }

  areOfOthersThan(task: TaskId | undefined): boolean {
    this.#forgetOld();
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
