import type { OutcomeId, TaskId } from '../../model/ids.ts';
import type { LabelSource } from '../../model/label.ts';
import type { HeldValue } from './handle.ts';

/** A value with the outcome that brought it, and where its labels come from. */
export interface Held extends HeldValue {
  readonly entry: OutcomeId;
  readonly sources: readonly LabelSource[];
}

export interface HeldLimits {
  /** Values of one task, and their characters; the oldest are forgotten first. */
  readonly valuesMax: number;
  readonly charsMax: number;
  /** Characters of all tasks together. */
  readonly allCharsMax: number;
}

const heldLimits: HeldLimits = { valuesMax: 10_000, charsMax: 1_048_576, allCharsMax: 16_777_216 };

interface OfTask {
  readonly values: Map<string, Held>;
  chars: number;
}

/**
 * The values that tasks were given handles for, in memory and bounded: what is forgotten is a handle that names nothing. Each
 * task finds its own alone. After a restart they come back from the record.
 */
export class HeldValues {
  readonly #limits: HeldLimits;
  readonly #tasks = new Map<TaskId, OfTask>();
  #chars = 0;

  constructor(limits: HeldLimits = heldLimits) {
    this.#limits = limits;
  }

  /** No task of this run was given any: nothing can be one. */
  get isEmpty(): boolean {
    return this.#tasks.size === 0;
  }

  hold(task: TaskId, values: readonly Held[]): void {
    if (values.length === 0) return;
    const own = this.#tasks.get(task) ?? { values: new Map<string, Held>(), chars: 0 };
    this.#tasks.delete(task);
    this.#tasks.set(task, own);
    for (const held of values) {
      this.#drop(own, held.handle);
      own.values.set(held.handle, held);
      own.chars += held.value.length;
      this.#chars += held.value.length;
    }
    const { valuesMax, charsMax, allCharsMax } = this.#limits;
    while (own.values.size > valuesMax || own.chars > charsMax) this.#dropOldest(own);
    for (const [oldest, { values: theirs }] of this.#tasks) {
      if (this.#chars <= allCharsMax || oldest === task) break;
      for (const handle of [...theirs.keys()]) this.#drop(this.#tasks.get(oldest), handle);
      this.#tasks.delete(oldest);
    }
  }

  find(task: TaskId, handle: string): Held | undefined {
    return this.#tasks.get(task)?.values.get(handle);
  }

  #dropOldest(own: OfTask): void {
    const oldest = own.values.keys().next().value;
    if (oldest !== undefined) this.#drop(own, oldest);
  }

  #drop(own: OfTask | undefined, handle: string): void {
    const held = own?.values.get(handle);
    if (own === undefined || held === undefined) return;
    own.values.delete(handle);
    own.chars -= held.value.length;
    this.#chars -= held.value.length;
  }
}
