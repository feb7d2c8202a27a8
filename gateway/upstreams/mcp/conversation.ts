import type { LostCode, UpstreamReply } from '@sallyport/core/mediate/ports.ts';
import type { Notice } from '@sallyport/core/model/call.ts';
import { type JsonObject, member, stringMember } from '@sallyport/core/model/json.ts';
import { PassingMap } from '@sallyport/core/model/passing-map.ts';
import { isQuestionMethod, type QuestionMethod } from '@sallyport/core/model/question.ts';
import type { UpstreamLimits } from '../limits.ts';
import { type Ask, type GiveUp, Pending } from './ask.ts';
import { Deadlines } from './deadlines.ts';
import { answerText, type Era, emptyAnswerText, metaText, refusedAnswerText, requestText } from './frame.ts';
import { GivenUp } from './given-up.ts';
import type { Heard } from './message.ts';
import { createRequestIds } from './request-ids.ts';
import type { Broken, Slot, Wire, WireEvents } from './wire.ts';

/** What a server says on its own account. */
export interface Unasked {
  readonly listChanged: (what: 'tools' | 'prompts' | 'resources') => void;
  readonly resourceUpdated: (uri: string) => void;
  /** `honoured`: of which resources it will tell, where it says so. */
  readonly acknowledged: (subscription: number, honoured: readonly string[] | undefined) => void;
}

/** What was heard and led nowhere. Shown by `sallyport status`. */
export interface Dropped {
  strays: number;
  notices: number;
  requests: number;
}

/** What became of a message. All but answers and notices count towards `strayBytesMax`. */
type Use = 'answer' | 'notice' | 'event' | keyof Dropped;

type Answer = Extract<Heard, { kind: 'result' | 'error' | 'spoilt' }>;

/** One for all conversations: what answers a request of one is no id of another. */
const nextId = createRequestIds();

/**
 * A JSON-RPC conversation over one wire. It gives every request an integer of its own, matches answers by exactly that
 * (threats A-5), and is the only place where an agent's call and a server's words meet.
 *
 * A server can make us do nothing: what it asks in the middle of a call is put to whoever made the call, and anything else
 * is refused.
 */
export class Conversation implements WireEvents {
  era: Era = 'legacy';
  readonly dropped: Dropped = { strays: 0, notices: 0, requests: 0 };
  readonly #pending = new PassingMap<number, Pending>();
  readonly #givenUp: GivenUp;
  readonly #giveUp: GiveUp = (pending, code, why) => {
    this.#wire?.forget(pending);
    this.#givenUp.add(pending);
    this.#settle(pending.id, lost(code, why, true));
  };
  readonly #deadlines = new Deadlines(() => this.#pending.values(), this.#giveUp);
  readonly #limits: UpstreamLimits;
  readonly #unasked: Unasked;
  #wire: Wire | undefined;
  #strayBytes = 0;

  constructor(limits: UpstreamLimits, unasked: Unasked) {
    this.#limits = limits;
    this.#givenUp = new GivenUp(limits.callMillisMax);
    this.#unasked = unasked;
  }

  /** The wire is made with this conversation's ears, and then given to it. */
  attach(wire: Wire): void {
    this.#wire = wire;
  }

  get inFlight(): number {
    return this.#pending.size;
  }

  /** Hands the request over before it returns its promise. The promise never rejects. */
  send(slot: Slot, ask: Ask): Promise<UpstreamReply> {
    const id = nextId();
    ask.named?.(id);
    if (ask.signal?.aborted === true) {
      slot.release();
      return Promise.resolve(lost('cancelled', 'it was cancelled', false));
    }
    const pending = new Pending(id, ask, this.#giveUp);
    this.#pending.set(id, pending);
    if (ask.lasting !== true) this.#deadlines.allow(pending, ask.millisMax);
    if (!slot.send(requestText(id, ask.method, ask.params, this.#metaOf(id, ask)), pending))
      this.#settle(id, lost('upstream-unavailable', 'the connection to the server was closed', false));
    return pending.reply;
  }

  #metaOf(id: number, { logLevel, offers, wantsProgress }: Ask): string | undefined {
    const progressToken = wantsProgress === true ? id : undefined;
    if (this.era === 'legacy' && progressToken === undefined) return undefined;
    return metaText({ era: this.era, logLevel, offers, progressToken });
  }

  #settle(id: number, reply: UpstreamReply): boolean {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.settle(reply);
    return pending !== undefined;
  }

  heard(message: Heard, bytes: number, from: number | undefined): void {
    if (message.kind === 'noise') void this.#wire?.close(`it wrote something that is not MCP: ${message.why}`);
    else this.#account(this.#use(message, bytes, from), bytes);
  }

  #use(message: Exclude<Heard, { kind: 'noise' }>, bytes: number, from: number | undefined): Use {
    switch (message.kind) {
      case 'result':
      case 'error':
      case 'spoilt':
        return this.#answered(message, bytes, from);
      case 'notification':
        return this.#notified(message.method, message.params, bytes, from);
      case 'request':
        return this.#asked(message, bytes, from);
      case 'stray':
        return 'strays';
    }
  }

  #answered(message: Answer, bytes: number, from: number | undefined): Use {
    // An error without an id answers the one request of its stream, where there is such a thing.
    const id = message.id ?? from;
    const pending = id === undefined ? undefined : this.#pending.get(id);
    if (id !== undefined) this.#givenUp.delete(id);
    if (id === undefined || pending === undefined || (from !== undefined && from !== id)) return 'strays';
    this.#settle(id, replyOf(message, bytes, pending.ask.replyBytesMax));
    this.#wire?.answered?.(pending);
    return 'answer';
  }

  #notified(method: string, params: JsonObject, bytes: number, from: number | undefined): Use {
    switch (method) {
      case 'notifications/progress':
        return notice({ method, params }, this.#wantsProgress(params, from), bytes, this.#limits.noticeBytesMax);
      case 'notifications/message':
        return notice({ method, params }, this.#addressee(from), bytes, this.#limits.noticeBytesMax);
      case 'notifications/tools/list_changed':
        this.#unasked.listChanged('tools');
        return 'event';
      case 'notifications/prompts/list_changed':
        this.#unasked.listChanged('prompts');
        return 'event';
      case 'notifications/resources/list_changed':
        this.#unasked.listChanged('resources');
        return 'event';
      case 'notifications/resources/updated':
        this.#unasked.resourceUpdated(stringMember(params, 'uri') ?? '');
        return 'event';
      case 'notifications/subscriptions/acknowledged':
        this.#unasked.acknowledged(subscriptionOf(params) ?? 0, honouredIn(params));
        return 'event';
      case 'notifications/cancelled':
        return this.#ended(params, from);
      default:
        return 'notices';
    }
  }

  /** A server ends a subscription so, and no call (MCP 2026-07-28, Cancellation). */
  #ended(params: JsonObject, from: number | undefined): Use {
    const requestId = member(params, 'requestId');
    const id = requestId?.kind === 'number' && (from === undefined || from === requestId.value) ? requestId.value : -1;
    if (this.#pending.get(id)?.ask.lasting !== true) return 'notices';
    this.#settle(id, lost('upstream-unavailable', 'the server ended it', true));
    return 'event';
  }

  #wantsProgress(params: JsonObject, from: number | undefined): Pending | undefined {
    const token = member(params, 'progressToken');
    const id = token?.kind === 'number' ? token.value : undefined;
    const pending = id !== undefined && (from === undefined || from === id) ? this.#pending.get(id) : undefined;
    return pending?.ask.wantsProgress === true ? pending : undefined;
  }

  /**
   * A log message carries no address: it is its own stream's, or the only action's that is under way, or nobody's. One that was
   * given up, or whose answer broke off, may be under way at the server still, and what it says is heard in no other task.
   */
  #addressee(from: number | undefined): Pending | undefined {
    if (from !== undefined) return this.#pending.get(from);
    const [only, second] = this.#pending.values().filter(({ ask }) => ask.actsIn !== undefined);
    return second !== undefined || this.#givenUp.areOfOthersThan(only?.ask.actsIn) ? undefined : only;
  }

  /** The modern era has no requests from servers, and a client must not write answers there (MCP 2026-07-28, stdio). */
  #asked({ id, method, params }: Extract<Heard, { kind: 'request' }>, bytes: number, from: number | undefined): Use {
    if (this.era !== 'legacy') return 'requests';
    if (isQuestionMethod(method) && this.#put(id, method, params, bytes, this.#addressee(from))) return 'event';
    this.#wire?.tell(method === 'ping' ? emptyAnswerText(id) : refusedAnswerText(id));
    return method === 'ping' ? 'event' : 'requests';
  }

  /** A question belongs to the call in whose course it is asked. Where there is none, or several could be meant, there is nobody to ask. */
  #put(id: string, method: QuestionMethod, params: JsonObject, bytes: number, pending: Pending | undefined): boolean {
    const { questionsMax, questionMillisMax, noticeBytesMax } = this.#limits;
    if (pending?.ask.onQuestion === undefined || bytes > noticeBytesMax || ++pending.questions > questionsMax)
      return false;
    let open = true;
    const close = (frame: string): boolean => {
      const isOver = !this.#pending.values().includes(pending);
      if (!open || isOver) return false;
      open = false;
      this.#deadlines.allow(pending, pending.ask.millisMax);
      this.#wire?.tell(frame);
      return this.#wire?.open() === true;
    };
    this.#deadlines.allow(pending, questionMillisMax);
    pending.ask.onQuestion({
      method,
      params,
      answer: result => close(answerText(id, result)),
      refuse: why => void close(refusedAnswerText(id, why)),
    });
    return true;
  }

  /** Words that nobody asked for cost time to read: a server that does nothing else is cut off. */
  #account(use: Use, bytes: number): void {
    if (use === 'answer') this.#strayBytes = 0;
    if (use === 'answer' || use === 'notice') return;
    if (use !== 'event') this.dropped[use]++;
    this.#strayBytes += bytes;
    if (this.#strayBytes > this.#limits.strayBytesMax)
      void this.#wire?.close('it floods the gateway with messages that nobody asked for');
  }

  broken(broken: Broken, from: number | undefined): void {
    const reply: UpstreamReply = broken.kind === 'unusable' ? broken : lost('upstream-unavailable', broken.why, true);
    // Of one request the rest goes on, and so may the server with what it broke off.
    const one = from === undefined ? undefined : this.#pending.get(from);
    if (one !== undefined) this.#givenUp.add(one);
    for (const id of from === undefined ? this.#pending.keys() : [from]) this.#settle(id, reply);
  }

  closed(why: string): void {
    this.broken({ kind: 'lost', why }, undefined);
    this.#deadlines.stop();
  }
}

export function lost(code: LostCode, why: string, sent: boolean): UpstreamReply {
  return { kind: 'lost', sent, code, why };
}

function replyOf(message: Answer, bytes: number, replyBytesMax: number): UpstreamReply {
  if (bytes > replyBytesMax)
    return { kind: 'unusable', why: `it is larger than ${replyBytesMax} bytes`, bytes, tooLarge: true };
  if (message.kind === 'spoilt') return { kind: 'unusable', why: message.why, bytes };
  if (message.kind === 'error') return { kind: 'error', error: message.error, bytes };
  return { kind: 'result', result: message.result, bytes };
}

function notice(heard: Notice, pending: Pending | undefined, bytes: number, bytesMax: number): Use {
  if (pending?.ask.onNotice === undefined) return 'notices';
  pending.noticeBytes += bytes;
  if (pending.noticeBytes > bytesMax) return 'notices';
  try {
    pending.ask.onNotice(heard);
    return 'notice';
  } catch {
    // Whoever listens failed, so the notice went nowhere; the call itself goes on.
    return 'notices';
  }
}

function subscriptionOf(params: JsonObject): number | undefined {
  const id = member(member(params, '_meta'), 'io.modelcontextprotocol/subscriptionId');
  return id?.kind === 'number' ? id.value : undefined;
}

/** MCP 2026-07-28, Subscriptions: an acknowledgement names what of the wishes the server honours. */
function honouredIn(params: JsonObject): readonly string[] | undefined {
  const named = member(params, 'notifications');
  if (named?.kind !== 'object') return undefined;
  const uris = member(named, 'resourceSubscriptions');
  return uris?.kind === 'array' ? uris.items.flatMap(uri => (uri.kind === 'string' ? [uri.value] : [])) : [];
}
