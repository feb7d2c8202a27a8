/** Lets so many through in a second and counts the others, so that a flood shows without filling the disk. */
export class Sampler {
  readonly #perSecondMax: number;
  #second = 0;
  #passed = 0;
  #dropped = 0;
  #droppedInAll = 0;

  constructor(perSecondMax: number) {
    this.#perSecondMax = perSecondMax;
  }

  get droppedInAll(): number {
    return this.#droppedInAll;
  }

  /** How many were dropped since the last that passed; undefined if this one is dropped. `at`: milliseconds. */
  pass(at: number): number | undefined {
    const second = Math.floor(at / 1_000);
    if (second !== this.#second) [this.#second, this.#passed] = [second, 0];
    if (this.#passed === this.#perSecondMax) {
      this.#dropped++;
      this.#droppedInAll++;
      return undefined;
    }
    this.#passed++;
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }
}
