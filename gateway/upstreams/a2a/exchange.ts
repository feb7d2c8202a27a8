import type { UpstreamError, UpstreamReply } from '@sallyport/core/mediate/ports.ts';
import { codeOfReason } from '@sallyport/core/model/a2a-errors.ts';
import type { CallSignal } from '@sallyport/core/model/call-signal.ts';
import {
  emptyObject,
  type JsonNode,
  type JsonObject,
  member,
  parseJsonBytes,
  resultJsonLimits,
  stringMember,
} from '@sallyport/core/model/json.ts';
import { EventReader } from '../http/events.ts';
import type { ResponseHead } from '../http/response.ts';
import type { OwnHeaders } from '../http/secrets.ts';
import type { Line, LineListener } from '../http/sockets.ts';
import { repeatsSecret } from '../repeats.ts';
import type { PeerBinding } from './card.ts';

export interface ExchangeOptions {
  readonly line: Line;
  readonly own: OwnHeaders;
  readonly bytesMax: number;
  readonly millisMax: number;
  readonly signal: CallSignal;
  /** Called with each event of a stream, in order. */
  readonly onEvent: (event: JsonObject) => void;
  /** How the other side answers; `document`: with one plain document, such as a card. */
  readonly speaks: PeerBinding | 'document';
}

/** One request's answer: one response, or a stream of them (A2A 1.0 §9.4, §11.7). Settled once. */
export class Exchange implements LineListener {
  readonly #options: ExchangeOptions;
  readonly #settled = Promise.withResolvers<UpstreamReply>();
  readonly #timer: NodeJS.Timeout;
  readonly #abort = (): void => this.#lose('cancelled', 'the agent cancelled it');
  #head: ResponseHead | undefined;
  #events: EventReader | undefined;
  #parts: Buffer[] = [];
  #heard: JsonNode[] = [];
  #bytes = 0;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    const late = (): void => this.#lose('upstream-timeout', `no answer within ${options.millisMax} ms`);
    this.#timer = setTimeout(late, options.millisMax);
    options.signal.addEventListener('abort', this.#abort, { once: true });
  }

  get reply(): Promise<UpstreamReply> {
    return this.#settled.promise;
  }

  readonly head = (head: ResponseHead): void => {
    this.#head = head;
    if ((head.headers.get('content-encoding') ?? 'identity') !== 'identity')
      this.#unusable('it is compressed, which was not asked for');
    else if (head.status === 200 && head.contentType === 'text/event-stream')
      this.#events = new EventReader(this.#options.bytesMax, data => this.#event(data));
  };

  readonly body = (bytes: Buffer, from: number, to: number): void => {
    this.#bytes += to - from;
    const { bytesMax } = this.#options;
    if (this.#bytes > bytesMax)
      this.#settle({ kind: 'unusable', why: `it is larger than ${bytesMax} bytes`, bytes: bytesMax, tooLarge: true });
    else if (this.#events === undefined) this.#parts.push(bytes.subarray(from, to));
    else if (!this.#events.push(bytes, from, to)) this.#unusable('one of its events is too large');
  };

  readonly end = (): void => {
    if (this.#events !== undefined) {
      const events: JsonNode = { kind: 'array', items: this.#heard };
      this.#settle({
        kind: 'result',
        result: { kind: 'object', members: new Map([['events', events]]) },
        bytes: this.#bytes,
      });
    } else this.#whole(Buffer.concat(this.#parts));
  };

  readonly fault = (why: string): void => this.#lose('upstream-unavailable', why);

  #whole(body: Buffer): void {
    const isNothing = this.#options.speaks === 'rest' && this.#isSuccess && body.length === 0;
    const read = isNothing ? emptyObject : this.#read(body);
    if (read !== undefined) this.#settle(this.#answer(read));
  }

  get #isSuccess(): boolean {
    const status = this.#head?.status ?? 0;
    return this.#options.speaks === 'document' ? status === 200 : status >= 200 && status < 300;
  }

  #event(data: Buffer): void {
    const read = this.#read(data);
    if (read === undefined) return;
    const reply = this.#answer(read);
    if (reply.kind === 'result') {
      this.#heard.push(reply.result);
      this.#options.onEvent(reply.result);
    } else this.#settle(reply);
  }

  #read(bytes: Buffer): JsonNode | undefined {
    if (repeatsSecret(bytes, this.#options.own)) this.#unusable('it repeats a secret that it was given');
    else {
      const parsed = parseJsonBytes(bytes, resultJsonLimits);
      if (parsed.ok) return parsed.node;
      this.#unusable(this.#head?.status === 200 ? 'it is no well-formed JSON' : `HTTP ${this.#head?.status ?? 0}`);
    }
    return undefined;
  }

  #answer(node: JsonNode): UpstreamReply {
    if (this.#options.speaks === 'rpc') return this.#rpcAnswer(node);
    const error = this.#options.speaks === 'rest' ? restError(node) : undefined;
    if (error !== undefined) return { kind: 'error', error, bytes: this.#bytes };
    if (node.kind === 'object' && this.#isSuccess) return { kind: 'result', result: node, bytes: this.#bytes };
    return { kind: 'unusable', why: `HTTP ${this.#head?.status ?? 0}`, bytes: this.#bytes };
  }

  /** JSON-RPC 2.0 §5. A deletion answers with nothing (`google.protobuf.Empty`). */
  #rpcAnswer(node: JsonNode): UpstreamReply {
    const [result, error] = [member(node, 'result'), member(node, 'error')];
    const code = member(error, 'code');
    const message = member(error, 'message');
    if (error?.kind === 'object' && code?.kind === 'number' && Number.isInteger(code.value)) {
      const text = message?.kind === 'string' ? message.value : '';
      return { kind: 'error', error: { code: code.value, message: text, data: undefined }, bytes: this.#bytes };
    }
    if (result?.kind === 'object') return { kind: 'result', result, bytes: this.#bytes };
    if (result?.kind === 'null') return { kind: 'result', result: emptyObject, bytes: this.#bytes };
    return { kind: 'unusable', why: 'it is neither a result nor an error of JSON-RPC', bytes: this.#bytes };
  }

  #unusable(why: string): void {
    this.#settle({ kind: 'unusable', why, bytes: Math.min(this.#bytes, this.#options.bytesMax) });
  }

  #lose(code: 'cancelled' | 'upstream-timeout' | 'upstream-unavailable', why: string): void {
    this.#settle({ kind: 'lost', sent: true, code, why });
  }

  #settle(reply: UpstreamReply): void {
    clearTimeout(this.#timer);
    this.#options.signal.removeEventListener('abort', this.#abort);
    this.#settled.resolve(reply);
    // One exchange a line: what still comes is nobody's.
    this.#options.line.close();
  }
}

/** google.rpc.Status as A2A 1.0 §11.6 has it, under the codes of JSON-RPC; undefined where it says nothing of this protocol. */
function restError(node: JsonNode): UpstreamError | undefined {
  const error = member(node, 'error');
  if (error?.kind !== 'object') return undefined;
  const details = member(error, 'details');
  const reasons = details?.kind === 'array' ? details.items.map(item => stringMember(item, 'reason') ?? '') : [];
  const named = reasons.map(codeOfReason).find(code => code !== undefined);
  const code = named ?? (stringMember(error, 'status') === 'INVALID_ARGUMENT' ? -32602 : undefined);
  return code === undefined ? undefined : { code, message: stringMember(error, 'message') ?? '', data: undefined };
}
