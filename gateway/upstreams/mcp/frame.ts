/** The texts that go to a server. Params are text already, and are never parsed or written anew on the way. */

export type Era = 'modern' | 'legacy';

export const modernVersion = '2026-07-28';
export const legacyVersion = '2025-11-25';

/** Versions of the legacy era that this client can hold a conversation in. */
export const legacyVersions: readonly string[] = [legacyVersion, '2025-06-18', '2025-03-26', '2024-11-05'];

export const clientInfo = '{"name":"sallyport","version":"0.1.0"}';

export interface Envelope {
  readonly era: Era;
  readonly progressToken?: number | undefined;
  readonly logLevel?: string | undefined;
}

/**
 * Our `_meta`, or undefined where none is needed. Nothing in it comes from the agent: in the modern era it names the
 * version and that we can do nothing for the server (MCP 2026-07-28, Basic, "Request metadata").
 */
export function metaText({ era, progressToken, logLevel }: Envelope): string | undefined {
  const members: string[] = [];
  if (era === 'modern') {
    members.push(`"io.modelcontextprotocol/protocolVersion":"${modernVersion}"`);
    members.push(`"io.modelcontextprotocol/clientInfo":${clientInfo}`);
    members.push('"io.modelcontextprotocol/clientCapabilities":{}');
    if (logLevel !== undefined) members.push(`"io.modelcontextprotocol/logLevel":${JSON.stringify(logLevel)}`);
  }
  if (progressToken !== undefined) members.push(`"progressToken":${progressToken}`);
  return members.length === 0 ? undefined : `{${members.join(',')}}`;
}

/** A request whose params are exactly the members of `params`, byte for byte and in their order, and then our `_meta`. */
export function requestText(id: number, method: string, params: string, meta: string | undefined): string {
  return `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${spliced(params, meta)}}`;
}

export function notificationText(method: string, params: string): string {
  return `{"jsonrpc":"2.0","method":"${method}","params":${params}}`;
}

/** `id` is the text of the server's own id. */
export function emptyAnswerText(id: string): string {
  return `{"jsonrpc":"2.0","id":${id},"result":{}}`;
}

export function refusedAnswerText(id: string): string {
  return `{"jsonrpc":"2.0","id":${id},"error":{"code":-32601,"message":"Method not found"}}`;
}

/** `params` is the normal form of an object: it has no white space, and its last character closes it. */
function spliced(params: string, meta: string | undefined): string {
  if (meta === undefined) return params;
  return params === '{}' ? `{"_meta":${meta}}` : `${params.slice(0, -1)},"_meta":${meta}}`;
}
