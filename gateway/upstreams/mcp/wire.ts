import type { UpstreamReply } from '@sallyport/core/mediate/ports.ts';
import type { CallSignal } from '@sallyport/core/model/call-signal.ts';
import type { Checked } from '@sallyport/core/model/refusal.ts';
import type { OwnHeaders } from '../http/secrets.ts';
import type { Heard } from './message.ts';

/** One request as a transport needs it besides its text. */
export interface Outgoing {
  readonly id: number;
  readonly ask: Asked;
  /** The wire's own: what reads the answer, for as long as somebody waits for it. */
  reading?: Reading | undefined;
}

export interface Reading {
  readonly abandon: () => void;
}

/** What of a request is for the headers of the modern era, and for the answer. */
export interface Asked {
  readonly method: string;
  /** `Mcp-Name`: the tool, prompt or resource. */
  readonly name?: string | undefined;
  /** `Mcp-Param-*` (MCP 2026-07-28, Streamable HTTP, "Custom headers"). */
  readonly paramHeaders?: readonly (readonly [string, string])[] | undefined;
  /** The operator's own headers for this one request, where they differ from the connection's. */
  readonly own?: OwnHeaders | undefined;
  /** How much of an answer is worth reading. */
  readonly replyBytesMax: number;
  /** A request that is answered by notifications for as long as it lives. */
  readonly lasting?: boolean;
}

/** A transport's answer that is not a message. */
export type Broken = { readonly kind: 'lost'; readonly why: string } | Extract<UpstreamReply, { kind: 'unusable' }>;

/** What a wire tells the conversation. `from` is the request on whose own stream it came; undefined on a shared one. */
export interface WireEvents {
  readonly heard: (message: Heard, bytes: number, from: number | undefined) => void;
  /** One request will not be answered, or none will any more. Bytes of it may have arrived. */
  readonly broken: (broken: Broken, from: number | undefined) => void;
  readonly closed: (why: string) => void;
}

/** One way to one server: a child's pipes, or an HTTP endpoint with its session. It knows frames and no meaning. */
export interface Wire {
  readonly open: () => boolean;
  /** What `lease` would give without waiting, if it would. */
  readonly atHand: () => Slot | undefined;
  /** Waits until one request could be handed over at once: a pipe that is being read, a socket that is connected. */
  readonly lease: (signal: CallSignal) => Promise<Checked<Slot>>;
  /** A notification or an answer, best effort. */
  readonly tell: (frame: string) => void;
  /** Opens the legacy era's stream for what belongs to no request, where there is one. `again`: there was. */
  readonly listen?: (over: (again: boolean) => void) => void;
  /** Nobody waits for this request any more: the server is told, in the way of its transport and era. */
  readonly forget: (request: Outgoing) => void;
  /** Its answer has been heard: what still reads for it has nothing more to say. */
  readonly answered?: (request: Outgoing) => void;
  readonly close: (why: string) => Promise<void>;
  readonly pid?: () => number | undefined;
  /** The last lines that the process wrote for people, printable. */
  readonly lastWords?: () => string[];
}

/** The right to hand over one request, once. */
export interface Slot {
  /** Writes the request to the pipe or socket before it returns. False: nothing was written, and nothing will be. */
  readonly send: (frame: string, request: Outgoing) => boolean;
  readonly release: () => void;
}
