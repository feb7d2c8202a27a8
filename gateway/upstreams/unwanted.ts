import type { Subscribed } from './subscribed.ts';

interface UnwantedOptions {
  readonly subscribed: Subscribed;
  /** Between somebody's going and the look whether others still listen. */
  readonly lookMillis: number;
  /** Whether anybody, with a stream or still without one, wants to hear of it. */
  readonly isWanted: (uri: string) => Promise<boolean>;
  /** Tells the server. `isStill` says of each whether nobody has asked for it again: to be called right before it is told. */
  readonly giveUp: (uris: readonly string[], isStill: (uri: string) => boolean) => Promise<void>;
}

/**
 * Resources of which somebody less wants to hear. Those that nobody wants any more are given up at the server by the gateway
 * itself: whoever went may prove nothing any longer, and no person is asked whether somebody may stop listening.
 */
export class Unwanted {
  readonly #options: UnwantedOptions;
  readonly #left = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: UnwantedOptions) {
    this.#options = options;
  }

  add(uri: string): void {
    this.#left.add(uri);
    this.#timer ??= setTimeout(() => void this.#look(), this.#options.lookMillis).unref();
  }

  async #look(): Promise<void> {
    const { subscribed, isWanted, giveUp } = this.#options;
    this.#timer = undefined;
    const left = [...this.#left];
    this.#left.clear();
    // What somebody is just asking for is looked at when the server has answered.
    for (const uri of left) if (subscribed.isUnderway(uri)) this.add(uri);
    const newest = new Map(left.map(uri => [uri, subscribed.newestFor(uri)]));
    const isStill = (uri: string): boolean =>
      subscribed.has(uri) && !subscribed.isUnderway(uri) && subscribed.newestFor(uri) === newest.get(uri);
    const wanted = await Promise.all(left.map(isWanted));
    const unwanted = left.filter((uri, at) => isStill(uri) && wanted[at] === false);
    if (unwanted.length > 0) await giveUp(unwanted, isStill);
  }
}
