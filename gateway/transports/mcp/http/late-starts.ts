interface Waiting {
  readonly begin: () => void;
}

/** How often the clock looks; whoever waits for more than `looksMax` whole looks has waited long: 500 to 625 ms. */
const lookMillis = 125;
const looksMax = 4;

/**
 * Begins what waits long for its answer. Hardly anything does, and a timer for each would be set for nothing: one clock looks
 * after all, and stands still while nobody waits.
 */
export class LateStarts {
  /** By place; undefined where a place is free. */
  readonly #waiting: (Waiting | undefined)[] = [];
  /** How often the clock had looked when it came. */
  readonly #since: number[] = [];
  readonly #free: number[] = [];
  #looks = 0;
  #clock: NodeJS.Timeout | undefined;

  /** Its `begin` is called once unless `over` comes before. Returns its place. */
  add(waiting: Waiting): number {
    this.#clock ??= setInterval(() => this.#look(), lookMillis).unref();
    const place = this.#free.pop() ?? this.#waiting.length;
    this.#waiting[place] = waiting;
    this.#since[place] = this.#looks;
    return place;
  }

  /** Once for each `add`, whether it has begun or not. */
  over(place: number): void {
    this.#waiting[place] = undefined;
    this.#free.push(place);
  }

  #look(): void {
    this.#looks++;
    if (this.#free.length === this.#waiting.length) {
      clearInterval(this.#clock);
      this.#clock = undefined;
    }
    for (const [place, since] of this.#since.entries())
      if (this.#looks - since === looksMax + 1) this.#waiting[place]?.begin();
  }
}
