import { httpFault, overloaded } from '../http/fault.ts';
import { onceRead, sendFault, sendJson } from '../http/respond.ts';
import type { Exchange } from '../http/router.ts';
import { noteRejected } from '../mcp/core.ts';
import { proofOf } from '../mcp/http/head.ts';
import { authenticate } from '../mcp/standing.ts';
import { refusedError, rpcErrorText } from './errors.ts';
import { perform } from './perform.ts';
import { readRest } from './rest.ts';
import { readRpc } from './rpc.ts';
import type { A2aCore, Visit } from './visit.ts';

/** The door of A2A 1.0: `/a2a/<agent>` speaks JSON-RPC, what lies below it HTTP+JSON. */
export async function visitPeer(exchange: Exchange, core: A2aCore): Promise<void> {
  const [, peer = '', path = ''] = /^([a-z0-9-]+)(\/.*)?$/.exec(exchange.rest) ?? [];
  const proof = proofOf(exchange);
  const agent = await authenticate(proof, core.mcp);
  if (!agent.ok) {
    const { code, what, proof: why } = agent.refusal;
    noteRejected(core.mcp, 'a2a', code, what, undefined, why);
    const text = `{"jsonrpc":"2.0","id":null,"error":${rpcErrorText(refusedError(agent.refusal))}}`;
    const headers = ['connection', 'close', ...core.mcp.challenge({ exchange, proof: why })];
    return sendJson(exchange.res, 401, text, headers);
  }
  // Which agents there are is told to nobody who did not prove what it is.
  if (core.pushOf(peer) === undefined) return sendFault(exchange.res, peerUnknown);
  await bounded({ exchange, core, agent: agent.value, peer, path });
}

/** A body whose size is not declared may be as large as one can be. */
async function bounded(visit: Visit): Promise<void> {
  const { exchange, core, agent } = visit;
  const { load, limits } = core.mcp;
  const declared = Number(
    exchange.headers.get('content-length') ?? (exchange.method === 'POST' ? limits.callBytesMax : 0),
  );
  if (!load.begin(agent.id, declared)) return sendFault(exchange.res, overloaded, ['retry-after', '1']);
  try {
    await answer(visit);
  } finally {
    load.answered(agent.id, exchange.res);
    onceRead(exchange.res, () => load.end(agent.id, declared, exchange.res));
  }
}

async function answer(visit: Visit): Promise<void> {
  const asked = visit.path === '' ? await readRpc(visit) : await readRest(visit);
  // It was answered already: what could not be read has no operation.
  if (asked !== undefined) await perform(asked, visit);
}

const peerUnknown = httpFault(
  404,
  'agent-unknown',
  'request-target',
  'there is no such agent',
  'use the address of an agent that the operator has named',
);
