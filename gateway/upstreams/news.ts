/**
 * Which resources changed, told on at once and then at most every `newsMillisMin`: a server may say it as often as it likes, and
 * each time every stream that listens would be looked at. How often a resource changed says no more than that it did. What a
 * server says in one breath with the answer to a subscription is told when that answer has been dealt with.
 */
export class News {
  readonly #newsMillisMin: number;
  readonly #tell: (uri: string) => void;
  /** Not told yet; no more than were subscribed to. */
  readonly #changed = new Set<string>();
  /** Nothing is told before it fires. */
  #timer: NodeJS.Timeout | NodeJS.Immediate | undefined;

  constructor(newsMillisMin: number, tell: (uri: string) => void) {
    this.#newsMillisMin = newsMillisMin;
    this.#tell = tell;
  }

  add(uri: string): void {
    this.#changed.add(uri);
    this.#timer ??= setImmediate(this.#tellAll);
  }

  readonly #tellAll = (): void => {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const uri of changed) this.#tell(uri);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#changed.size > 0) this.#tellAll();
    }, this.#newsMillisMin).unref();
  };
}
