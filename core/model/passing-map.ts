/**
 * A map for what comes and goes with every call. When a `Map` outgrows its table, V8 drops the old one with all that
 * was in it at that moment, and what hangs on it lives on until the old generation is next collected. Here each value lies
 * in a box of its own, which is emptied when the value goes: all that lives on is empty boxes.
 */
export class PassingMap<K, V> {
  readonly #boxes = new Map<K, { value: V | undefined }>();

  get size(): number {
    return this.#boxes.size;
  }

  has(key: K): boolean {
    return this.#boxes.has(key);
  }

  get(key: K): V | undefined {
    return this.#boxes.get(key)?.value;
  }

  set(key: K, value: V): void {
    const box = this.#boxes.get(key);
    if (box === undefined) this.#boxes.set(key, { value });
    else box.value = value;
  }

  /** Whether it was there. */
  delete(key: K): boolean {
    const box = this.#boxes.get(key);
    if (box === undefined) return false;
    box.value = undefined;
    return this.#boxes.delete(key);
  }

  keys(): K[] {
    return [...this.#boxes.keys()];
  }

  /** As they are now: what goes while they are looked through is not missed. */
  values(): V[] {
    return [...this.#boxes.values()].map(({ value }) => value as V);
  }
}
