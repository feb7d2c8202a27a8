import type { Agent, Proof } from '@sallyport/core/model/agent.ts';
import type { Door } from '@sallyport/core/model/call.ts';
import type { CallSignal } from '@sallyport/core/model/call-signal.ts';
import type { TaskId } from '@sallyport/core/model/ids.ts';
import type { JsonObject } from '@sallyport/core/model/json.ts';
import type { ClientOffer } from '@sallyport/core/model/question.ts';
import type { Scope } from './names.ts';
import type { Era } from './wire/protocol.ts';

/** Who is asking, over what: facts about a request that do not stand in the request itself. */
export interface Caller {
  readonly door: Extract<Door, 'mcp-http' | 'mcp-stdio'>;
  readonly proof: Proof;
  /** What the proof proved when this request came in. The line asks again. */
  readonly agent: Agent;
  readonly scope: Scope;
  readonly era: Era;
  readonly taskToken: string | undefined;
  /** What its client can be asked: said in the handshake or, in the modern era, in each request. */
  readonly offers: ReadonlySet<ClientOffer>;
  /** Legacy: what this session has subscribed to. */
  readonly subscribed?: SubscribedTo;
}

/** Keys of `subscriptionKey`. */
export type SubscribedTo = Set<string>;

/** One well-formed request. */
export interface Request {
  readonly id: string;
  readonly method: string;
  readonly params: JsonObject;
  readonly bytes: number;
  readonly progressToken: string | undefined;
  readonly logLevel: string | undefined;
}

/** One request with who asks and where its notices go. */
export interface Incoming {
  readonly request: Request;
  readonly caller: Caller;
  readonly outlet: Outlet;
}

/** Where notices go that come before the answer: JSON text, in order. */
export interface Outlet {
  readonly signal: CallSignal;
  readonly notify: (messageText: string) => void;
  /** Told in which task each call is decided that the request makes. Absent where nobody has to know. */
  readonly inTask?: ((task: TaskId) => void) | undefined;
  /**
   * Legacy: puts a question to the client in the course of this request and waits for its answer; undefined if there will be
   * none. Absent where nothing can be asked. `params` is JSON text.
   */
  readonly ask?: ((method: string, params: string) => Promise<JsonObject | undefined>) | undefined;
}
