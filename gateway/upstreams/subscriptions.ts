import type { UpstreamReply } from '@sallyport/core/mediate/ports.ts';
import { emptyObject } from '@sallyport/core/model/json.ts';
import type { UpstreamLimits } from './limits.ts';
import { type Conversation, lost } from './mcp/conversation.ts';
import type { Slot, Wire } from './mcp/wire.ts';

/** What a modern server is asked to tell us about (MCP 2026-07-28, Subscriptions). */
export interface Wishes {
  readonly lists: readonly string[];
  readonly uris: ReadonlySet<string>;
}

/** One `subscriptions/listen` that the server was sent and has not ended. */
interface Wish {
  id: number;
  /** The resource for whose sake it was sent. */
  readonly uri: string | undefined;
  readonly stop: AbortController;
  /** For whoever waits for it to be in force; further answers change nothing. */
  readonly settle: (reply: UpstreamReply) => void;
}

/**
 * The one `subscriptions/listen` of a connection. A changed wish is a new request that holds all of the old one, and several
 * may be under way: what the server acknowledges takes the place of those before it, so that nothing is missed in between.
 * What it refuses takes the place of none.
 */
export class Subscriptions {
  readonly #conversation: Conversation;
  readonly #wire: Wire;
  readonly #limits: UpstreamLimits;
  readonly #ended: () => void;
  /** Oldest first: one that is in force, and what it may be replaced by. */
  readonly #open: Wish[] = [];

  /** `ended`: the server has given up the last one. */
  constructor(conversation: Conversation, wire: Wire, limits: UpstreamLimits, ended: () => void) {
    this.#conversation = conversation;
    this.#wire = wire;
    this.#limits = limits;
    this.#ended = ended;
  }

  /**
   * Hands the request over before it returns. Resolves once the server has acknowledged it, or will not; where it is sent for the
   * sake of one resource, with an error if that is not honoured.
   */
  wish(slot: Slot, wishes: Wishes, uri?: string): Promise<UpstreamReply> {
    const { promise, resolve } = Promise.withResolvers<UpstreamReply>();
    const wish: Wish = { id: 0, uri, stop: new AbortController(), settle: resolve };
    this.#open.push(wish);
    const answer = this.#conversation.send(slot, {
      method: 'subscriptions/listen',
      params: paramsOf(wishes),
      lasting: true,
      named: id => {
        wish.id = id;
      },
      signal: wish.stop.signal,
      millisMax: 0,
      replyBytesMax: this.#limits.noticeBytesMax,
    });
    const late = lost('upstream-timeout', 'the server did not acknowledge it', true);
    const timer = setTimeout(() => this.#replaces(wish, () => late), this.#limits.askMillisMax);
    void answer.then(reply => this.#over(wish, reply));
    return promise.finally(() => clearTimeout(timer));
  }

  acknowledged(id: number, honoured: readonly string[] | undefined): void {
    const wish = this.#open.find(one => one.id === id);
    if (wish === undefined) return;
    this.#replaces(wish, ({ uri }) => (uri === undefined || honoured?.includes(uri) !== false ? inForce : declined));
  }

  /** What was wished for before is part of it. */
  #replaces(wish: Wish, replyTo: (wish: Wish) => UpstreamReply): void {
    const older = this.#open.splice(0, this.#open.indexOf(wish));
    wish.settle(replyTo(wish));
    for (const one of older) {
      one.settle(replyTo(one));
      one.stop.abort();
    }
  }

  #over(wish: Wish, reply: UpstreamReply): void {
    wish.settle(reply);
    const at = this.#open.indexOf(wish);
    if (at < 0) return;
    this.#open.splice(at, 1);
    // A stream that broke is over like one that was ended; with the whole connection there is nobody left to ask.
    const isAsked = reply.kind !== 'lost' || this.#wire.open();
    if (this.#open.length === 0 && isAsked) this.#ended();
  }

  /** Asks for changes of lists alone, which no agent's action stands behind: at the start, and after the server ended it. */
  async renew(lists: readonly string[]): Promise<void> {
    const slot = await this.#wire.lease(AbortSignal.timeout(this.#limits.askMillisMax));
    if (slot.ok) await this.wish(slot.value, { lists, uris: new Set() });
  }
}

const inForce: UpstreamReply = { kind: 'result', result: emptyObject, bytes: 2 };

const declined: UpstreamReply = {
  kind: 'error',
  error: { code: -32602, message: 'The server does not tell of changes of this resource', data: undefined },
  bytes: 0,
};

function paramsOf({ lists, uris }: Wishes): string {
  const members = lists.map(list => `"${list}ListChanged":true`);
  if (uris.size > 0) members.push(`"resourceSubscriptions":${JSON.stringify([...uris])}`);
  return `{"notifications":{${members.join(',')}}}`;
}
