import { Answered } from './answered.ts';
import type { Known } from './asked.ts';
import { type Cedar, freshCedar, soundCedar } from './instance.ts';
import type { LoadedPolicy } from './policy.ts';
import { Slices } from './slices.ts';

/** A request that breaks the instance each time must not hold the process: at most so many new ones in so long. */
export const buildsMax = 5;
export const buildsWindowMillis = 5_000;

/** One instance of the engine, and what ends with it. */
export interface Instance {
  readonly cedar: Cedar;
  readonly slices: Slices;
  readonly answered: Answered<Known>;
}

export interface InstancesOptions {
  readonly policies: readonly LoadedPolicy[];
  /** From `soundCedar`, and nobody else's: the first instance, made before the policies were known. */
  readonly first?: Cedar;
  /** For tests: another engine, another clock (milliseconds). */
  readonly makeCedar?: () => Cedar;
  readonly clock?: () => number;
  /** For tests: how often some policies of a slice come up together before they are asked alone. */
  readonly partWantedMin?: number;
}

/**
 * The instances of the engine that serve one policy set, one after the other. One that broke is dropped, and the next is made
 * when it is asked for; it must answer a canary before it serves (DF2).
 */
export class Instances {
  readonly #policies: readonly LoadedPolicy[];
  readonly #makeCedar: () => Cedar;
  readonly #clock: () => number;
  readonly #partWantedMin: number | undefined;
  readonly #onDropped: () => void;
  #serving: Instance | undefined;
  #built = 0;
  #buildTimes: readonly number[] = [];

  /** `onDropped`: what was remembered of the instance that served holds no longer. */
  constructor(options: InstancesOptions, onDropped: () => void) {
    this.#policies = options.policies;
    this.#makeCedar = options.makeCedar ?? freshCedar;
    this.#clock = options.clock ?? (() => performance.now());
    this.#partWantedMin = options.partWantedMin;
    this.#onDropped = onDropped;
    this.#build(options.first);
  }

  /** How many there have been. */
  get built(): number {
    return this.#built;
  }

  /** The one that serves, made anew if the last was dropped. Throws if a new one is not sound, or too many were made just now. */
  get serving(): Instance {
    return this.#serving ?? this.#build();
  }

  drop(): void {
    this.#serving = undefined;
    this.#onDropped();
  }

  #build(first?: Cedar): Instance {
    const now = this.#clock();
    const recent = this.#buildTimes.filter(at => now - at < buildsWindowMillis);
    if (recent.length >= buildsMax) throw new Error('the policy engine failed too often and rests');
    this.#buildTimes = [...recent, now];
    const cedar = first ?? soundCedar(this.#makeCedar);
    this.#built++;
    const slices = new Slices(cedar, this.#policies, () => this.drop(), this.#partWantedMin);
    this.#serving = { cedar, slices, answered: new Answered<Known>() };
    return this.#serving;
  }
}
