import {
  callJsonLimits,
  emptyObject,
  type JsonNode,
  member,
  normalText,
  parseJsonBytes,
  stringMember,
} from '@sallyport/core/model/json.ts';
import { readBodyOf } from '../http/body.ts';
import { sendFault, sendMethodNotAllowed } from '../http/respond.ts';
import { noteRejected } from '../mcp/core.ts';
import { headerNames } from '../mcp/http/head.ts';
import { sendError } from './answer.ts';
import { type A2aError, invalid, methodNotFound, unreadable, versionNotSupported } from './errors.ts';
import { isA2aJson } from './media-type.ts';
import { operationNamed } from './operations.ts';
import type { Asked } from './perform.ts';
import { speaksOurs } from './version.ts';
import type { Visit } from './visit.ts';

/** One POST is one JSON-RPC request (§9.1). Undefined: it was answered, because it is none. */
export async function readRpc(visit: Visit): Promise<Asked | undefined> {
  const { exchange, core, agent } = visit;
  const { res, method } = exchange;
  if (method !== 'POST') {
    sendMethodNotAllowed(res, 'POST');
    return undefined;
  }
  const body = await readBodyOf(exchange, core.mcp.limits.callBytesMax, isA2aJson);
  if (!body.ok) {
    sendFault(res, body.fault);
    return undefined;
  }
  const refuse = (error: A2aError, what: string, id = 'null'): undefined => {
    noteRejected(core.mcp, 'a2a', 'malformed', what, agent);
    sendError(res, { kind: 'rpc', id }, error);
    return undefined;
  };
  const parsed = parseJsonBytes(body.bytes, callJsonLimits);
  if (!parsed.ok) return refuse(unreadable(`The body: ${parsed.fault.message}.`), 'body');
  const id = idOf(member(parsed.node, 'id'));
  const params = member(parsed.node, 'params') ?? emptyObject;
  if (id === undefined || stringMember(parsed.node, 'jsonrpc') !== '2.0')
    return refuse({ ...invalid('This is no request of JSON-RPC 2.0.'), code: -32600 }, 'body');
  if (!speaksOurs(exchange)) return refuse(versionNotSupported, headerNames.a2aVersion, id);
  const operation = operationNamed(stringMember(parsed.node, 'method') ?? '');
  if (operation === undefined) return refuse(methodNotFound, 'method', id);
  if (params.kind !== 'object') return refuse(invalid('params must be an object.'), 'params', id);
  return { operation, input: params, bytes: body.bytes.length, binding: { kind: 'rpc', id } };
}

/** A text or a number; requests without one would be notifications, which A2A has none of. */
function idOf(node: JsonNode | undefined): string | undefined {
  return node?.kind === 'string' || node?.kind === 'number' ? normalText(node) : undefined;
}
