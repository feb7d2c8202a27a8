import type { LinePorts } from '@sallyport/core/mediate/ports.ts';
import type { Agent, Proof } from '@sallyport/core/model/agent.ts';
import type { Door } from '@sallyport/core/model/call.ts';
import type { JsonObject } from '@sallyport/core/model/json.ts';
import type { ClientOffer } from '@sallyport/core/model/question.ts';
import type { RefusalCode, RefusedProof } from '@sallyport/core/model/refusal.ts';
import type { Exchange } from '../http/router.ts';
import { Audience } from './audience.ts';
import { Handles } from './handles.ts';
import { Load } from './load.ts';
import type { Scope } from './names.ts';
import type { Era } from './protocol.ts';
import { Rounds } from './rounds.ts';
import type { PersonWait } from './wait-for-person.ts';

/** What both MCP doors share. Nothing in here belongs to one connection but what listens in `audience`. */
export interface McpCore {
  readonly ports: LinePorts;
  /** The gateway's own version, for `serverInfo`. */
  readonly version: string;
  readonly limits: McpLimits;
  /** Open streams that want to hear of changes. */
  readonly audience: Audience;
  /** What each agent has under way. */
  readonly load: Load;
  /** Headers of a 401 or 403, names and values in turn: where to go for a token, and what a good one lacks. */
  readonly challenge: Challenge;
  /** States that were given to clients with something to answer. */
  readonly rounds: Rounds;
  /** Ids of protocol tasks. */
  readonly handles: Handles;
  /** Undefined: whoever has to be approved is told so at once. */
  readonly personWait: PersonWait | undefined;
}

export type Challenge = (challenged: {
  readonly exchange: Pick<Exchange, 'headers' | 'path'>;
  readonly proof: RefusedProof | undefined;
  readonly lacking?: readonly string[];
}) => readonly string[];

export interface McpLimits {
  /** One message: an HTTP body or a stdio line. */
  readonly callBytesMax: number;
  /** Requests under way on one stdio connection or legacy session. */
  readonly callsInFlightMax: number;
  /** Requests of one agent under way, all doors and connections together. */
  readonly callsPerAgentMax: number;
  /** Their bytes. */
  readonly callBytesPerAgentMax: number;
  readonly sessionsMax: number;
  readonly sessionsPerAgentMax: number;
  readonly sessionIdleMillisMax: number;
  /** Open streams of one agent (GET, `subscriptions/listen`). */
  readonly streamsPerAgentMax: number;
  /** Notices for a reader that is slower than this are dropped; answers never are. */
  readonly unsentBytesMax: number;
  readonly subscriptionsMax: number;
  /** Between two signs of life on an open stream; each checks the agent's standing again. */
  readonly heartbeatMillis: number;
}

export const mcpLimits: McpLimits = {
  callBytesMax: 4 * 1024 * 1024,
  callsInFlightMax: 256,
  callsPerAgentMax: 256,
  callBytesPerAgentMax: 32 * 1024 * 1024,
  sessionsMax: 10_000,
  sessionsPerAgentMax: 256,
  sessionIdleMillisMax: 30 * 60_000,
  streamsPerAgentMax: 64,
  unsentBytesMax: 1024 * 1024,
  subscriptionsMax: 64,
  heartbeatMillis: 20_000,
};

export interface McpCoreOptions {
  readonly ports: LinePorts;
  readonly version: string;
  readonly limits?: Partial<McpLimits>;
  readonly challenge?: Challenge;
  readonly personWait?: PersonWait | undefined;
}

/** RFC 6750 §3, where nothing is known of an authorization server. */
const bareChallenge: Challenge = () => ['www-authenticate', 'Bearer realm="sallyport", error="invalid_token"'];

export function createMcpCore({
  ports,
  version,
  limits,
  challenge = bareChallenge,
  personWait,
}: McpCoreOptions): McpCore {
  const all = { ...mcpLimits, ...limits };
  return {
    ports,
    version,
    limits: all,
    audience: new Audience(),
    load: new Load(all),
    rounds: new Rounds(ports.now),
    handles: new Handles(ports.digest),
    challenge,
    personWait,
  };
}

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
  /** Legacy: what this session has subscribed to, keys of `subscriptionKey`. */
  readonly subscribed?: Set<string>;
}

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
  readonly signal: AbortSignal;
  readonly notify: (messageText: string) => void;
  /**
   * Legacy: puts a question to the client in the course of this request and waits for its answer; undefined if there will be
   * none. Absent where nothing can be asked. `params` is JSON text.
   */
  readonly ask?: (method: string, params: string) => Promise<JsonObject | undefined>;
}

/** Writes down that something was turned away before it was a call. That it could not be written changes nothing. */
export function noteRejected(
  core: McpCore,
  door: Door,
  code: RefusalCode,
  what: string,
  agent: Agent | undefined,
  proof?: RefusedProof,
): void {
  try {
    const id = core.ports.newId('e');
    const who = { ...(agent ? { agent: agent.id } : {}), ...(proof ? { proof } : {}) };
    core.ports.journal.append({ kind: 'rejected', id, door, code, what, ...who });
  } catch {
    // The line stops by itself when the journal is down; a refusal stays a refusal.
  }
}
