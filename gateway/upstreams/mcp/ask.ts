import type { LostCode, UpstreamReply } from '@sallyport/core/mediate/ports.ts';
import type { Notice } from '@sallyport/core/model/call.ts';
import type { CallSignal } from '@sallyport/core/model/call-signal.ts';
import type { TaskId } from '@sallyport/core/model/ids.ts';
import type { ClientOffer, Question } from '@sallyport/core/model/question.ts';
import type { Asked, Outgoing } from './wire.ts';

/** One request and how its answer is to be received. */
export interface Ask extends Asked {
  /** Normal form of an object without `_meta`. */
  readonly params: string;
  readonly logLevel?: string | undefined;
  /** Of whose task it is an agent's own action: what is said without an address may belong to it. */
  readonly actsIn?: TaskId | undefined;
  /** Told the id that the request got, before it is sent. */
  readonly named?: (id: number) => void;
  readonly signal?: CallSignal | undefined;
  readonly millisMax: number;
  readonly onNotice?: ((notice: Notice) => void) | undefined;
  readonly onQuestion?: ((question: Question) => void) | undefined;
  readonly offers?: ReadonlySet<ClientOffer> | undefined;
  readonly wantsProgress?: boolean;
  /** The last look at what became of it, before anybody is told. */
  readonly received?: (reply: UpstreamReply) => UpstreamReply;
}

/** Nobody waits for a request any longer. */
export type GiveUp = (pending: Pending, code: LostCode, why: string) => void;

/** A request that has been sent and not been answered. */
export class Pending implements Outgoing {
  readonly id: number;
  readonly ask: Ask;
  readonly reply: Promise<UpstreamReply>;
  reading: Outgoing['reading'] = undefined;
  /** How long its answer may take, and until when, by the clock of `performance.now`. */
  millisMax = 0;
  due = Number.POSITIVE_INFINITY;
  noticeBytes = 0;
  questions = 0;
  readonly #resolve: (reply: UpstreamReply) => void;
  readonly #giveUp: GiveUp;

  constructor(id: number, ask: Ask, giveUp: GiveUp) {
    const { promise, resolve } = Promise.withResolvers<UpstreamReply>();
    this.id = id;
    this.ask = ask;
    this.reply = promise;
    this.#resolve = resolve;
    this.#giveUp = giveUp;
    ask.signal?.addEventListener('abort', this.#cancel, once);
  }

  readonly #cancel = (): void => this.#giveUp(this, 'cancelled', 'the agent cancelled it while the server was at work');

  settle(reply: UpstreamReply): void {
    const { signal, received } = this.ask;
    signal?.removeEventListener('abort', this.#cancel);
    this.#resolve(received === undefined ? reply : received(reply));
  }
}

const once = { once: true } as const;
