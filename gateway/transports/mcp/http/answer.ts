import type { ServerResponse } from 'node:http';
import type { CallSignal } from '@sallyport/core/model/call-signal.ts';
import type { TaskId } from '@sallyport/core/model/ids.ts';
import { sendJson } from '../../http/respond.ts';
import type { Outlet } from '../incoming.ts';
import type { OpenQuestions } from '../questions.ts';
import { type Answer, responseText } from '../render.ts';
import { EventStream } from '../wire/event-stream.ts';
import { ResumableStream } from './resumable.ts';

/** What a response becomes when it has to be a stream. */
export type Streaming = (
  res: ServerResponse,
  unsentBytesMax: number,
  tasks: ReadonlySet<TaskId>,
) => EventStream | ResumableStream;

/** Without ids, so that it cannot be resumed. */
export const plainStreaming: Streaming = (res, unsentBytesMax) => new EventStream(res, unsentBytesMax);

export interface PostOptions {
  readonly signal: CallSignal;
  /** Undefined if the client reads no events. */
  readonly streaming: Streaming | undefined;
  readonly unsentBytesMax: number;
  /** Where questions to the client wait for their answers; undefined where none can be put. */
  readonly questions: OpenQuestions | undefined;
}

/**
 * The response to one POST. It is one JSON object unless a notice comes before the answer and the client reads events:
 * then it becomes a stream, at that moment and not before.
 */
export class PostResponse implements Outlet {
  readonly signal: CallSignal;
  /** In which what it says was decided. */
  readonly #tasks = new Set<TaskId>();
  readonly #res: ServerResponse;
  readonly #options: PostOptions;
  #stream: EventStream | ResumableStream | undefined;

  constructor(res: ServerResponse, options: PostOptions) {
    this.#res = res;
    this.signal = options.signal;
    this.#options = options;
  }

  get ask(): Outlet['ask'] {
    const { questions, streaming } = this.#options;
    if (questions === undefined || streaming === undefined) return undefined;
    return (method, params) => questions.put(text => this.notify(text), method, params, this.signal);
  }

  readonly inTask = (task: TaskId): void => void this.#tasks.add(task);

  /** Becomes a stream though there is nothing to say yet: whoever waits long may lose the connection. */
  begin(): void {
    if (!this.signal.aborted) this.#started();
  }

  notify(messageText: string): void {
    if (!this.signal.aborted) this.#started()?.notify(messageText);
  }

  #started(): EventStream | ResumableStream | undefined {
    const { streaming, unsentBytesMax } = this.#options;
    this.#stream ??= streaming?.(this.#res, unsentBytesMax, this.#tasks);
    this.#stream?.start();
    return this.#stream;
  }

  answer(id: string, answer: Answer, extra: readonly string[] = noHeaders): void {
    if (this.#res.headersSent) this.#stream?.end(responseText(id, answer));
    else sendAnswer(this.#res, id, answer, extra);
  }

  /** A request that its sender cancelled gets no message (2025-11-25, "Cancellation"), as far as HTTP has room for none. */
  silence(id: string, answer: Answer): void {
    if (this.#options.streaming === undefined) this.answer(id, answer);
    else this.#started()?.end();
  }

  /** Nothing more will be said: a stream without its answer is not kept for a client to come back to. */
  close(): void {
    if (this.#stream instanceof ResumableStream && !this.#stream.over) this.#stream.drop();
  }
}

export function sendAnswer(
  res: ServerResponse,
  id: string | undefined,
  answer: Answer,
  extra: readonly string[] = noHeaders,
): void {
  const text = responseText(id, answer);
  if (answer.kind === 'unproven')
    sendJson(res, 401, text, extra.includes('www-authenticate') ? extra : [...challenge, ...extra]);
  else sendJson(res, answer.kind === 'error' ? answer.status : 200, text, extra);
}

/** RFC 6750 §3, for a proof that ceased to hold while its request was under way. */
const challenge: readonly string[] = ['www-authenticate', 'Bearer realm="sallyport", error="invalid_token"'];

const noHeaders: readonly string[] = [];
