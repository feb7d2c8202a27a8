import { a2aVersion } from '@sallyport/core/model/a2a.ts';
import { type Operation, operations } from '@sallyport/core/model/a2a-operations.ts';
import type { Action } from '@sallyport/core/model/action.ts';
import { type JsonNode, type JsonObject, member } from '@sallyport/core/model/json.ts';
import type { OwnHeaders } from '../http/secrets.ts';
import type { PeerCard } from './card.ts';

function headOf(url: URL, own: OwnHeaders): string {
  return `${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\nuser-agent: sallyport\r\naccept-encoding: identity\r\nconnection: close\r\na2a-version: ${a2aVersion}\r\n${own.lines}`;
}

/** Asks for a plain document, such as a card. */
export function documentRequest(url: URL, own: OwnHeaders): string {
  return `GET ${headOf(url, own)}accept: application/json\r\n\r\n`;
}

/**
 * One operation as the agent's card says it is asked. The task goes along in a header, which no agent's words can be.
 * Over JSON-RPC `params` are the very bytes that were decided on; so is the body of HTTP+JSON. What that binding puts into path and
 * query is made of the same parameters, each escaped whole.
 */
export function operationRequest(
  card: PeerCard,
  own: OwnHeaders,
  action: Action,
  taskToken: string | undefined,
): string {
  const task = taskToken === undefined ? '' : `sallyport-task: ${taskToken}\r\n`;
  const accept = 'accept: application/json, application/a2a+json, text/event-stream\r\n';
  const name = action.method.slice('a2a/'.length);
  if (card.binding === 'rpc') {
    const body = `{"jsonrpc":"2.0","id":1,"method":"${name}","params":${action.params}}`;
    return `POST ${headOf(card.endpoint, own)}${task}${accept}${bodyLines(body)}`;
  }
  const operation = operations.find(one => one.name === name);
  if (operation === undefined) throw new Error(`${name} has no path`);
  const head = `${operation.method} ${headOf(restUrl(card, operation, action.input), own)}${task}${accept}`;
  return operation.method === 'POST' ? `${head}${bodyLines(action.params)}` : `${head}\r\n`;
}

function bodyLines(body: string): string {
  return `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** A2A 1.0 §11: `/{tenant}/tasks/{id}?historyLength=3` below the endpoint. */
function restUrl({ endpoint, tenant: own }: PeerCard, { path, method }: Operation, input: JsonObject): URL {
  const inPath = new Set(['tenant']);
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    inPath.add(name);
    return segment(textOf(member(input, name)));
  });
  const said = textOf(member(input, 'tenant'));
  const tenant = said === '' ? (own ?? '') : said;
  const url = new URL(endpoint);
  url.pathname = `${endpoint.pathname.replace(/(?<!\/)\/+$/, '')}${tenant === '' ? '' : `/${segment(tenant)}`}${filled}`;
  if (method !== 'POST')
    for (const [name, value] of input.members)
      if (!inPath.has(name) && textOf(value) !== '') url.searchParams.set(name, textOf(value));
  return url;
}

/** A step that climbs would be another path. */
function segment(text: string): string {
  return /^\.{0,2}$/.test(text) ? '%00' : encodeURIComponent(text);
}

function textOf(node: JsonNode | undefined): string {
  if (node?.kind === 'string') return node.value;
  if (node?.kind === 'number') return node.text;
  return node?.kind === 'boolean' ? String(node.value) : '';
}
