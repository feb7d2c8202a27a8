import { tasksExtension } from '@sallyport/core/catalogue/protocol-tools.ts';
import type { ClientOffer, QuestionRefusal } from '@sallyport/core/model/question.ts';

/** The texts that go to a server. Params are text already, and are never parsed or written anew on the way. */

export type Era = 'modern' | 'legacy';

export const modernVersion = '2026-07-28';
export const legacyVersion = '2025-11-25';

/** Versions of the legacy era that this client can hold a conversation in. */
export const legacyVersions: readonly string[] = [legacyVersion, '2025-06-18', '2025-03-26', '2024-11-05'];

export const clientInfo = '{"name":"sallyport","version":"0.1.0"}';

/**
 * What we offer a server of the handshake era, for every agent alike: its definitions must not depend on who looks. A
 * question that the agent's client cannot be asked is refused when it comes.
 */
export const handshakeCapabilities = '{"elicitation":{"form":{},"url":{}},"sampling":{},"roots":{}}';

export interface Envelope {
  readonly era: Era;
  readonly progressToken?: number | undefined;
  readonly logLevel?: string | undefined;
  readonly offers?: ReadonlySet<ClientOffer> | undefined;
}

/**
 * Our `_meta`, or undefined where none is needed. Nothing in it is in the agent's words: in the modern era it names the
 * version and which of the known things the agent's client can be asked (MCP 2026-07-28, Basic, "Request metadata").
 */
export function metaText({ era, progressToken, logLevel, offers }: Envelope): string | undefined {
  if (era === 'legacy' && progressToken === undefined) return undefined;
  const members: string[] = [];
  if (era === 'modern') {
    members.push(`"io.modelcontextprotocol/protocolVersion":"${modernVersion}"`);
    members.push(`"io.modelcontextprotocol/clientInfo":${clientInfo}`);
    members.push(`"io.modelcontextprotocol/clientCapabilities":${capabilitiesText(offers)}`);
    if (logLevel !== undefined) members.push(`"io.modelcontextprotocol/logLevel":${JSON.stringify(logLevel)}`);
  }
  if (progressToken !== undefined) members.push(`"progressToken":${progressToken}`);
  return `{${members.join(',')}}`;
}

/** A request whose params are exactly the members of `params`, byte for byte and in their order, and then our `_meta`. */
export function requestText(id: number, method: string, params: string, meta: string | undefined): string {
  return `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${spliced(params, meta)}}`;
}

function capabilitiesText(offers: ReadonlySet<ClientOffer> | undefined): string {
  if (offers === undefined || offers.size === 0) return '{}';
  const any = (prefix: string): boolean => [...offers].some(offer => offer.startsWith(prefix));
  const parts = (names: readonly (readonly [ClientOffer, string])[]): string =>
    `{${names.flatMap(([offer, name]) => (offers.has(offer) ? [`"${name}":{}`] : [])).join(',')}}`;
  const members: string[] = [];
  if (any('elicitation-'))
    members.push(
      `"elicitation":${parts([
        ['elicitation-form', 'form'],
        ['elicitation-url', 'url'],
      ])}`,
    );
  if (offers.has('sampling')) members.push(`"sampling":${parts([['sampling-tools', 'tools']])}`);
  if (offers.has('roots')) members.push('"roots":{}');
  if (offers.has('tasks')) members.push(`"extensions":{"${tasksExtension}":{}}`);
  return `{${members.join(',')}}`;
}

export function notificationText(method: string, params: string): string {
  return `{"jsonrpc":"2.0","method":"${method}","params":${params}}`;
}

/** `id` is the text of the server's own id. */
export function emptyAnswerText(id: string): string {
  return `{"jsonrpc":"2.0","id":${id},"result":{}}`;
}

export function refusedAnswerText(id: string, why: QuestionRefusal = 'unsupported'): string {
  return `{"jsonrpc":"2.0","id":${id},"error":${refusals[why]}}`;
}

/** `result` is the normal form of an object. */
export function answerText(id: string, result: string): string {
  return `{"jsonrpc":"2.0","id":${id},"result":${result}}`;
}

const refusals: Readonly<Record<QuestionRefusal, string>> = {
  unsupported: '{"code":-32601,"message":"Method not found"}',
  // MCP 2025-11-25, Sampling, "Error Handling".
  declined: '{"code":-1,"message":"The client declined to answer"}',
  refused: '{"code":-32603,"message":"The answer was not let through"}',
};

/** `params` is the normal form of an object: it has no white space, and its last character closes it. */
function spliced(params: string, meta: string | undefined): string {
  if (meta === undefined) return params;
  return params === '{}' ? `{"_meta":${meta}}` : `${params.slice(0, -1)},"_meta":${meta}}`;
}
