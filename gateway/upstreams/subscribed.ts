/** What is known of one resource that a server was asked to tell of. */
interface Asked {
  /** Which of all requests on this connection was the newest for it. */
  newest: number;
  /** Requests that the server has not answered. */
  underway: number;
}

/** The resources that are subscribed to over one connection: so many, and then the oldest is told of no longer. */
export class Subscribed {
  readonly #uriMax: number;
  readonly #asked = new Map<string, Asked>();
  #requests = 0;

  constructor(uriMax: number) {
    this.#uriMax = uriMax;
  }

  uris(): Set<string> {
    return new Set(this.#asked.keys());
  }

  has(uri: string): boolean {
    return this.#asked.has(uri);
  }

  /** The first news may come in the same breath as the answer. What is returned is to be called with whether the server agreed. */
  ask(uri: string): (isAgreed: boolean) => void {
    const before = this.#asked.get(uri);
    if (before === undefined) this.#makeRoom();
    const asked = before ?? { newest: 0, underway: 0 };
    this.#asked.set(uri, asked);
    asked.newest = ++this.#requests;
    asked.underway++;
    return isAgreed => {
      asked.underway--;
      if (!isAgreed && before === undefined) this.#asked.delete(uri);
    };
  }

  isUnderway(uri: string): boolean {
    return (this.#asked.get(uri)?.underway ?? 0) > 0;
  }

  /** Another number after somebody has asked for it again. */
  newestFor(uri: string): number | undefined {
    return this.#asked.get(uri)?.newest;
  }

  delete(uri: string): void {
    this.#asked.delete(uri);
  }

  clear(): void {
    this.#asked.clear();
  }

  #makeRoom(): void {
    const [oldest] = this.#asked.keys();
    if (oldest !== undefined && this.#asked.size >= this.#uriMax) this.#asked.delete(oldest);
  }
}
