import type { CallSignal } from '@sallyport/core/model/call-signal.ts';
import { PassingMap } from '@sallyport/core/model/passing-map.ts';
import { type Checked, passed, refused } from '@sallyport/core/model/refusal.ts';
import type { UpstreamLimits } from '../limits.ts';
import { legacyVersion, modernVersion, notificationText } from '../mcp/frame.ts';
import type { Outgoing, Slot, Wire, WireEvents } from '../mcp/wire.ts';
import type { ListenAddress } from './dial.ts';
import { Exchange, type ExchangeOptions } from './exchange.ts';
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
export class HttpWire implements Wire {
  readonly #options: HttpWireOptions;
  readonly #events: WireEvents;
  readonly #lines: Lines;
  readonly #exchanges = new PassingMap<number, Exchange>();
  readonly #fixed: string;
  readonly #own: OwnHeaders;
  #stream: Exchange | undefined;
  #phase: Phase = 'probing';
  #version = legacyVersion;
  #session: string | undefined;
  #postHead: string | undefined;
  #closed = false;
  readonly #ended = Promise.withResolvers<void>();

  constructor(options: HttpWireOptions, events: WireEvents) {
    this.#options = options;
    this.#events = events;
    this.#lines = new Lines(options.url, options.limits, options.listening);
    const { url } = options;
    this.#own = options.own;
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

  readonly #send = (request: Outgoing, line: Line): boolean => !this.#closed && this.#post(request, line);

  #post(request: Outgoing, line: Line): boolean {
    const exchange = this.#exchange(line, request, nothingMore, this.#resumption(request));
    const sent = line.ask(this.#requestText(request, request.frame), exchange);
    if (sent) this.#exchanges.set(request.id, exchange);
    return sent;
  }

  /** How the rest of an answer is had, in the era that knows it (2025-11-25, "Resumability and Redelivery"). */
  #resumption(request: Outgoing): ExchangeOptions['resume'] {
    if (this.#phase !== 'legacy' || request.lasting === true) return undefined;
    let before = '';
    let tries = 0;
    const resume: ExchangeOptions['resume'] = (lastId, retryMillis = resumeMillisMin) => {
      tries = lastId === before ? tries + 1 : 1;
      before = lastId;
      if (tries > resumesMax || this.#closed || !this.#exchanges.has(request.id)) return false;
      const wait = Math.min(Math.max(retryMillis, resumeMillisMin), resumeMillisMax);
      const waiting = this.#exchanges.get(request.id);
      // Given up meanwhile: then it is no longer in the table.
      setTimeout(() => {
        if (!this.#closed && this.#exchanges.get(request.id) === waiting) this.#resume(request, lastId, resume);
      }, wait);
      return true;
    };
    return resume;
  }

  #resume(request: Outgoing, lastId: string, resume: ExchangeOptions['resume']): void {
    const own = request.own ?? this.#own;
    void this.#aside(line => {
      const exchange = this.#exchange(line, request, nothingMore, resume, lastId);
      // What has ended meanwhile is shown to nobody.
      if (!this.#exchanges.has(request.id) || own.lent.some(({ ended }) => ended.aborted)) return false;
      this.#exchanges.set(request.id, exchange);
      return line.ask(this.#streamText(own, `last-event-id: ${lastId}\r\n`), exchange);
    }).then(begun => {
      const why = 'the stream of its answer broke off and could not be resumed';
      if (!begun && this.#exchanges.delete(request.id)) this.#events.broken({ kind: 'lost', why }, request.id);
    });
  }

  #exchange(
    line: Line,
    request: Partial<Outgoing>,
    over: (status: number | undefined) => void,
    resume?: ExchangeOptions['resume'],
    after?: string,
  ): Exchange {
    const { limits } = this.#options;
    const { id } = request;
    return new Exchange({
      id,
      line,
      bytesMax: request.replyBytesMax ?? limits.noticeBytesMax,
      noticeBytesMax: limits.noticeBytesMax,
      own: request.own ?? this.#own,
      events: this.#events,
      lasting: request.lasting ?? false,
      resume,
      after,
      started: this.#phase === 'greeting' ? head => this.#began(head) : undefined,
      over: status => {
        if (id !== undefined) this.#exchanges.delete(id);
        over(status);
        if (status === 404 && this.#session !== undefined) this.close('the server has ended the session');
      },
    });
  }

  /** The answer to `initialize`. */
  #began({ headers }: ResponseHead): void {
    this.#session = sessionId(headers.get('mcp-session-id'));
    this.#postHead = undefined;
  }

  #requestText(request: Pick<Outgoing, 'method' | 'name' | 'paramHeaders' | 'own'> | undefined, body: string): string {
    let head = this.#headOf(request?.own ?? this.#own);
    if (request !== undefined && (this.#phase === 'probing' || this.#phase === 'modern')) {
      head += `mcp-method: ${request.method}\r\n`;
      if (request.name !== undefined) head += `mcp-name: ${headerValue(request.name)}\r\n`;
      for (const [name, value] of request.paramHeaders ?? []) head += `${name}: ${value}\r\n`;
    }
    return `${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  }

  /** The same for every request until the phase changes, but where headers are issued for one action. */
  #headOf(own: OwnHeaders): string {
    if (own === this.#own && this.#postHead !== undefined) return this.#postHead;
    const head = `POST ${this.#fixed}${own.lines}content-type: application/json\r\naccept: application/json, text/event-stream\r\n${this.#sessionHeaders()}`;
    if (own === this.#own) this.#postHead = head;
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

  tell(frame: string): void {
    void this.#aside(line => line.ask(this.#requestText(undefined, frame), this.#exchange(line, {}, nothingMore)));
  }

  listen(over: (again: boolean) => void): void {
    void this.#aside(line => {
      this.#stream = this.#exchange(line, { lasting: true }, status => over(status === 200));
      return line.ask(this.#streamText(this.#own), this.#stream);
    }).then(begun => begun || over(false));
  }

  async #aside(ask: (line: Line) => boolean): Promise<boolean> {
    const line = await this.#lines.take(AbortSignal.timeout(this.#options.limits.connectMillisMax));
    if (line.ok && ask(line.value)) return true;
    if (line.ok) line.value.close();
    return false;
  }

  forget(id: number): void {
    this.#exchanges.get(id)?.abandon();
    this.#exchanges.delete(id);
    // In the legacy era a closed connection says nothing, so it is said in words.
    if (this.#phase === 'legacy') this.tell(notificationText('notifications/cancelled', `{"requestId":${id}}`));
  }

  close(why: string): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      void this.#end(why).finally(this.#ended.resolve);
    }
    return this.#ended.promise;
  }

  async #end(why: string): Promise<void> {
    this.#events.closed(why);
    this.#stream?.abandon();
    if (this.#phase === 'legacy' && this.#session !== undefined) await this.#endSession();
    this.#lines.closeAll();
  }

  /** Polite, and not waited for longer than a moment: the session's end is the server's own affair. */
  #endSession(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, goodbyeMillisMax);
    void this.#aside(line =>
      line.ask(
        `DELETE ${this.#fixed}${this.#own.lines}${this.#sessionHeaders()}\r\n`,
        this.#exchange(line, {}, () => resolve()),
      ),
    ).then(begun => begun || resolve());
    return promise.finally(() => clearTimeout(timer));
  }
}

function nothingMore(): void {}

/** The right to one line, once. */
class LineSlot implements Slot {
  readonly #line: Line;
  readonly #lines: Lines;
  readonly #send: (request: Outgoing, line: Line) => boolean;
  #held = true;

  constructor(line: Line, lines: Lines, send: (request: Outgoing, line: Line) => boolean) {
    this.#line = line;
    this.#lines = lines;
    this.#send = send;
  }

  release(): void {
    if (this.#held) this.#lines.giveBack(this.#line);
    this.#held = false;
  }

  send(request: Outgoing): boolean {
    if (!this.#held) return false;
    this.#held = false;
    return this.#send(request, this.#line);
  }
}

const goodbyeMillisMax = 500;
/** Between two attempts to get the rest of an answer; a server may ask for more patience, within bounds. */
const [resumeMillisMin, resumeMillisMax] = [50, 5_000];
/** Attempts without a new event in between. */
const resumesMax = 5;
