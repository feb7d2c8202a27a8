import type { ServerPins } from '@sallyport/core/catalogue/pins.ts';
import type { RefusedItem } from '@sallyport/core/catalogue/read.ts';
import type { Sign } from '@sallyport/core/catalogue/signs.ts';
import type { ServerId } from '@sallyport/core/model/ids.ts';
import type { Era } from '../upstreams/mcp/frame.ts';
import type { Listing } from '../upstreams/mcp/list.ts';

/** How one configured server stands. Everything in it can be printed as it is. */
export interface ServerReport {
  readonly server: ServerId;
  /** `looking`: not heard of yet. `down`: the last look failed, and why. */
  readonly state: 'looking' | 'reached' | 'down';
  readonly why: string | undefined;
  readonly era: Era | undefined;
  readonly tools: number;
  readonly quarantined: number;
  /** What it offers and cannot be registered at all. */
  readonly refused: readonly RefusedItem[];
  /** Descriptions that speak to the model: for a person to judge. */
  readonly signs: readonly (Sign & { readonly item: string })[];
}

interface Seen {
  readonly era: Era;
  readonly refused: readonly RefusedItem[];
  readonly signs: ServerReport['signs'];
}

export class Reports {
  readonly #seen = new Map<ServerId, Seen>();
  readonly #failures = new Map<ServerId, string | undefined>();

  listed(server: ServerId, { greeting, items, refused }: Listing): void {
    const signs = items.flatMap(({ name, signs: found }) => found.map(sign => ({ ...sign, item: name })));
    this.#seen.set(server, { era: greeting.era, refused, signs });
  }

  looked(server: ServerId, failure: string | undefined): void {
    this.#failures.set(server, failure);
  }

  of(server: ServerId, pins: ServerPins | undefined): ServerReport {
    const seen = this.#seen.get(server);
    const why = this.#failures.get(server);
    const tools = [...(pins?.records.values() ?? [])].filter(({ kind, withdrawn }) => kind === 'tool' && !withdrawn);
    return {
      server,
      state: why !== undefined ? 'down' : seen === undefined ? 'looking' : 'reached',
      why,
      era: seen?.era,
      tools: tools.length,
      quarantined: tools.filter(({ candidate }) => candidate !== undefined).length,
      refused: seen?.refused ?? [],
      signs: seen?.signs ?? [],
    };
  }
}
