import type { Reply } from '@sallyport/core/mediate/reply.ts';
import type { ActingMethod } from '@sallyport/core/model/call.ts';
import type { ServerId } from '@sallyport/core/model/ids.ts';
import { emptyObject, type JsonNode, type JsonObject, normalText, stringMember } from '@sallyport/core/model/json.ts';
import { type Price, priceText } from '@sallyport/core/model/price.ts';
import { type Refusal, refusalSentence } from '@sallyport/core/model/refusal.ts';
import { pageRequired, pagesAskedBy } from './asked-by.ts';
import type { LeadsHere } from './core.ts';
import type { Caller } from './incoming.ts';
import { outwardResult } from './outward.ts';
import { prefixed, withMember, withoutMembers } from './wire/json-edit.ts';
import { type Malformed, malformedText } from './wire/malformed.ts';
import { type Era, errorCodes, listTtlMillis, metaKeys } from './wire/protocol.ts';
import { resultWithoutOurs } from './without-ours.ts';

/** What goes back for one request. `status` is HTTP's; other transports have none. */
export type Answer =
  | { readonly kind: 'result'; readonly text: string }
  | { readonly kind: 'error'; readonly status: number; readonly text: string }
  /** The proof did not hold: HTTP answers 401. */
  | { readonly kind: 'unproven'; readonly text: string };

/** The message, JSON text on one line. An answer to a message whose id could not be read carries none. */
export function responseText(id: string | undefined, answer: Answer): string {
  const member = answer.kind === 'result' ? 'result' : 'error';
  return `{"jsonrpc":"2.0",${id === undefined ? '' : `"id":${id},`}"${member}":${answer.text}}`;
}

export function malformedAnswer(malformed: Malformed): Answer {
  return { kind: 'error', status: malformed.status, text: malformedText(malformed) };
}

export function resultAnswer(text: string, era: Era): Answer {
  return { kind: 'result', text: era === 'modern' ? prefixed(text, '"resultType":"complete"') : text };
}

/** A filtered list is its reader's own, and short-lived (2026-07-28, "Caching"; standards.md §2.3). */
export function listAnswer(text: string, era: Era): Answer {
  if (era === 'legacy') return { kind: 'result', text };
  return resultAnswer(prefixed(text, `"ttlMs":${listTtlMillis},"cacheScope":"private"`), era);
}

export interface Asked {
  readonly method: ActingMethod;
  readonly caller: Pick<Caller, 'era' | 'scope' | 'offers'>;
  readonly server: ServerId;
  readonly leadsHere: LeadsHere;
  /** What a server's own cursor becomes; undefined where the list cannot be gone on with. */
  readonly nextCursor?: ((own: string) => string | undefined) | undefined;
}

export function replyAnswer(reply: Reply, asked: Asked): Answer {
  switch (reply.kind) {
    case 'result':
      return relayedAnswer(reply, asked);
    case 'error':
      return errorAnswer(reply.error, asked);
    case 'refusal':
      return refusalAnswer(reply.refusal, asked.method, asked.caller.era, reply.approval);
  }
}

function errorAnswer({ code, message, data }: Extract<Reply, { kind: 'error' }>['error'], asked: Asked): Answer {
  const { era, offers } = asked.caller;
  // In the modern era a server asks for pages as for anything else, and this code means nothing.
  const pages =
    code === pageRequired && era === 'legacy' ? pagesAskedBy(asked.server, data, offers, asked.leadsHere) : undefined;
  const shownCode = code === pageRequired && pages !== undefined ? code : relayedCode(code);
  const shown = code === pageRequired ? pages : data;
  const rest = shown === undefined ? '' : `,"data":${normalText(shown)}`;
  const status = code === errorCodes.capabilityRequired && era === 'modern' ? 400 : 200;
  const text = `{"code":${shownCode},"message":${JSON.stringify(message)}${rest}}`;
  return { kind: 'error', status, text };
}

/**
 * Errors about the hop between gateway and server, which on the client's own hop would start another negotiation; and
 * our own, under which a server could speak as if it were the gateway.
 */
const hopCodes: ReadonlySet<number> = new Set([
  errorCodes.refused,
  errorCodes.unavailable,
  errorCodes.parse,
  errorCodes.invalidRequest,
  errorCodes.headerMismatch,
  errorCodes.unsupportedVersion,
]);

/** A code under which a server may speak to a client that it does not ask for pages. */
export function relayedCode(code: number): number {
  return hopCodes.has(code) || code === pageRequired ? errorCodes.internal : code;
}

function relayedAnswer({ result, text, cost }: Extract<Reply, { kind: 'result' }>, asked: Asked): Answer {
  const type = stringMember(result, 'resultType');
  if (type !== undefined && type !== 'complete')
    return refusalAnswer(unknownResult(asked), asked.method, asked.caller.era);
  const named = resultWithoutOurs(outwardResult(asked.method, result, asked.caller.scope, asked.server));
  const relayed = asked.nextCursor === undefined ? named : goingOn(named, asked.nextCursor);
  const outward = cost === undefined || asked.method !== 'tools/call' ? relayed : withCost(relayed, cost);
  const textOf = (sent: JsonObject): string => (sent === result && text !== undefined ? text : normalText(sent));
  // A legacy client's strict schemas for empty results have no room for it.
  if (asked.caller.era === 'legacy') return { kind: 'result', text: textOf(withoutMembers(outward, ['resultType'])) };
  const fresh = cacheable.has(asked.method) ? privately(outward) : outward;
  return type === undefined ? resultAnswer(textOf(fresh), 'modern') : { kind: 'result', text: textOf(fresh) };
}

function goingOn(result: JsonObject, nextCursor: NonNullable<Asked['nextCursor']>): JsonObject {
  if (!result.members.has('nextCursor')) return result;
  const own = stringMember(result, 'nextCursor');
  const value = own === undefined ? undefined : nextCursor(own);
  return value === undefined
    ? withoutMembers(result, ['nextCursor'])
    : withMember(result, 'nextCursor', { kind: 'string', value });
}

/** Said in words as well: an agent that plans can read on in a task of its own, and keep this one as it was. */
function withCost(result: JsonObject, cost: Price): JsonObject {
  const meta = result.members.get('_meta');
  const classes: JsonNode = { kind: 'array', items: cost.map(value => ({ kind: 'string', value })) };
  const text: JsonNode = {
    kind: 'string',
    value: `${priceText(cost)}; what is read in a task of its own costs this one nothing`,
  };
  const told = withMember(withMember(emptyObject, 'classes', classes), 'text', text);
  return withMember(result, '_meta', withMember(meta?.kind === 'object' ? meta : emptyObject, metaKeys.cost, told));
}

const cacheable: ReadonlySet<ActingMethod> = new Set(['resources/list', 'resources/read']);

/** The server's own time holds if it is shorter; what we decided for one agent is never `public`. */
function privately(result: JsonObject): JsonObject {
  const ttl = result.members.get('ttlMs');
  const millis = ttl?.kind === 'number' && ttl.value >= 0 ? Math.min(Math.floor(ttl.value), listTtlMillis) : 0;
  const timed = withMember(result, 'ttlMs', { kind: 'number', value: millis, text: String(millis) });
  return withMember(timed, 'cacheScope', { kind: 'string', value: 'private' });
}

function unknownResult(asked: Asked): Refusal {
  return {
    code: 'withheld',
    what: `${asked.server} ${asked.method}`,
    why: 'the server answered with a kind of result that this client does not know',
  };
}

/**
 * A refusal on the wire (docs/reference/refusals.md). `tools/call`: a result with `isError`, so that the model reads the sentence.
 * Anything else: a JSON-RPC error of ours. Only a failed proof is HTTP's business.
 */
export function refusalAnswer(refusal: Refusal, method: string, era: Era, approval?: string): Answer {
  const detail = refusalDetail(refusal, approval);
  const sentence = JSON.stringify(refusalSentence(refusal));
  const error = `{"code":${errorCodes.refused},"message":${sentence},"data":${detail}}`;
  if (refusal.code === 'unauthenticated') return { kind: 'unproven', text: error };
  if (method !== 'tools/call') return { kind: 'error', status: 200, text: error };
  const meta = `"_meta":{${JSON.stringify(metaKeys.refusal)}:${detail}}`;
  return resultAnswer(`{"content":[{"type":"text","text":${sentence}}],"isError":true,${meta}}`, era);
}

function refusalDetail({ code, what, rule, why, reason, fix, decision }: Refusal, approval?: string): string {
  return JSON.stringify({ code, what, rule, why, reason, fix, decision, approval });
}
