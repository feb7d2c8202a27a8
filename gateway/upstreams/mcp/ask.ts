import type { LostCode, UpstreamReply } from '@sallyport/core/mediate/ports.ts';
import type { Notice } from '@sallyport/core/model/call.ts';
import type { CallSignal } from '@sallyport/core/model/call-signal.ts';
import type { ClientOffer, Question } from '@sallyport/core/model/question.ts';
import type { Outgoing } from './wire.ts';

/** One request and how its answer is to be received. */
export interface Ask {
  readonly method: string;
  /** Normal form of an object without `_meta`. */
  readonly params: string;
  readonly name?: string | undefined;
  readonly paramHeaders?: Outgoing['paramHeaders'];
  readonly own?: Outgoing['own'];
  readonly logLevel?: string | undefined;
  /** It is an agent's own action, so log messages without an address may belong to it. */
  readonly acting?: boolean;
  readonly lasting?: boolean;
  /** Told the id that the request got, before it is sent. */
  readonly named?: (id: number) => void;
  readonly signal?: CallSignal | undefined;
  readonly millisMax: number;
  readonly replyBytesMax: number;
  readonly onNotice?: ((notice: Notice) => void) | undefined;
  readonly onQuestion?: ((question: Question) => void) | undefined;
  readonly offers?: ReadonlySet<ClientOffer> | undefined;
  readonly wantsProgress?: boolean;
}

/** A request that has been sent and not been answered. */
export class Pending {
  readonly ask: Ask;
  readonly #resolve: (reply: UpstreamReply) => void;
  readonly #give: (code: LostCode, why: string) => void;
  #timer: NodeJS.Timeout | undefined;
  noticeBytes = 0;
  questions = 0;

  /** `give`: nobody waits for it any longer. */
  constructor(ask: Ask, resolve: (reply: UpstreamReply) => void, give: (code: LostCode, why: string) => void) {
    this.ask = ask;
    this.#resolve = resolve;
    this.#give = give;
    ask.signal?.addEventListener('abort', this.#cancel, once);
    if (ask.lasting !== true) this.allow(ask.millisMax);
  }

  readonly #cancel = (): void => this.#give('cancelled', 'the agent cancelled it while the server was at work');

  readonly #expire = (millisMax: number): void =>
    this.#give('upstream-timeout', `no answer came within ${millisMax} ms`);

  /** Starts the time anew that an answer may take. */
  allow(millisMax: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#expire, millisMax, millisMax);
  }

  settle(reply: UpstreamReply): void {
    clearTimeout(this.#timer);
    this.ask.signal?.removeEventListener('abort', this.#cancel);
    this.#resolve(reply);
  }
}

const once = { once: true } as const;
