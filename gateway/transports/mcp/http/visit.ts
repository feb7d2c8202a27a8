import type { Agent, Proof } from '@sallyport/core/model/agent.ts';
import { type HttpFault, httpFault } from '../../http/fault.ts';
import type { Exchange } from '../../http/router.ts';
import type { McpCore } from '../core.ts';
import type { Caller, Request } from '../incoming.ts';
import type { Scope } from '../names.ts';
import { turnAway } from '../turn-away.ts';
import type { Malformed } from '../wire/malformed.ts';
import { sendAnswer } from './answer.ts';
import { headerNames } from './head.ts';
import type { Session, Sessions } from './sessions.ts';

/** An exchange whose agent has proved itself. */
export interface Visit {
  readonly exchange: Exchange;
  readonly scope: Scope;
  readonly proof: Proof;
  readonly agent: Agent;
  readonly sessions: Sessions;
  readonly core: McpCore;
  /** Its answer is a stream that stays open: such are counted as streams, and it is no call under way any more. */
  readonly staysOpen: () => void;
}

/** A request of one POST, before its era has had a say. */
export interface Posted {
  readonly request: Request;
  readonly caller: Caller;
  /** Whether the client reads server-sent events. */
  readonly events: boolean;
}

/** Who asks something of a session without a body: for its stream, or for its end. */
export function callerIn({ offers }: Session, { exchange, proof, agent, scope }: Visit): Caller {
  const taskToken = exchange.headers.get(headerNames.task);
  return { door: 'mcp-http', proof, agent, scope, era: 'legacy', taskToken, offers };
}

/** 2025-11-25, "Session Management": 404 tells the client to begin anew. */
export const sessionUnknown: HttpFault = httpFault(
  404,
  'session-unknown',
  headerNames.session,
  'there is no such session for this agent and path',
  'begin a new one with initialize, without this header',
);

/** Malformed: a JSON-RPC error that names the field, and a line in the record. */
export function refuse({ exchange, agent, core }: Visit, malformed: Malformed, id: string | undefined): void {
  sendAnswer(exchange.res, id, turnAway(malformed, { door: 'mcp-http', agent }, core));
}
