import { readMessage } from '../mcp/message.ts';
import type { Broken, Outgoing, WireEvents } from '../mcp/wire.ts';
import { repeatsSecret } from '../repeats.ts';
import { EventReader } from './events.ts';
import { Gathered } from './gathered.ts';
import type { ResponseHead } from './response.ts';
import type { OwnHeaders } from './secrets.ts';
import type { Line, LineListener } from './sockets.ts';

/** What all exchanges of one endpoint have in common, and whom they tell. */
export interface Endpoint {
  readonly events: WireEvents;
  /** Shown with every request that has none of its own. */
  readonly own: OwnHeaders;
  /** Of everything that a stream may bring besides its answer; a lasting one, between two messages. */
  readonly noticeBytesMax: number;
  /** The head of an answer has come. */
  readonly begun: (exchange: Exchange, head: ResponseHead) => void;
  readonly over: (exchange: Exchange, status: number | undefined) => void;
  /** The stream broke off before its answer: true if it will be resumed, and this exchange is over without a word. */
  readonly resume: (exchange: Exchange, lastId: string, retryMillis: number | undefined) => boolean;
}

/** What few exchanges have. */
export interface Beside {
  /** A stream that belongs to no request and lives as long as it likes. */
  readonly lasting?: boolean;
  /** It asks for the rest of an answer, after the event with this id: what is no stream of events brings none. */
  readonly after?: string;
  /** How often the rest was asked for after that very event. */
  readonly tries?: number;
  readonly over?: (status: number | undefined) => void;
}

const nothingBeside: Beside = {};

/** One request's answer over HTTP: a JSON body, or a stream of events among which is the answer. */
export class Exchange implements LineListener {
  /** What this exchange answers; undefined for a stream that belongs to no request, and for notifications. */
  readonly request: Outgoing | undefined;
  readonly beside: Beside;
  readonly #endpoint: Endpoint;
  readonly #line: Line;
  /** Of one message. */
  readonly #bytesMax: number;
  /** Its bytes are summed up from message to message, and its messages belong to no call. */
  readonly #lasting: boolean;
  #head: ResponseHead | undefined;
  #reader: EventReader | undefined;
  readonly #body = new Gathered();
  #bytes = 0;
  #over = false;
  /** Its answer has been heard: a stream that ends now has nothing more to say. */
  #answered = false;

  constructor(endpoint: Endpoint, line: Line, request: Outgoing | undefined, beside = nothingBeside) {
    this.#endpoint = endpoint;
    this.#line = line;
    this.request = request;
    this.beside = beside;
    this.#bytesMax = request?.ask.replyBytesMax ?? endpoint.noticeBytesMax;
    this.#lasting = beside.lasting ?? request?.ask.lasting ?? false;
  }

  get #own(): OwnHeaders {
    return this.request?.ask.own ?? this.#endpoint.own;
  }

  head(head: ResponseHead): void {
    this.#head = head;
    this.#endpoint.begun(this, head);
    const coding = head.headers.get('content-encoding') ?? 'identity';
    if (coding !== 'identity') this.#unusable('it is compressed, which was not asked for');
    else if (head.status === 200 && head.contentType === 'text/event-stream')
      this.#reader = new EventReader(this.#bytesMax, data => this.#message(data));
  }

  body(bytes: Buffer, from: number, to: number): void {
    if (this.#over) return;
    this.#bytes += to - from;
    const bytesMax = this.#bytesMax;
    const reader = this.#reader;
    const tooMany = this.#bytes > bytesMax + (reader === undefined ? 0 : this.#endpoint.noticeBytesMax);
    if (tooMany) this.#tooLarge();
    else if (reader === undefined) this.#body.add(bytes.subarray(from, to));
    else if (!reader.push(bytes, from, to)) this.#tooLarge();
  }

  end(): void {
    if (this.#over) return;
    if (this.#reader === undefined && this.beside.after === undefined) this.#whole(this.#body.take());
    if (this.#over || this.#resumes()) return;
    // What came instead may be the answer to an earlier request, and the next one would get this one's.
    if (this.request !== undefined && !this.#answered) this.#line.close();
    this.#finish({ kind: 'lost', why: 'the stream ended without an answer' });
  }

  fault(why: string): void {
    if (!this.#resumes()) this.#finish({ kind: 'lost', why });
  }

  /** Nothing is sent a second time: the rest of an answer is asked for, by the id of its last event. */
  #resumes(): boolean {
    if (this.#over || this.#answered || this.#reader === undefined) return false;
    const { lastId = this.beside.after, retryMillis } = this.#reader;
    if (lastId === undefined || !this.#endpoint.resume(this, lastId, retryMillis)) return false;
    this.#over = true;
    return true;
  }

  /** Nobody waits any more. Closing the connection is how the modern era cancels. */
  abandon(): void {
    if (this.#over) return;
    this.#over = true;
    this.#line.close();
    this.#ended(undefined);
  }

  #whole(body: Buffer): void {
    const status = this.#head?.status ?? 0;
    const type = this.#head?.contentType;
    if (this.request === undefined || status === 202) return;
    const readable = type === 'application/json' && body.length > 0 && (status === 200 || isError(body));
    if (status === 401 || status === 403) this.#turnedAway(status);
    if (readable) this.#message(body);
    else
      this.#finish({
        kind: 'unusable',
        why: statusText(status, this.#head?.headers.get('retry-after')),
        bytes: this.#bytes,
      });
  }

  /** RFC 6750 §3: what the server says about the credentials that it was shown. */
  #turnedAway(status: 401 | 403): void {
    const said = this.#head?.headers.get('www-authenticate') ?? '';
    const word = (name: string): string | undefined => new RegExp(`[ ,]${name}="([^"]{1,1000})"`, 'i').exec(said)?.[1];
    for (const { turnedAway } of this.#own.lent) turnedAway?.({ status, error: word('error'), scope: word('scope') });
  }

  #message(data: Buffer): void {
    if (this.#over) return;
    if (this.#lasting) this.#bytes = 0;
    const id = this.request?.id;
    const message = readMessage(data);
    if (repeatsSecret(data, this.#own)) this.#unusable('it repeats the credential that was sent with the request');
    else if (message.kind === 'noise') this.#unusable(message.why);
    else {
      this.#answered ||= 'id' in message && message.kind !== 'request' && (message.id ?? id) === id;
      this.#endpoint.events.heard(message, data.length, this.#lasting ? undefined : id);
    }
  }

  #unusable(why: string): void {
    if (this.#over) return;
    this.#line.close();
    this.#finish({ kind: 'unusable', why, bytes: this.#bytes });
  }

  #tooLarge(): void {
    this.#line.close();
    this.#finish({
      ...{ kind: 'unusable', bytes: this.#bytes, tooLarge: true },
      why: `it is larger than ${this.#bytesMax} bytes`,
    });
  }

  /** Telling that a request broke is harmless where it was answered already. */
  #finish(broken: Broken): void {
    if (this.#over) return;
    this.#over = true;
    if (this.request !== undefined) this.#endpoint.events.broken(broken, this.request.id);
    this.#ended(this.#head?.status);
  }

  #ended(status: number | undefined): void {
    this.#endpoint.over(this, status);
    this.beside.over?.(status);
  }
}

/** Beside other statuses there may be a JSON-RPC error; error pages may also be JSON of another sort. */
function isError(body: Buffer): boolean {
  return readMessage(body).kind === 'error';
}

function statusText(status: number, retryAfter: string | undefined): string {
  if (status >= 300 && status < 400) return 'it redirected, and redirects are not followed';
  if (status === 401 || status === 403) return `the server refused the gateway itself (HTTP ${status})`;
  if (status === 200) return 'it is neither JSON nor a stream of events';
  return `HTTP ${status} without an answer${waitText(retryAfter)}`;
}

/** RFC 9110 §10.2.3: seconds, or an instant as HTTP writes it. Anything else is not shown. */
function waitText(retryAfter = ''): string {
  if (/^\d{1,9}$/.test(retryAfter)) return `; it asks to wait ${Number(retryAfter)} s`;
  return /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(retryAfter)
    ? `; it asks to wait until ${retryAfter}`
    : '';
}
