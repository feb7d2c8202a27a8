import {
  callJsonLimits,
  emptyObject,
  type JsonLimits,
  type JsonNode,
  type JsonObject,
  parseJsonBytes,
} from '@sallyport/core/model/json.ts';
import { bad, invalidRequest, type Malformed, type Read, read, shownName, unparsable } from './malformed.ts';

/** One JSON-RPC message, strictly read. Everything in it is still the sender's word. */
export type Message = RequestMessage | NotificationMessage | ResponseMessage;

export interface RequestMessage {
  readonly kind: 'request';
  /** JSON text of the id: `7` and `"7"` are different requests, and each is echoed as it came. */
  readonly id: string;
  readonly method: string;
  readonly params: JsonObject;
}

export interface NotificationMessage {
  readonly kind: 'notification';
  readonly method: string;
  readonly params: JsonObject;
}

export interface ResponseMessage {
  readonly kind: 'response';
  readonly id: string | undefined;
  /** Undefined: an error, or no proper result. What an error says is not used. */
  readonly result: JsonObject | undefined;
}

const idCharsMax = 256;

/** Reads one message, or says which member is wrong. There are no batches (removed in 2025-06-18). */
export function readMessage(bytes: Uint8Array, limits: JsonLimits = callJsonLimits): Read<Message> {
  const parsed = parseJsonBytes(bytes, limits);
  if (!parsed.ok) return bad(unparsable(parsed.fault));
  const { node } = parsed;
  if (node.kind === 'array') return bad(invalidRequest('body', 'batches are not accepted; send one message at a time'));
  if (node.kind !== 'object') return bad(invalidRequest('body', 'a message is a JSON object'));
  return readEnvelope(node.members);
}

function readEnvelope(members: JsonObject['members']): Read<Message> {
  const idNode = members.get('id');
  const id = idNode === undefined ? undefined : idText(idNode);
  const method = members.get('method');
  const stranger = unknownMember(members, method === undefined ? responseMembers : requestMembers);
  if (stranger !== undefined)
    return wrong(id, invalidRequest(shownName(stranger), 'is not a member of a JSON-RPC message here'));
  const version = members.get('jsonrpc');
  if (version?.kind !== 'string' || version.value !== '2.0')
    return wrong(id, invalidRequest('jsonrpc', 'must be "2.0"'));
  if (idNode !== undefined && id === undefined)
    return wrong(id, invalidRequest('id', `must be a string of at most ${idCharsMax} characters or a plain integer`));
  if (method === undefined) return readResponse(members, id);
  if (method.kind !== 'string') return wrong(id, invalidRequest('method', 'must be a string'));
  const params = members.get('params') ?? emptyObject;
  if (params.kind !== 'object') return wrong(id, invalidRequest('params', 'must be an object'));
  return read(
    id === undefined
      ? { kind: 'notification', method: method.value, params }
      : { kind: 'request', id, method: method.value, params },
  );
}

function wrong(id: string | undefined, malformed: Malformed): Read<never> {
  return bad(id === undefined ? malformed : { ...malformed, id });
}

function readResponse(members: JsonObject['members'], id: string | undefined): Read<Message> {
  if (members.has('result') === members.has('error')) return wrong(id, invalidRequest('method', 'is missing'));
  const result = members.get('result');
  return read({ kind: 'response', id, result: result?.kind === 'object' ? result : undefined });
}

const requestMembers: ReadonlySet<string> = new Set(['jsonrpc', 'id', 'method', 'params']);
const responseMembers: ReadonlySet<string> = new Set(['jsonrpc', 'id', 'result', 'error']);

function unknownMember(members: JsonObject['members'], known: ReadonlySet<string>): string | undefined {
  for (const name of members.keys()) if (!known.has(name)) return name;
  return undefined;
}

/**
 * Strings and plain integers only: `1.0`, `1e0` and `-0` are the id 1 or 0 to one reader and another id to the next,
 * and `null` is what an error about an unreadable id carries (MCP basic/index "Requests": must not be null).
 */
export function idText(node: JsonNode): string | undefined {
  if (node.kind === 'string' && node.value.length <= idCharsMax) return JSON.stringify(node.value);
  return node.kind === 'number' && /^(?:0|-?[1-9][0-9]*)$/.test(node.text) ? node.text : undefined;
}

/** The id that a `notifications/cancelled` names, as JSON text; its row has made sure that it is one. */
export function cancelledId(params: JsonObject): string {
  const node = params.members.get('requestId');
  return (node && idText(node)) ?? '';
}
