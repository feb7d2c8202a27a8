import type { ServerResponse } from 'node:http';
import { sendJson } from '../http/respond.ts';
import type { EventStream } from './event-stream.ts';
import type { Outlet } from './incoming.ts';
import { type Answer, responseText } from './render.ts';
import type { ResumableStream } from './resumable.ts';

/**
 * The response to one POST. It is one JSON object unless a notice comes before the answer and the client reads events:
 * then it becomes a stream, at that moment and not before.
 */
export class PostResponse implements Outlet {
  readonly signal: AbortSignal;
  readonly #res: ServerResponse;
  readonly #events: EventStream | ResumableStream | undefined;

  /** `events`: undefined if the client reads none. */
  constructor(res: ServerResponse, signal: AbortSignal, events: EventStream | ResumableStream | undefined) {
    this.#res = res;
    this.signal = signal;
    this.#events = events;
  }

  /** Becomes a stream though there is nothing to say yet: whoever waits long may lose the connection. */
  begin(): void {
    if (!this.signal.aborted) this.#events?.start();
  }

  notify = (messageText: string): void => {
    if (this.#events === undefined || this.signal.aborted) return;
    this.#events.start();
    this.#events.notify(messageText);
  };

  answer(id: string, answer: Answer, extra: readonly string[] = []): void {
    if (this.#res.headersSent) this.#events?.end(responseText(id, answer));
    else sendAnswer(this.#res, id, answer, extra);
  }

  /** A request that its sender cancelled gets no message (2025-11-25, "Cancellation"), as far as HTTP has room for none. */
  silence(id: string, answer: Answer): void {
    if (this.#events === undefined) this.answer(id, answer);
    else {
      this.#events.start();
      this.#events.end();
    }
  }
}

export function sendAnswer(
  res: ServerResponse,
  id: string | undefined,
  answer: Answer,
  extra: readonly string[] = [],
): void {
  const text = responseText(id, answer);
  if (answer.kind === 'unproven')
    sendJson(res, 401, text, extra.includes('www-authenticate') ? extra : [...challenge, ...extra]);
  else sendJson(res, answer.kind === 'error' ? answer.status : 200, text, extra);
}

/** RFC 6750 §3, for a proof that ceased to hold while its request was under way. */
const challenge: readonly string[] = ['www-authenticate', 'Bearer realm="sallyport", error="invalid_token"'];
