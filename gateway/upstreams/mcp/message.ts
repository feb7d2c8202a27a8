import type { UpstreamError } from '@sallyport/core/mediate/ports.ts';
import {
  emptyObject,
  type JsonFault,
  type JsonNode,
  type JsonObject,
  member,
  normalText,
  parseJsonBytes,
  resultJsonLimits,
  stringMember,
} from '@sallyport/core/model/json.ts';

/** One message from a server, cut into its parts (JSON-RPC 2.0 §4, §5; no batches: MCP 2025-06-18 removed them). */
export type Heard =
  | { readonly kind: 'result'; readonly id: number; readonly result: JsonObject }
  | { readonly kind: 'error'; readonly id: number | undefined; readonly error: UpstreamError }
  | { readonly kind: 'request'; readonly id: string; readonly method: string; readonly params: JsonObject }
  | { readonly kind: 'notification'; readonly method: string; readonly params: JsonObject }
  /** An answer that cannot be relayed, to the request with this id. */
  | { readonly kind: 'spoilt'; readonly id: number; readonly why: string }
  /** A proper message that is nobody's: an answer to an id that was never ours. */
  | { readonly kind: 'stray' }
  /** Not a message at all. */
  | { readonly kind: 'noise'; readonly why: string };

/** Reads one message. Never throws; every way of being wrong has its own answer. */
export function readMessage(bytes: Uint8Array): Heard {
  const parsed = parseJsonBytes(bytes, resultJsonLimits);
  if (!parsed.ok) return spoiltBy(parsed.fault, bytes);
  const { node } = parsed;
  if (node.kind !== 'object') return { kind: 'noise', why: 'a message is not an object' };
  if (stringMember(node, 'jsonrpc') !== '2.0') return { kind: 'noise', why: 'a message is not JSON-RPC 2.0' };
  return node.members.has('method') ? readSpoken(node) : readAnswer(node);
}

function readSpoken(node: JsonObject): Heard {
  const method = stringMember(node, 'method');
  if (method === undefined) return { kind: 'noise', why: 'a method is not text' };
  const params = member(node, 'params') ?? emptyObject;
  if (params.kind !== 'object') return { kind: 'noise', why: 'the params of a message are not an object' };
  const id = member(node, 'id');
  if (id === undefined) return { kind: 'notification', method, params };
  if (id.kind !== 'string' && id.kind !== 'number') return { kind: 'noise', why: 'an id is neither text nor a number' };
  return { kind: 'request', id: normalText(id), method, params };
}

function readAnswer(node: JsonObject): Heard {
  const id = member(node, 'id');
  const own = ownId(id);
  const error = member(node, 'error');
  const result = member(node, 'result');
  if (error !== undefined && (id === undefined || id.kind === 'null'))
    return { kind: 'error', id: undefined, error: readError(error) };
  if (own === undefined) return { kind: 'stray' };
  if (error !== undefined && result !== undefined)
    return { kind: 'spoilt', id: own, why: 'it is a result and an error at once' };
  if (error !== undefined) return { kind: 'error', id: own, error: readError(error) };
  if (result?.kind !== 'object') return { kind: 'spoilt', id: own, why: 'its result is not an object' };
  return { kind: 'result', id: own, result };
}

/** Our ids are positive integers and come back with the very same text, or they are not ours (threats A-5). */
function ownId(id: JsonNode | undefined): number | undefined {
  return id?.kind === 'number' && String(id.value) === id.text && id.value > 0 ? id.value : undefined;
}

function readError(error: JsonNode): UpstreamError {
  const code = member(error, 'code');
  const data = member(error, 'data');
  return {
    code: code?.kind === 'number' && Number.isInteger(code.value) ? code.value : -32603,
    message: stringMember(error, 'message') ?? '',
    data: data?.kind === 'object' ? data : undefined,
  };
}

/** Faults of a text that is JSON all the same, so that the server can be told from one that talks nonsense. */
const looseFaults: ReadonlySet<string> = new Set([
  'duplicate-member',
  'lone-surrogate',
  'number-out-of-range',
  'too-deep',
  'too-many-values',
  'too-large',
]);

/**
 * An answer that our parser refuses is kept from the agent, but the call it belongs to has to end. The id is looked up
 * leniently for that alone: nothing else of the text is used.
 */
function spoiltBy(fault: JsonFault, bytes: Uint8Array): Heard {
  // A path is made of the server's own words, and the agent will read it: only short plain ones are repeated.
  const plain = /^[\w.[\]]{1,80}$/.test(fault.path);
  const why = plain ? `${fault.path}: ${fault.message}` : fault.message;
  const id = looseFaults.has(fault.code) ? looseId(bytes) : undefined;
  return id === undefined ? { kind: 'noise', why: fault.message } : { kind: 'spoilt', id, why };
}

function looseId(bytes: Uint8Array): number | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof value !== 'object' || value === null || !('id' in value) || 'method' in value) return undefined;
    return Number.isSafeInteger(value.id) ? Number(value.id) : undefined;
  } catch {
    return undefined;
  }
}
