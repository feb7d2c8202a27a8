import { metaKeys } from '@sallyport/gateway/transports/mcp/wire/protocol.ts';

/** The newest version of MCP. */
const modernVersion = '2026-07-28';

interface ModernRequest {
  readonly method: 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ModernParams {
  readonly _meta?: object;
  readonly [name: string]: unknown;
}

/**
 * One request of MCP 2026-07-28 over HTTP, for `fetch` and its like: with the headers that repeat what it asks for, and the
 * client's side in `_meta`. `headers` come on top.
 */
export function modernRequest(
  method: string,
  params: ModernParams,
  headers: Readonly<Record<string, string>> = {},
  capabilities: object = {},
): ModernRequest {
  const { _meta: more = {}, ...asked } = params;
  const _meta = {
    ...{ [metaKeys.protocolVersion]: modernVersion, [metaKeys.clientCapabilities]: capabilities },
    ...more,
  };
  const name = asked.name ?? asked.uri ?? asked.taskId;
  return {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      ...{ 'mcp-protocol-version': modernVersion, 'mcp-method': method },
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { _meta, ...asked } }),
  };
}
