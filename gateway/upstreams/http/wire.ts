import type { CallSignal } from '@sallyport/core/model/call-signal.ts';
import { PassingMap } from '@sallyport/core/model/passing-map.ts';
import { type Checked, passed, refused } from '@sallyport/core/model/refusal.ts';
import type { UpstreamLimits } from '../limits.ts';
import { legacyVersion, modernVersion, notificationText } from '../mcp/frame.ts';
import type { Asked, Outgoing, Reading, Slot, Wire, WireEvents } from '../mcp/wire.ts';
import type { ListenAddress } from './dial.ts';
import { type Endpoint, Exchange } from './exchange.ts';
import { headerValue, sessionId } from './headers.ts';
import type { ResponseHead } from './response.ts';
import type { OwnHeaders } from './secrets.ts';
import { type Line, Lines } from './sockets.ts';

export interface HttpWireOptions {
  readonly url: URL;
  readonly own: OwnHeaders;
  readonly limits: UpstreamLimits;
  readonly listening: () => readonly ListenAddress[];
}

/** `probing` speaks as the modern era does; `greeting` is `initialize`, which has no version or session yet. */
export type Phase = 'probing' | 'greeting' | 'modern' | 'legacy';

/** Streamable HTTP as a wire: a POST a message, in both eras; the era decides the headers (MCP, Transports). */
export class HttpWire implements Wire, Endpoint {
  readonly #options: HttpWireOptions;
  readonly events: WireEvents;
  readonly own: OwnHeaders;
  readonly noticeBytesMax: number;
  readonly #lines: Lines;
  readonly #fixed: string;
  #stream: Exchange | undefined;
  #phase: Phase = 'probing';
  #version = legacyVersion;
  #session: string | undefined;
  #postHead: string | undefined;
  #closed = false;
  /** Whose answer has been heard, and which the server has not ended; the oldest first. */
  readonly #answered = new PassingMap<number, Reading>();
  /** Messages of ours that the server has not taken yet: each holds a connection. */
  #telling = 0;
  readonly #ended = Promise.withResolvers<void>();

  constructor(options: HttpWireOptions, events: WireEvents) {
    this.#options = options;
    this.events = events;
    this.own = options.own;
    this.noticeBytesMax = options.limits.noticeBytesMax;
    this.#lines = new Lines(options.url, options.limits, options.listening);
    const { url } = options;
    this.#fixed = `${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\nuser-agent: sallyport\r\naccept-encoding: identity\r\n`;
  }

  open(): boolean {
    return !this.#closed;
  }

  /** From now on the headers are those of this phase; `version` is what a legacy server answered. */
  speak(phase: Phase, version = legacyVersion): void {
    this.#phase = phase;
    this.#version = version;
    this.#postHead = undefined;
  }

  atHand(): Slot | undefined {
    const line = this.#closed ? undefined : this.#lines.takeIdle();
    return line && new LineSlot(line, this.#lines, this.#send);
  }

  async lease(signal: CallSignal): Promise<Checked<Slot>> {
    if (this.#closed)
      return refused({ code: 'upstream-unavailable', what: this.#options.url.host, why: 'the session has ended' });
    const line = await this.#lines.take(signal);
    return line.ok ? passed(new LineSlot(line.value, this.#lines, this.#send)) : line;
  }

  readonly #send = (frame: string, request: Outgoing, line: Line): boolean => {
    if (this.#closed) return false;
    const exchange = new Exchange(this, line, request);
    const sent = this.#post(line, request.ask, frame, exchange);
    if (sent) request.reading = exchange;
    return sent;
  };

  /** The answer to `initialize` names the session. */
  begun({ request }: Exchange, { headers }: ResponseHead): void {
    if (request?.ask.method !== 'initialize') return;
    this.#session = sessionId(headers.get('mcp-session-id'));
    this.#postHead = undefined;
  }

  /** A stream may end a moment after its answer, and its connection is then used again; a server that leaves all open would have all there are. */
  answered(request: Outgoing): void {
    const { reading } = request;
    if (reading === undefined) return;
    request.reading = undefined;
    this.#answered.set(request.id, reading);
    if (this.#answered.size <= answeredOpenMax) return;
    const [oldest = request.id] = this.#answered.keys();
    const open = this.#answered.get(oldest);
    // One whose stream had broken off before its answer came elsewhere says nothing when it is abandoned.
    this.#answered.delete(oldest);
    open?.abandon();
  }

  over({ request }: Exchange, status: number | undefined): void {
    if (request !== undefined) {
      request.reading = undefined;
      this.#answered.delete(request.id);
    }
    if (status === 404 && this.#session !== undefined) void this.close('the server has ended the session');
  }

  /** How the rest of an answer is had, in the era that knows it (2025-11-25, "Resumability and Redelivery"). */
  resume(exchange: Exchange, lastId: string, retryMillis = resumeMillisMin): boolean {
    const { request, beside } = exchange;
    if (this.#phase !== 'legacy' || request === undefined || request.ask.lasting === true) return false;
    const tries = lastId === beside.after ? (beside.tries ?? 0) + 1 : 1;
    if (tries > resumesMax || this.#closed || request.reading === undefined) return false;
    const wait = Math.min(Math.max(retryMillis, resumeMillisMin), resumeMillisMax);
    setTimeout(() => {
      // Given up meanwhile: then nobody reads it any more.
      if (!this.#closed && request.reading === exchange) this.#resume(request, lastId, tries);
    }, wait);
    return true;
  }

  #resume(request: Outgoing, lastId: string, tries: number): void {
    const own = request.ask.own ?? this.own;
    void this.#aside(line => {
      // What has ended meanwhile is shown to nobody.
      if (request.reading === undefined || own.lent.some(({ ended }) => ended.aborted)) return false;
      const exchange = new Exchange(this, line, request, { after: lastId, tries });
      request.reading = exchange;
      return line.ask(this.#streamText(own, `last-event-id: ${lastId}\r\n`), 'latin1', exchange);
    }).then(begun => {
      if (begun || request.reading === undefined) return;
      request.reading = undefined;
      const why = 'the stream of its answer broke off and could not be resumed';
      this.events.broken({ kind: 'lost', why }, request.id);
    });
  }

  /** Text that takes as many bytes as it has characters is ASCII, and written for less. Heads always are. */
  #post(line: Line, ask: Asked | undefined, body: string, exchange: Exchange): boolean {
    const bytes = Buffer.byteLength(body);
    const text = `${this.#requestHead(ask)}content-length: ${bytes}\r\n\r\n${body}`;
    return line.ask(text, bytes === body.length ? 'latin1' : 'utf8', exchange);
  }

  #requestHead(ask: Asked | undefined): string {
    let head = this.#headOf(ask?.own ?? this.own);
    if (ask !== undefined && (this.#phase === 'probing' || this.#phase === 'modern')) {
      head += `mcp-method: ${ask.method}\r\n`;
      if (ask.name !== undefined) head += `mcp-name: ${headerValue(ask.name)}\r\n`;
      for (const [name, value] of ask.paramHeaders ?? []) head += `${name}: ${value}\r\n`;
    }
    return head;
  }

  /** The same for every request until the phase changes, but where headers are issued for one action. */
  #headOf(own: OwnHeaders): string {
    if (own === this.own && this.#postHead !== undefined) return this.#postHead;
    const head = `POST ${this.#fixed}${own.lines}content-type: application/json\r\naccept: application/json, text/event-stream\r\n${this.#sessionHeaders()}`;
    if (own === this.own) this.#postHead = head;
    return head;
  }

  /** Asks for a stream: that of the session, or `more` of one that broke off. */
  #streamText(own: OwnHeaders, more = ''): string {
    return `GET ${this.#fixed}${own.lines}accept: text/event-stream\r\n${this.#sessionHeaders()}${more}\r\n`;
  }

  #sessionHeaders(): string {
    if (this.#phase === 'greeting') return '';
    if (this.#phase !== 'legacy') return `mcp-protocol-version: ${modernVersion}\r\n`;
    const session = this.#session === undefined ? '' : `mcp-session-id: ${this.#session}\r\n`;
    return `mcp-protocol-version: ${this.#version}\r\n${session}`;
  }

  /** A server can have us answer as often as it likes: beyond as many as calls may be cancelled at once, nothing is told. */
  tell(frame: string): void {
    const { callsInFlightMax, askMillisMax } = this.#options.limits;
    if (this.#telling >= callsInFlightMax) return;
    this.#telling++;
    let timer: NodeJS.Timeout | undefined;
    const over = (): void => {
      clearTimeout(timer);
      this.#telling--;
    };
    void this.#aside(line => {
      const exchange = new Exchange(this, line, undefined, { over });
      timer = setTimeout(() => exchange.abandon(), askMillisMax).unref();
      return this.#post(line, undefined, frame, exchange);
    }).then(begun => begun || over());
  }

  listen(over: (again: boolean) => void): void {
    void this.#aside(line => {
      this.#stream = new Exchange(this, line, undefined, { lasting: true, over: status => over(status === 200) });
      return line.ask(this.#streamText(this.own), 'latin1', this.#stream);
    }).then(begun => begun || over(false));
  }

  async #aside(ask: (line: Line) => boolean): Promise<boolean> {
    const line = await this.#lines.take(AbortSignal.timeout(this.#options.limits.connectMillisMax));
    if (line.ok && ask(line.value)) return true;
    if (line.ok) line.value.close();
    return false;
  }

  forget(request: Outgoing): void {
    request.reading?.abandon();
    request.reading = undefined;
    // In the legacy era a closed connection says nothing, so it is said in words.
    if (this.#phase === 'legacy') this.tell(notificationText('notifications/cancelled', `{"requestId":${request.id}}`));
  }

  close(why: string): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      void this.#end(why).finally(this.#ended.resolve);
    }
    return this.#ended.promise;
  }

  async #end(why: string): Promise<void> {
    this.events.closed(why);
    this.#stream?.abandon();
    const isShown = !this.own.lent.some(({ ended }) => ended.aborted);
    if (this.#phase === 'legacy' && this.#session !== undefined && isShown) await this.#endSession();
    this.#lines.closeAll();
  }

  /** Polite, never with a secret that has ended, and not waited for longer than a moment: the session's end is the server's own affair. */
  #endSession(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, goodbyeMillisMax);
    const text = `DELETE ${this.#fixed}${this.own.lines}${this.#sessionHeaders()}\r\n`;
    void this.#aside(line =>
      line.ask(text, 'latin1', new Exchange(this, line, undefined, { over: () => resolve() })),
    ).then(begun => begun || resolve());
    return promise.finally(() => clearTimeout(timer));
  }
}

type HttpSend = (frame: string, request: Outgoing, line: Line) => boolean;

/** The right to one line, once. */
class LineSlot implements Slot {
  readonly #line: Line;
  readonly #lines: Lines;
  readonly #send: HttpSend;
  #held = true;

  constructor(line: Line, lines: Lines, send: HttpSend) {
    this.#line = line;
    this.#lines = lines;
    this.#send = send;
  }

  release(): void {
    if (this.#held) this.#lines.giveBack(this.#line);
    this.#held = false;
  }

  send(frame: string, request: Outgoing): boolean {
    if (!this.#held) return false;
    this.#held = false;
    return this.#send(frame, request, this.#line);
  }
}

/** Streams of one connection that may be open though their answer has been heard. */
export const answeredOpenMax = 64;

const goodbyeMillisMax = 500;
/** Between two attempts to get the rest of an answer; a server may ask for more patience, within bounds. */
const [resumeMillisMin, resumeMillisMax] = [50, 5_000];
/** Attempts without a new event in between. */
const resumesMax = 5;
