/**
 * How many calls are begun in one turn of the event loop. All that lie at the sockets at once would be decided one after the
 * other while the disk and the servers have nothing to do, and then go to both together; two at a time keep all of them at
 * work. Measured in docs/reference/performance.md.
 */
const callsPerTurn = 2;

/** Calls begin in the order in which they came, a few in each turn of the event loop. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #begun = 0;
  #next: NodeJS.Immediate | undefined;

  /** Undefined: it may begin at once. Otherwise resolves when its turn has come; it never rejects. */
  begin(): Promise<void> | undefined {
    this.#next ??= setImmediate(this.#turn);
    if (this.#begun < callsPerTurn) {
      this.#begun++;
      return undefined;
    }
    return new Promise(resolve => this.#waiting.push(resolve));
  }

  readonly #turn = (): void => {
    const now = this.#waiting.splice(0, callsPerTurn);
    this.#begun = now.length;
    this.#next = now.length === 0 ? undefined : setImmediate(this.#turn);
    for (const begin of now) begin();
  };
}
