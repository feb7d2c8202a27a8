import type { ServerResponse } from 'node:http';
import { type JsonObject, normalText } from '@sallyport/core/model/json.ts';
import { sendJson } from '../http/respond.ts';
import { eventHead, oneLine } from '../mcp/wire/event-stream.ts';
import { type A2aError, restErrorText, rpcErrorText } from './errors.ts';

/** How a request came, and so its answer: JSON-RPC with the request's id (JSON text), or HTTP+JSON. */
export type Binding = { readonly kind: 'rpc'; readonly id: string } | { readonly kind: 'rest' };

export function sendResult(res: ServerResponse, binding: Binding, result: JsonObject): void {
  sendJson(res, 200, resultText(binding, result));
}

export function sendError(res: ServerResponse, binding: Binding, error: A2aError): void {
  if (binding.kind === 'rpc') sendJson(res, 200, `{"jsonrpc":"2.0","id":${binding.id},"error":${rpcErrorText(error)}}`);
  else sendJson(res, error.status, restErrorText(error));
}

function resultText(binding: Binding, result: JsonObject): string {
  const text = normalText(result);
  return binding.kind === 'rest' ? text : `{"jsonrpc":"2.0","id":${binding.id},"result":${text}}`;
}

/** What an agent says as it comes: server-sent events, one response each (§9.4.2, §11.7). */
export class EventAnswer {
  readonly #res: ServerResponse;
  readonly #binding: Binding;
  readonly #unsentBytesMax: number;

  constructor(res: ServerResponse, binding: Binding, unsentBytesMax: number) {
    this.#res = res;
    this.#binding = binding;
    this.#unsentBytesMax = unsentBytesMax;
  }

  /** Whoever reads too slowly is cut off rather than told only a part: the memory is everyone's. */
  event(result: JsonObject): void {
    if (this.#res.destroyed || this.#res.writableEnded) return;
    if (!this.#res.headersSent) this.#res.writeHead(200, [...eventHead]);
    if (this.#res.writableLength > this.#unsentBytesMax) this.#res.destroy();
    else this.#res.write(`data: ${oneLine(resultText(this.#binding, result))}\n\n`);
  }

  end(): void {
    if (!this.#res.headersSent) this.#res.writeHead(200, [...eventHead]);
    this.#res.end();
  }

  /** Before the first event an error is an answer of its own. */
  fail(error: A2aError): void {
    if (!this.#res.headersSent) sendError(this.#res, this.#binding, error);
    else if (this.#binding.kind === 'rpc')
      this.#res.end(`data: {"jsonrpc":"2.0","id":${this.#binding.id},"error":${rpcErrorText(error)}}\n\n`);
    else this.#res.end(`event: error\ndata: ${restErrorText(error)}\n\n`);
  }
}
