import { type ParamHeader, paramHeadersOf } from '@sallyport/core/catalogue/param-headers.ts';
import type { PerformOptions, Ready, Soon, UpstreamReply } from '@sallyport/core/mediate/ports.ts';
import type { Action, Sha256 } from '@sallyport/core/model/action.ts';
import type { ActingMethod } from '@sallyport/core/model/call.ts';
import type { CallSignal } from '@sallyport/core/model/call-signal.ts';
import { emptyObject, type JsonObject, member, stringMember } from '@sallyport/core/model/json.ts';
import { type Checked, passed, type Refusal, refused } from '@sallyport/core/model/refusal.ts';
import { type Tool, toolKey } from '@sallyport/core/model/tool.ts';
import type { Lent } from './credentials.ts';
import { paramHeaders } from './http/headers.ts';
import type { OwnHeaders } from './http/secrets.ts';
import type { UpstreamLimits } from './limits.ts';
import { Listings } from './listings.ts';
import { type Conversation, lost } from './mcp/conversation.ts';
import type { Greeting } from './mcp/greet.ts';
import type { Listing } from './mcp/list.ts';
import type { Slot, Wire } from './mcp/wire.ts';
import { News } from './news.ts';
import { nameOf, objectKeys } from './object.ts';
import { type Performer, Prepared } from './prepared.ts';
import { Subscribed } from './subscribed.ts';
import { Subscriptions } from './subscriptions.ts';
import { Unwanted } from './unwanted.ts';
import { waited } from './waited.ts';

export interface ConnectionEvents {
  /** What the server offers, at first and whenever it says that it changed. Handled before any call can use it. */
  readonly listed: (listing: Listing) => void;
  readonly resourcesChanged: () => void;
  readonly resourceUpdated: (uri: string) => void;
  /** Whether anybody listens for news of a resource that was subscribed to. */
  readonly isAwaited: (uri: string) => boolean;
  /** Whether anybody still wants to hear of it, listening or not yet. */
  readonly isWanted: (uri: string) => Promise<boolean>;
  readonly closed: (why: string) => void;
}

export interface ConnectionOptions {
  readonly conversation: Conversation;
  readonly wire: Wire;
  readonly greeting: Greeting;
  readonly limits: UpstreamLimits;
  readonly sha256: Sha256;
  /** The pin that stands accepted for an item that is no tool; undefined if it is quarantined or unknown. */
  readonly acceptedPin: (key: string) => string | undefined;
  readonly events: ConnectionEvents;
  /** What was issued for this connection itself. */
  readonly lent: readonly Lent[];
}

/** A greeted server that has told what it offers, for one agent and principal. */
export class Connection implements Performer {
  readonly greeting: Greeting;
  readonly wire: Wire;
  readonly conversation: Conversation;
  readonly #options: ConnectionOptions;
  readonly #subscriptions: Subscriptions;
  readonly #listings: Listings;
  readonly #subscribed: Subscribed;
  readonly #unwanted: Unwanted;
  readonly #news: News;
  #logLevel: string | undefined;
  #checking = false;
  usedAt = performance.now();

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.greeting = options.greeting;
    this.wire = options.wire;
    this.conversation = options.conversation;
    const { conversation, wire, limits, events } = options;
    this.#listings = new Listings(options);
    this.#news = new News(limits.newsMillisMin, events.resourceUpdated);
    this.#subscribed = new Subscribed(limits.subscribedMax);
    this.#unwanted = new Unwanted({
      subscribed: this.#subscribed,
      lookMillis: limits.newsMillisMin,
      isWanted: events.isWanted,
      giveUp: (uris, isStill) => this.#giveUp(uris, isStill),
    });
    this.#subscriptions = new Subscriptions(conversation, wire, limits, () => this.#listenAgain());
  }

  /** Nobody is at work on it, and nobody waits to be told anything. */
  get idle(): boolean {
    const { isAwaited } = this.#options.events;
    const isQuiet = this.conversation.inFlight <= (this.greeting.era === 'modern' ? 1 : 0);
    return isQuiet && ![...this.#subscribed.uris()].some(isAwaited);
  }

  /** Reads what the server offers. Until this has succeeded the connection serves nobody. */
  async begin(): Promise<Checked<Listing>> {
    const listed = await this.#listings.ask();
    if (listed.ok) this.#listen();
    return listed;
  }

  /** Until when what it holds may be used: the earliest end of all, or for ever. */
  get usableUntil(): number {
    const { lent } = this.#options;
    return lent.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...lent.map(({ until }) => until));
  }

  /** `own`: the headers of this one action, where its credentials are not the connection's. */
  ready(action: Action, signal: CallSignal, own: OwnHeaders | undefined): Soon<Checked<Ready>> {
    const now = performance.now();
    this.usedAt = now;
    if (this.conversation.inFlight >= this.#options.limits.callsInFlightMax)
      return refused({
        code: 'overloaded',
        what: action.server,
        why: `the server is at work on ${this.conversation.inFlight} calls already`,
      });
    const asking = this.#listings.asking;
    if (asking === undefined) return this.#readyAsListed(action, signal, own, now);
    return this.#onceListed(asking, action, signal, own, now);
  }

  /** A server may say for ever that its lists changed: whoever waits for them waits no longer than for a busy connection. */
  async #onceListed(
    asking: Promise<void>,
    action: Action,
    signal: CallSignal,
    own: OwnHeaders | undefined,
    now: number,
  ): Promise<Checked<Ready>> {
    await waited(asking, signal, this.#options.limits.prepareMillisMax);
    const isSettled = !this.#listings.isStale || !this.wire.open();
    if (isSettled) return this.#readyAsListed(action, signal, own, now);
    const what = toolKey(action.server, action.tool.name);
    return signal.aborted
      ? refused({ code: 'cancelled', what, why: 'the agent cancelled it before it was sent' })
      : refused({ code: 'upstream-unavailable', what, why: changing });
  }

  #readyAsListed(action: Action, signal: CallSignal, own: OwnHeaders | undefined, now: number): Soon<Checked<Ready>> {
    this.#listings.refreshIfOld(now);
    const other = this.#differs(action);
    if (other !== undefined) return refused(other);
    const atHand = this.wire.atHand();
    return atHand === undefined ? this.#leased(action, signal, own) : passed(new Prepared(this, action, atHand, own));
  }

  async #leased(action: Action, signal: CallSignal, own: OwnHeaders | undefined): Promise<Checked<Ready>> {
    const slot = await this.wire.lease(signal);
    if (!slot.ok) return refused({ ...slot.refusal, what: toolKey(action.server, action.tool.name) });
    return passed(new Prepared(this, action, slot.value, own));
  }

  /** Sends what was prepared, unless the tool is another one now, or its credential has ended. */
  perform(action: Action, slot: Slot, own: OwnHeaders | undefined, options: PerformOptions): Promise<UpstreamReply> {
    const other = this.#listings.isStale ? changing : this.#differs(action)?.why;
    const unlent = own?.lent.some(({ ended }) => ended.aborted) === true ? 'its credential has ended' : undefined;
    if (other === undefined && unlent === undefined) return this.#perform(action, slot, own, options);
    slot.release();
    return Promise.resolve(lost('upstream-unavailable', other ?? unlent ?? '', false));
  }

  /**
   * What is called must be what was pinned, as far as this very connection has told us: a server may show one client
   * another definition than the rest (threats B-3). A tool that is quarantined already was decided on as such.
   */
  #differs(action: Action): Refusal | undefined {
    const { tool, server } = action;
    if (tool.status.kind === 'quarantined') return undefined;
    const keys = tool.name.startsWith('mcp:') ? objectKeys(action, this.#listings.templates) : [tool.name];
    const isAsAccepted = (key: string): boolean => {
      const accepted = key === tool.name ? tool.pin : this.#options.acceptedPin(key);
      return accepted !== undefined && this.#listings.pinOf(key) === accepted;
    };
    if (keys.length === 0 || keys.some(isAsAccepted)) return undefined;
    const what = toolKey(server, tool.name);
    if (keys.every(key => this.#listings.pinOf(key) === undefined))
      return { code: 'tool-unknown', what, why: 'the server does not offer it' };
    return {
      code: 'quarantined',
      what,
      why: 'the server offers another definition than the one that was accepted',
      fix: 'an operator can look at the change with `sallyport tools diff`',
    };
  }

  #perform(action: Action, slot: Slot, own: OwnHeaders | undefined, options: PerformOptions): Promise<UpstreamReply> {
    const uri = action.method === 'resources/subscribe' ? uriOf(action) : undefined;
    const answered = uri === undefined ? undefined : this.#subscribed.ask(uri);
    const received = (reply: UpstreamReply): UpstreamReply => {
      answered?.(reply.kind === 'result');
      return this.#received(action, reply);
    };
    return this.#bridge(action, slot)?.then(received) ?? this.#send(action, slot, own, options, received);
  }

  #send(
    action: Action,
    slot: Slot,
    own: OwnHeaders | undefined,
    options: PerformOptions,
    received: (reply: UpstreamReply) => UpstreamReply,
  ): Promise<UpstreamReply> {
    return this.conversation.send(slot, {
      method: action.method,
      params: action.params,
      name: nameOf(action),
      paramHeaders: this.greeting.era === 'modern' ? paramHeaders(wantedHeaders(action.tool), action.input) : undefined,
      own,
      logLevel: this.#logLevel,
      actsIn: options.task,
      millisMax: this.#options.limits.callMillisMax,
      signal: options.signal,
      replyBytesMax: options.replyBytesMax,
      onNotice: options.onNotice,
      onQuestion: options.onQuestion,
      offers: options.offers,
      wantsProgress: options.wantsProgress,
      received,
    });
  }

  #received(action: Action, reply: UpstreamReply): UpstreamReply {
    this.usedAt = performance.now();
    if (reply.kind === 'lost' && reply.code === 'upstream-timeout') void this.#stillThere();
    if (reply.kind !== 'result') return reply;
    if (action.method === 'resources/unsubscribe') this.#subscribed.delete(uriOf(action));
    const type = stringMember(reply.result, 'resultType') ?? 'complete';
    if (type === 'complete' || this.greeting.era === 'legacy') return reply;
    if (otherResults.get(type)?.includes(action.method) === true) return reply;
    return { kind: 'unusable', why: 'it is a kind of result that this method does not have', bytes: reply.bytes };
  }

  /** A process that left a call unanswered may be slow, or stopped for good: then it is ended, and its group with it. */
  async #stillThere(): Promise<void> {
    if (this.wire.pid === undefined || this.#checking) return;
    this.#checking = true;
    const millisMax = this.#options.limits.askMillisMax;
    const slot = await this.wire.lease(AbortSignal.timeout(millisMax));
    const method = this.greeting.era === 'legacy' ? 'ping' : 'server/discover';
    const ask = { method, params: '{}', millisMax, replyBytesMax: this.#options.limits.askBytesMax };
    const reply = slot.ok ? await this.conversation.send(slot.value, ask) : undefined;
    this.#checking = false;
    if (reply === undefined || reply.kind === 'lost') await this.wire.close('it no longer answers');
  }

  /** What the modern era says in another way than the old one: levels travel with each request, wishes are one list. */
  #bridge(action: Action, slot: Slot): Promise<UpstreamReply> | undefined {
    if (this.greeting.era === 'legacy') return undefined;
    if (action.method === 'logging/setLevel') {
      slot.release();
      this.#logLevel = stringMember(action.input, 'level');
      return Promise.resolve({ kind: 'result', result: emptyObject, bytes: 2 });
    }
    if (action.method !== 'resources/subscribe' && action.method !== 'resources/unsubscribe') return undefined;
    const uri = uriOf(action);
    const uris = this.#subscribed.uris();
    if (action.method === 'resources/unsubscribe') uris.delete(uri);
    return this.#subscriptions.wish(slot, { lists: this.#lists(), uris }, uris.has(uri) ? uri : undefined);
  }

  /** Somebody wants no longer to hear of those that are `theirs`. */
  left(theirs: (uri: string) => boolean): void {
    for (const uri of this.#subscribed.uris()) if (theirs(uri)) this.#unwanted.add(uri);
  }

  /** Like the end of a session: no action of an agent's, and no decision stands behind it. */
  async #giveUp(uris: readonly string[], isStill: (uri: string) => boolean): Promise<void> {
    for (const some of this.greeting.era === 'legacy' ? uris.map(uri => [uri]) : [uris]) {
      const slot = await this.wire.lease(AbortSignal.timeout(this.#options.limits.askMillisMax));
      if (!slot.ok) return;
      const given = some.filter(isStill);
      for (const uri of given) this.#subscribed.delete(uri);
      if (given.length === 0) slot.value.release();
      else this.#tellNoLonger(slot.value, given[0] ?? '');
    }
  }

  /** Of the modern era's one list of wishes they have been taken out already. */
  #tellNoLonger(slot: Slot, uri: string): void {
    const { askMillisMax: millisMax, noticeBytesMax: replyBytesMax } = this.#options.limits;
    const method = 'resources/unsubscribe';
    if (this.greeting.era === 'modern')
      void this.#subscriptions.wish(slot, { lists: this.#lists(), uris: this.#subscribed.uris() });
    else void this.conversation.send(slot, { method, params: JSON.stringify({ uri }), millisMax, replyBytesMax });
  }

  listChanged(what: 'tools' | 'prompts' | 'resources'): void {
    if (what === 'resources') this.#options.events.resourcesChanged();
    this.#listings.changed();
  }

  /** Told only for what was subscribed, word for word: a server cannot write to an agent by way of a URI. */
  resourceUpdated(uri: string): void {
    if (this.#subscribed.has(uri)) this.#news.add(uri);
    else this.conversation.dropped.notices++;
  }

  acknowledged(subscription: number, honoured: readonly string[] | undefined): void {
    this.#subscriptions.acknowledged(subscription, honoured);
  }

  #listen(): void {
    if (!this.wire.open()) return;
    // What an agent subscribed to ended with the stream: asking again is an action, and no decision stands behind one here.
    this.#subscribed.clear();
    if (this.greeting.era === 'legacy') this.wire.listen?.(again => again && this.#listenAgain());
    else if (this.#lists().length > 0) void this.#subscriptions.renew(this.#lists());
  }

  /** The server hung up on the stream that carries its news: what it may have said meanwhile is asked for. */
  #listenAgain(): void {
    const timer = setTimeout(() => {
      this.#listen();
      if (this.wire.open()) this.listChanged('tools');
    }, this.#options.limits.relistMillisMin);
    timer.unref();
  }

  #lists(): string[] {
    return ['tools', 'prompts', 'resources'].filter(name => {
      const told = member(member(this.greeting.capabilities, name), 'listChanged');
      return told?.kind === 'boolean' && told.value;
    });
  }
}

const changing = 'the server is changing what it offers';

/** MCP 2026-07-28, Multi Round-Trip Requests, "Supported Requests"; extension `io.modelcontextprotocol/tasks`. */
const otherResults: ReadonlyMap<string, readonly ActingMethod[]> = new Map([
  ['input_required', ['tools/call', 'prompts/get', 'resources/read']],
  ['task', ['tools/call']],
]);

function uriOf({ input }: Action): string {
  return stringMember(input, 'uri') ?? '';
}

const headersOf = new WeakMap<JsonObject, readonly ParamHeader[]>();

function wantedHeaders({ definition }: Tool): readonly ParamHeader[] {
  const known = headersOf.get(definition);
  if (known !== undefined) return known;
  const read = paramHeadersOf(member(definition, 'inputSchema'));
  const wanted = read.ok ? read.headers : [];
  headersOf.set(definition, wanted);
  return wanted;
}
