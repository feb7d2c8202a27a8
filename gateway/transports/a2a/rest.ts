import { cardReading } from '@sallyport/core/model/a2a-operations.ts';
import {
  callJsonLimits,
  emptyObject,
  type JsonNode,
  type JsonObject,
  parseJsonBytes,
  stringMember,
} from '@sallyport/core/model/json.ts';
import { readBodyOf } from '../http/body.ts';
import { sendFault, sendMethodNotAllowed } from '../http/respond.ts';
import type { Exchange } from '../http/router.ts';
import { noteRejected } from '../mcp/core.ts';
import { headerNames } from '../mcp/http/head.ts';
import { sendError } from './answer.ts';
import { type A2aError, invalid, methodNotFound, unreadable, versionNotSupported } from './errors.ts';
import { isA2aJson } from './media-type.ts';
import { type Routed, routeOf } from './operations.ts';
import type { Asked } from './perform.ts';
import { speaksOurs } from './version.ts';
import type { Visit } from './visit.ts';

/** A request of the HTTP+JSON binding (§11). Undefined: it was answered, because it is none. */
export async function readRest(visit: Visit): Promise<Asked | undefined> {
  const { exchange, core, agent, path } = visit;
  const { res, method } = exchange;
  const refuse = (error: A2aError, what: string): undefined => {
    noteRejected(core.mcp, 'a2a', 'malformed', what, agent);
    sendError(res, { kind: 'rest' }, error);
    return undefined;
  };
  const routed = routeOf(method, path);
  if (routed === undefined) return refuse(methodNotFound, 'request-target');
  if (routed === 'method') {
    sendMethodNotAllowed(res, 'another method');
    return undefined;
  }
  // The card says which versions there are: it is read without one.
  if (routed.operation !== cardReading && !speaksOurs(exchange))
    return refuse(versionNotSupported, headerNames.a2aVersion);
  const body =
    method === 'POST' && declaresBody(exchange)
      ? await readBodyOf(exchange, core.mcp.limits.callBytesMax, isA2aJson)
      : undefined;
  if (body?.ok === false) {
    sendFault(res, body.fault);
    return undefined;
  }
  const parsed = body === undefined ? undefined : parseJsonBytes(body.bytes, callJsonLimits);
  if (parsed?.ok === false) return refuse(unreadable(`The body: ${parsed.fault.message}.`), 'body');
  const said = parsed?.node ?? emptyObject;
  if (said.kind !== 'object') return refuse(invalid('The body must be a JSON object.'), 'body');
  const queried = method === 'GET' ? queryOf(exchange.query ?? '') : emptyObject;
  if (queried === undefined)
    return refuse(invalid('A parameter of the query stands twice or has no such value.'), 'query');
  const input = joined(said, queried, routed);
  if (input === undefined) return refuse(invalid('The body names another task or tenant than the path.'), 'body');
  return { operation: routed.operation, input, bytes: body?.bytes.length ?? 0, binding: { kind: 'rest' } };
}

/** RFC 9112 §6.3: a request has a body where one of the two is there. */
function declaresBody({ headers }: Exchange): boolean {
  return (headers.get('content-length') ?? '0') !== '0' || headers.has('transfer-encoding');
}

/** What the path names is meant; a body that names something else would be read differently by two readers. */
function joined(body: JsonObject, query: JsonObject, { named }: Routed): JsonObject | undefined {
  const members = new Map([...query.members, ...body.members]);
  for (const [name, value] of named) {
    const said = stringMember({ kind: 'object', members }, name);
    if (said !== undefined && said !== '' && said !== value) return undefined;
    members.set(name, { kind: 'string', value });
  }
  return { kind: 'object', members };
}

const numbers: ReadonlySet<string> = new Set(['historyLength', 'pageSize']);

function queryOf(query: string): JsonObject | undefined {
  const members = new Map<string, JsonNode>();
  for (const [name, text] of new URLSearchParams(query)) {
    // It is about the request, and read elsewhere.
    if (name === 'A2A-Version') continue;
    const node = members.has(name) ? undefined : parameter(name, text);
    if (node === undefined) return undefined;
    members.set(name, node);
  }
  return { kind: 'object', members };
}

function parameter(name: string, text: string): JsonNode | undefined {
  if (numbers.has(name)) return /^\d{1,9}$/.test(text) ? { kind: 'number', value: Number(text), text } : undefined;
  if (name !== 'includeArtifacts') return { kind: 'string', value: text };
  return text === 'true' || text === 'false' ? { kind: 'boolean', value: text === 'true' } : undefined;
}
