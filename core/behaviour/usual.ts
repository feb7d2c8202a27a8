/** Counts by name, bounded: the name that was longest without being counted is forgotten first. */
export class Counts {
  readonly #counts: Map<string, number>;
  readonly max: number;

  /** `counted`: names with their counts, the one that was longest without being counted first. */
  constructor(max: number, counted: Iterable<readonly [string, number]> = []) {
    this.max = max;
    this.#counts = new Map(counted);
  }

  entries(): Iterable<readonly [string, number]> {
    return this.#counts.entries();
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  get size(): number {
    return this.#counts.size;
  }

  add(name: string): void {
    const count = this.of(name) + 1;
    this.#counts.delete(name);
    this.#counts.set(name, count);
    if (this.#counts.size > this.max) dropOldest(this.#counts);
  }
}

export function dropOldest(map: Map<string, unknown>): void {
  const oldest = map.keys().next().value;
  if (oldest !== undefined) map.delete(oldest);
}

/** Adds to a set that holds so many at most; what comes later is not taken in. */
export function addBounded(set: Set<string>, name: string, max: number): void {
  if (set.size < max) set.add(name);
}

/** The lower middle one: no single value can move it far. 0 of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
