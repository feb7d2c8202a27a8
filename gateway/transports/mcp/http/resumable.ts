import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { AgentId, TaskId } from '@sallyport/core/model/ids.ts';
import { PassingMap } from '@sallyport/core/model/passing-map.ts';
import { eventHead, oneLine } from '../wire/event-stream.ts';

/** Streams of one session that a client may still come back for. */
const streamsKeptMax = 32;
/** What is kept of all streams of all sessions for that, answers included. What goes beyond is said once and not kept. */
const resumeBytesMax = 64 * 1024 * 1024;

/** What is kept at this moment: one for all sessions of a door. */
export class Kept {
  #bytes = 0;
  readonly #byAgent = new Map<AgentId, number>();

  /** False: not kept. An agent has as much as it leaves free, so that none can take what the next one needs. */
  add(agent: AgentId, bytes: number): boolean {
    const own = (this.#byAgent.get(agent) ?? 0) + bytes;
    if (own > resumeBytesMax - this.#bytes - bytes) return false;
    this.#bytes += bytes;
    this.#byAgent.set(agent, own);
    return true;
  }

  drop(agent: AgentId, bytes: number): void {
    this.#bytes -= bytes;
    const own = (this.#byAgent.get(agent) ?? 0) - bytes;
    if (own > 0) this.#byAgent.set(agent, own);
    else this.#byAgent.delete(agent);
  }
}

/** How long a client is asked to wait before it comes back. */
const retryMillis = 500;

/**
 * Server-sent events that survive their connection (2025-11-25, Transports, "Resumability and Redelivery"): each has an id,
 * and what was said is kept until the stream has been read to its end. The answer to one POST; ids are unguessable, and
 * mean something in their own session only (threats A-14), and there in the task of their call alone, whose labels rose by what was said.
 */
export class ResumableStream {
  readonly #tasks: ReadonlySet<TaskId>;
  #id = '';
  readonly #unsentBytesMax: number;
  readonly #streams: StreamsOfSession;
  readonly #said: string[] = [];
  /** Its part of what is kept. */
  #bytes = 0;
  #res: ServerResponse | undefined;
  #started = false;
  #over = false;

  constructor(res: ServerResponse, unsentBytesMax: number, streams: StreamsOfSession, tasks: ReadonlySet<TaskId>) {
    this.#tasks = tasks;
    this.#streams = streams;
    this.#res = res;
    this.#unsentBytesMax = unsentBytesMax;
  }

  /**
   * Whether all that it says was decided in this task: who comes back in another has not the labels that it raised. What was
   * not decided in any is the gateway's own once it is whole, and until then not known.
   */
  belongsTo(task: TaskId): boolean {
    return this.#tasks.size === 0 ? this.#over : this.#tasks.size === 1 && this.#tasks.has(task);
  }

  get over(): boolean {
    return this.#over;
  }

  /** The first event says only from where to resume. */
  start(): void {
    if (this.#started || this.#res === undefined || this.#res.destroyed || this.#res.headersSent) return;
    this.#started = true;
    this.#id = randomUUID();
    this.#streams.begun(this.#id, this);
    this.#attach(this.#res);
    this.#res.write(`id: ${this.#id}_0\nretry: ${retryMillis}\ndata: \n\n`);
  }

  #attach(res: ServerResponse): void {
    this.#res = res;
    res.writeHead(200, [...eventHead]);
    res.flushHeaders();
    res.on('close', () => {
      if (this.#res === res) this.#res = undefined;
    });
    res.on('finish', () => {
      if (this.#over) this.drop();
    });
  }

  /** Kept for a reader that is away, dropped for one that is too slow. */
  notify(jsonText: string): void {
    const isSlow = this.#res !== undefined && this.#res.writableLength > this.#unsentBytesMax;
    if (this.#started && !this.#over && !isSlow) this.#say(jsonText);
  }

  #say(jsonText: string): void {
    if (!this.#streams.kept.add(this.#streams.agent, jsonText.length)) {
      // What cannot be kept is said all the same to whoever is listening.
      this.#res?.write(`data: ${oneLine(jsonText)}\n\n`);
      return;
    }
    this.#bytes += jsonText.length;
    this.#said.push(oneLine(jsonText));
    this.#res?.write(this.#event(this.#said.length));
  }

  #event(index: number): string {
    return `id: ${this.#id}_${index}\ndata: ${this.#said[index - 1]}\n\n`;
  }

  end(jsonText?: string): void {
    if (!this.#started || this.#over) return;
    if (jsonText !== undefined) this.#say(jsonText);
    this.#over = true;
    this.#res?.end();
  }

  /** Goes on over `res`, after the event with this index. Whoever read it before is cut off. */
  resume(after: number, res: ServerResponse): void {
    // What it has not read is kept once, and not for each time that somebody came back.
    if (this.#res !== undefined && this.#res.writableLength > 0) this.#res.destroy();
    else this.#res?.end();
    this.#attach(res);
    for (let index = after + 1; index <= this.#said.length; index++) res.write(this.#event(index));
    if (this.#over) res.end();
  }

  /** Nobody can come back any more. */
  drop(): void {
    this.#over = true;
    // A response that never became a stream is somebody else's to end: its answer may be on its way.
    if (this.#started) this.#res?.end();
    this.#streams.kept.drop(this.#streams.agent, this.#bytes);
    this.#bytes = 0;
    this.#said.length = 0;
    this.#streams.done(this.#id);
  }
}

/** What a stream tells of itself: it is known by its id from its first event on, and most answers never become one. */
interface StreamsOfSession {
  readonly kept: Kept;
  readonly agent: AgentId;
  readonly begun: (id: string, stream: ResumableStream) => void;
  readonly done: (id: string) => void;
}

/** The resumable streams of one session. */
export class ResumableStreams implements StreamsOfSession {
  readonly #byId = new PassingMap<string, ResumableStream>();
  readonly kept: Kept;
  readonly agent: AgentId;

  constructor(kept: Kept, agent: AgentId) {
    this.kept = kept;
    this.agent = agent;
  }

  open(res: ServerResponse, unsentBytesMax: number, tasks: ReadonlySet<TaskId>): ResumableStream {
    return new ResumableStream(res, unsentBytesMax, this, tasks);
  }

  begun(id: string, stream: ResumableStream): void {
    if (this.#byId.size >= streamsKeptMax) this.#forgetOldest();
    this.#byId.set(id, stream);
  }

  done(id: string): void {
    this.#byId.delete(id);
  }

  /** Only of those that are over: a call under way keeps its stream. */
  #forgetOldest(): void {
    this.#byId
      .values()
      .find(({ over }) => over)
      ?.drop();
  }

  /** The stream of an event, and the event's place in it; undefined if it is no event of this session. */
  find(eventId: string): { readonly stream: ResumableStream; readonly after: number } | undefined {
    const [, id = '', after] = /^([0-9a-f-]{36})_(\d{1,9})$/.exec(eventId) ?? [];
    const stream = this.#byId.get(id);
    return stream && { stream, after: Number(after) };
  }

  dropAll(): void {
    for (const stream of this.#byId.values()) stream.drop();
  }
}
