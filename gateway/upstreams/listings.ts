import type { Checked } from '@sallyport/core/model/refusal.ts';
import { type Listing, type ListOptions, list } from './mcp/list.ts';

export interface ListingOptions extends ListOptions {
  /** Handled before any call can use what was listed. */
  readonly events: { readonly listed: (listing: Listing) => void };
}

/** What a server says that it offers: asked for at first, whenever it says that this changed, and now and then. */
export class Listings {
  readonly #options: ListingOptions;
  #newest: Listing | undefined;
  /** The URI templates among what is offered. */
  templates: readonly string[] = [];
  /** How often the server said that its lists changed, and how often it had when the listing at hand was asked for. */
  #changes = 0;
  #listedChanges = 0;
  /** Milliseconds, of the clock that never jumps. */
  #askedAt = 0;
  #asking: Promise<void> | undefined;

  constructor(options: ListingOptions) {
    this.#options = options;
  }

  /** Resolves when what is offered is known again; undefined: it is known, as far as the server has told. */
  get asking(): Promise<void> | undefined {
    return this.#asking;
  }

  /** Until a listing has come that was asked for after the last change, nothing is known of what a tool is. */
  get isStale(): boolean {
    return this.#listedChanges !== this.#changes;
  }

  /** Of the item `key` as it was listed last; undefined if it was not. */
  pinOf(key: string): string | undefined {
    return this.#newest?.pins.get(key);
  }

  /** The server says that it offers something else now. The connection is closed if it does not say what. */
  changed(): void {
    this.#changes++;
    this.#asking ??= this.#askUntilKnown().finally(() => {
      this.#asking = undefined;
    });
  }

  /** Asked on the side: agents only ever see what is pinned, so an old list is stale news and no danger. */
  refreshIfOld(now: number): void {
    const { limits, wire } = this.#options;
    if (now - this.#askedAt <= limits.relistMillisMax) return;
    void this.ask().then(listed => (listed.ok ? undefined : wire.close(listed.refusal.why)));
  }

  async ask(): Promise<Checked<Listing>> {
    const changes = this.#changes;
    this.#askedAt = performance.now();
    const listed = await list(this.#options);
    if (!listed.ok) return listed;
    // One that was asked for earlier and comes later is older news.
    if (changes < this.#listedChanges) return listed;
    this.#listedChanges = changes;
    this.#newest = listed.value;
    this.templates = listed.value.items.flatMap(({ kind, name }) => (kind === 'template' ? [name] : []));
    this.#options.events.listed(listed.value);
    return listed;
  }

  async #askUntilKnown(): Promise<void> {
    const { limits, wire } = this.#options;
    while (this.isStale && wire.open()) {
      const wait = this.#askedAt + limits.relistMillisMin - performance.now();
      if (wait > 0) await new Promise(resolve => setTimeout(resolve, wait));
      const listed = await this.ask();
      if (!listed.ok) return await wire.close(listed.refusal.why);
    }
  }
}
