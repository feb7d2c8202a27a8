import type { ServerId } from '@sallyport/core/model/ids.ts';
import { type JsonNode, type JsonObject, member, stringMember } from '@sallyport/core/model/json.ts';
import type { ClientOffer } from '@sallyport/core/model/question.ts';
import { mapMember, withMember, withoutMembers } from './wire/json-edit.ts';
import { questionFault } from './wire/offers.ts';
import { withoutOurs } from './without-ours.ts';

/**
 * A server's question to a person, with its server named in front. A client knows one peer, the gateway, which asks people on
 * its own account as well: without this line a server could ask for a yes, or send somebody to a page, as if it were the gateway.
 * For the same reason no context goes along to a model (`includeContext`): the client would put in what all servers said.
 */
export function askedBy(server: ServerId, method: string, asked: JsonObject): JsonObject {
  const params = withoutOurs(asked);
  if (method === 'sampling/createMessage') return withoutMembers(params, ['includeContext']);
  if (method !== 'elicitation/create') return params;
  const message = stringMember(params, 'message') ?? '';
  return withMember(params, 'message', {
    kind: 'string',
    value: `Asked by the server "${server}", not by Sallyport:\n${message}`,
  });
}

/** The same for all questions of a result (`inputRequests`). */
export function allAskedBy(server: ServerId, result: JsonObject): JsonObject {
  const requests = member(result, 'inputRequests');
  if (requests?.kind !== 'object') return result;
  const named = [...requests.members].map(([key, request]): [string, JsonNode] => {
    const method = stringMember(request, 'method') ?? '';
    return [
      key,
      mapMember(request, 'params', params => (params.kind === 'object' ? askedBy(server, method, params) : params)),
    ];
  });
  return withMember(result, 'inputRequests', { kind: 'object', members: new Map(named) });
}

/** MCP 2025-11-25, URLElicitationRequiredError. */
export const pageRequired = -32042;

/**
 * The data of such an error: pages that somebody has to open first. Undefined unless each is one that this client could be asked
 * to open, in the words in which it would be asked.
 */
export function pagesAskedBy(
  server: ServerId,
  data: JsonObject | undefined,
  offers: ReadonlySet<ClientOffer>,
  leadsHere: (url: URL) => boolean,
): JsonObject | undefined {
  const pages = member(data, 'elicitations');
  if (data === undefined || pages?.kind !== 'array' || pages.items.length > pagesMax) return undefined;
  const items: JsonNode[] = [];
  for (const page of pages.items) {
    if (page.kind !== 'object' || stringMember(page, 'mode') !== 'url') return undefined;
    if (questionFault('elicitation/create', page, offers, leadsHere) !== undefined) return undefined;
    items.push(askedBy(server, 'elicitation/create', page));
  }
  return withMember(data, 'elicitations', { kind: 'array', items });
}

const pagesMax = 16;
