import type { UpstreamReply } from '@sallyport/core/mediate/ports.ts';
import type { CallSignal } from '@sallyport/core/model/call-signal.ts';
import type { Instant, ServerId } from '@sallyport/core/model/ids.ts';
import { type Checked, passed, refused } from '@sallyport/core/model/refusal.ts';
import type { OwnHeaders } from '../http/secrets.ts';
import type { Line } from '../http/sockets.ts';
import { upstreamLimits } from '../limits.ts';
import { type PeerCard, readCard } from './card.ts';
import { isSigned, type VerifySignature } from './card-signature.ts';
import type { PeerConfig } from './config.ts';
import { Exchange } from './exchange.ts';
import { documentRequest } from './request.ts';

export interface CardPorts {
  readonly verify: VerifySignature;
  readonly now: () => Instant;
  readonly lineTo: (url: URL, signal: CallSignal) => Promise<Checked<Line>>;
}

/** How long a card counts that was read. */
const cardMillisMax = 300_000;
const cardPath = '/.well-known/agent-card.json';

/** The cards of other agents: read, checked, and kept for a while. */
export class Cards {
  readonly #ports: CardPorts;
  readonly #known = new Map<ServerId, { readonly at: Instant; readonly card: PeerCard }>();
  /** Why the newest reading failed; undefined for one that did not. */
  readonly #newest = new Map<ServerId, string | undefined>();

  constructor(ports: CardPorts) {
    this.#ports = ports;
  }

  async of(peer: PeerConfig, own: OwnHeaders, signal: CallSignal): Promise<Checked<PeerCard>> {
    const known = this.#known.get(peer.id);
    if (known !== undefined && this.#ports.now() - known.at < cardMillisMax) return passed(known.card);
    const reading = await this.reading(peer, own, signal);
    return reading.ok ? await reading.value.read() : reading;
  }

  /** What the newest reading came to; `unread`: there was none yet. */
  stateOf(peer: ServerId): { readonly state: 'unread' | 'read' | 'failed'; readonly why?: string } {
    if (!this.#newest.has(peer)) return { state: 'unread' };
    const why = this.#newest.get(peer);
    return why === undefined ? { state: 'read' } : { state: 'failed', why };
  }

  /** A connection on which the card can be read anew: `read` sends its request before it returns its promise. */
  async reading(peer: PeerConfig, own: OwnHeaders, signal: CallSignal): Promise<Checked<CardReading>> {
    const url = new URL(peer.url + cardPath);
    const line = await this.#ports.lineTo(url, signal);
    if (!line.ok) {
      this.#newest.set(peer.id, line.refusal.why);
      return line;
    }
    const exchange = new Exchange({
      ...{ line: line.value, own, bytesMax: upstreamLimits.askBytesMax, millisMax: upstreamLimits.askMillisMax },
      ...{ signal, onEvent: () => {}, speaks: 'document' },
    });
    const read = (): Promise<Checked<PeerCard>> => {
      if (!line.value.ask(documentRequest(url, own), 'utf8', exchange)) exchange.fault('the connection was closed');
      return exchange.reply.then(async reply => this.#noted(await this.#checked(reply, peer), peer));
    };
    return passed({ read, abandon: () => exchange.fault('it is not needed') });
  }

  /** More is said in it than in the card that everybody gets, and it is held to the same keys. */
  async checkedExtended(reply: UpstreamReply, { keys }: PeerConfig): Promise<UpstreamReply> {
    if (reply.kind !== 'result' || keys === undefined || (await isSigned(reply.result, keys, this.#ports.verify)))
      return reply;
    const why = 'its extended card is not signed with a key that is configured for it';
    return { kind: 'unusable', why, bytes: reply.bytes };
  }

  #noted(card: Checked<PeerCard>, { id }: PeerConfig): Checked<PeerCard> {
    this.#newest.set(id, card.ok ? undefined : card.refusal.why);
    return card;
  }

  async #checked(reply: UpstreamReply, peer: PeerConfig): Promise<Checked<PeerCard>> {
    this.#known.delete(peer.id);
    if (reply.kind !== 'result') {
      const why = `its card could not be read: ${'why' in reply ? reply.why : 'it answered with an error'}`;
      return refused({ code: 'upstream-unavailable', what: peer.id, why });
    }
    const card = await readCard(reply.result, peer, this.#ports.verify);
    if (card.ok) this.#known.set(peer.id, { at: this.#ports.now(), card: card.value });
    return card;
  }
}

export interface CardReading {
  readonly read: () => Promise<Checked<PeerCard>>;
  readonly abandon: () => void;
}
