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

/**
 * The one `subscriptions/listen` of a connection. A changed wish is a new request; the old one is given up when the
 * server has acknowledged the new, so that nothing is missed in between.
 */
export class Subscriptions {
  readonly #conversation: Conversation;
  readonly #wire: Wire;
  readonly #limits: UpstreamLimits;
  readonly #ended: () => void;
  #current: AbortController | undefined;
  #waiting: ((reply: UpstreamReply) => void) | undefined;
  /** The id of the newest request: only its own acknowledgement counts. */
  #id = 0;

  /** `ended`: the server has given up the one that was in force. */
  constructor(conversation: Conversation, wire: Wire, limits: UpstreamLimits, ended: () => void) {
    this.#conversation = conversation;
    this.#wire = wire;
    this.#limits = limits;
    this.#ended = ended;
  }

  /** Hands the request over before it returns. Resolves once the server has acknowledged it, or will not. */
  wish(slot: Slot, wishes: Wishes): Promise<UpstreamReply> {
    const before = this.#current;
    const now = new AbortController();
    this.#current = now;
    const answer = this.#conversation.send(slot, {
      method: 'subscriptions/listen',
      params: paramsOf(wishes),
      lasting: true,
      named: id => {
        this.#id = id;
      },
      signal: now.signal,
      millisMax: 0,
      replyBytesMax: this.#limits.noticeBytesMax,
    });
    const { promise, resolve } = Promise.withResolvers<UpstreamReply>();
    const timer = setTimeout(
      () => resolve(lost('upstream-timeout', 'the server did not acknowledge it', true)),
      this.#limits.askMillisMax,
    );
    this.#waiting = resolve;
    void answer.then(reply => {
      resolve(reply);
      // A stream that broke is over like one that was ended; with the whole connection there is nobody left to ask.
      const isOver = reply.kind !== 'lost' || this.#wire.open();
      if (this.#current === now && !now.signal.aborted && isOver) this.#ended();
    });
    return promise.finally(() => {
      clearTimeout(timer);
      before?.abort();
    });
  }

  acknowledged(id: number): void {
    if (id !== this.#id) return;
    this.#waiting?.({ kind: 'result', result: emptyObject, bytes: 2 });
    this.#waiting = undefined;
  }

  /** Asks for changes of lists alone, which no agent's action stands behind: at the start, and after the server ended it. */
  async renew(lists: readonly string[]): Promise<void> {
    const slot = await this.#wire.lease(AbortSignal.timeout(this.#limits.askMillisMax));
    if (slot.ok) await this.wish(slot.value, { lists, uris: new Set() });
  }
}

function paramsOf({ lists, uris }: Wishes): string {
  const members = lists.map(list => `"${list}ListChanged":true`);
  if (uris.size > 0) members.push(`"resourceSubscriptions":${JSON.stringify([...uris])}`);
  return `{"notifications":{${members.join(',')}}}`;
}
