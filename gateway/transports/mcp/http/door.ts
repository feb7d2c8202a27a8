import type { Refusal } from '@sallyport/core/model/refusal.ts';
import { httpFault, overloaded } from '../../http/fault.ts';
import { onceRead, sendEmpty, sendFault, sendMethodNotAllowed } from '../../http/respond.ts';
import type { Exchange } from '../../http/router.ts';
import { type McpCore, noteRejected } from '../core.ts';
import { refusalAnswer } from '../render.ts';
import { authenticate } from '../standing.ts';
import { modernVersions } from '../wire/protocol.ts';
import { sendAnswer } from './answer.ts';
import { headerNames, proofOf, scopeOf } from './head.ts';
import { post } from './post.ts';
import { Sessions } from './sessions.ts';
import { getStream } from './stream.ts';
import { sessionUnknown, type Visit } from './visit.ts';

/** The door of MCP over Streamable HTTP, both eras: for the routes `/mcp` (exactly) and `/mcp/` (below). */
export interface McpDoor {
  readonly handle: (exchange: Exchange) => Promise<void>;
  readonly close: () => void;
}

export function createMcpDoor(core: McpCore): McpDoor {
  const sessions = new Sessions(core.limits, core.ports.now, ({ waiting }) => core.audience.leave(waiting));
  // Whoever went without a word comes back to no session, and nobody would look for it.
  const idle = setInterval(() => sessions.endIdle(), core.limits.heartbeatMillis).unref();
  const close = (): void => {
    clearInterval(idle);
    sessions.endAll();
  };
  return { handle: exchange => handle(exchange, sessions, core), close };
}

/** Nothing of a body is read, and nothing is told about servers or sessions, before the proof holds. */
async function handle(exchange: Exchange, sessions: Sessions, core: McpCore): Promise<void> {
  const { method, res } = exchange;
  const scope = scopeOf(exchange.rest);
  if (scope === undefined) return sendFault(res, serverUnknown);
  if (exchange.query !== undefined) return sendFault(res, queryNotAllowed);
  if (!allowedMethods.has(method)) return sendMethodNotAllowed(res, 'POST, GET, DELETE');

  const proof = proofOf(exchange);
  // Waited for even where it is known at once: meanwhile the parser comes to the body, which then is taken in one piece.
  const agent = await authenticate(proof, core);
  if (!agent.ok) return refuseProof(exchange, agent.refusal, core);
  const known =
    scope.kind === 'all' ||
    core.ports.world().catalogue.servers.has(scope.server) ||
    core.meeting.forCall(scope.server) !== undefined;
  if (!known) return sendFault(res, serverUnknown);

  const visit = { exchange, scope, proof, agent: agent.value, sessions, core };
  return method === 'POST' ? bounded(visit) : withoutBody({ ...visit, staysOpen: () => {} });
}

/** A body whose size is not declared may be as large as one can be. Until its answer has been read it is under way. */
async function bounded(visit: Omit<Visit, 'staysOpen'>): Promise<void> {
  const { exchange, agent, core } = visit;
  const declared = Number(exchange.headers.get('content-length') ?? core.limits.callBytesMax);
  if (!core.load.begin(agent.id, declared)) return sendFault(exchange.res, overloaded, ['retry-after', '1']);
  let isUnderWay = true;
  const over = (): void => {
    if (isUnderWay) core.load.end(agent.id, declared, exchange.res);
    isUnderWay = false;
  };
  try {
    await post({ ...visit, staysOpen: over });
  } finally {
    if (isUnderWay) core.load.answered(agent.id, exchange.res);
    onceRead(exchange.res, over);
  }
}

function refuseProof(exchange: Exchange, refusal: Refusal, core: McpCore): void {
  noteRejected(core, 'mcp-http', refusal.code, refusal.what, undefined, refusal.proof);
  sendAnswer(exchange.res, undefined, refusalAnswer(refusal, '', 'modern'), [
    ...['connection', 'close'],
    ...core.challenge({ exchange, proof: refusal.proof }),
  ]);
}

function withoutBody(visit: Visit): void | Promise<void> {
  const { exchange } = visit;
  if (!isLegacy(exchange)) return sendMethodNotAllowed(exchange.res, 'POST');
  return exchange.method === 'GET' ? getStream(visit) : endSession(visit);
}

const allowedMethods: ReadonlySet<string> = new Set(['POST', 'GET', 'DELETE']);

/** The modern era has neither sessions nor GET nor DELETE. */
function isLegacy({ headers }: Exchange): boolean {
  return headers.has(headerNames.session) && !modernVersions.includes(headers.get(headerNames.version) ?? '');
}

function endSession(visit: Visit): void {
  const { exchange, agent, scope, sessions } = visit;
  const session = sessions.find(exchange.headers.get(headerNames.session) ?? '', agent, scope);
  if (session === undefined) sendFault(exchange.res, sessionUnknown);
  else {
    sessions.end(session);
    sendEmpty(exchange.res, 204);
  }
}

const serverUnknown = httpFault(
  404,
  'server-unknown',
  'request-target',
  'there is no such server',
  'use /mcp for all servers, or the id of one that the operator has named',
);
const queryNotAllowed = httpFault(
  400,
  'query-not-allowed',
  'query',
  'this path takes no query',
  'leave out the question mark and what follows',
);
