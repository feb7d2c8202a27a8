import { metaKeys } from '@sallyport/gateway/transports/mcp/protocol.ts';
import type { OpenDoor } from './open-door.ts';

export type Wire = {
  readonly result?: Record<string, unknown> & { readonly _meta?: Record<string, unknown> };
  readonly error?: { readonly code: number; readonly message: string; readonly data?: Record<string, unknown> };
};

export interface AskOptions {
  readonly token?: string;
  readonly path?: string;
  readonly capabilities?: object;
}

/** One request of the modern era over HTTP, with the headers that it needs. */
export async function askModern(
  door: OpenDoor,
  method: string,
  params: Record<string, unknown>,
  { token = 'token-a', path = '/mcp', capabilities = {} }: AskOptions = {},
): Promise<{ readonly status: number; readonly body: Wire }> {
  const name = params.name ?? params.uri ?? params.taskId;
  const _meta = { [metaKeys.protocolVersion]: '2026-07-28', [metaKeys.clientCapabilities]: capabilities };
  const response = await fetch(new URL(path, door.listener.origin), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { _meta, ...params } }),
  });
  return { status: response.status, body: (await response.json()) as Wire };
}

/** The code of a refusal, of a tool call or of another method. */
export function refusalOf({ result, error }: Wire): string | undefined {
  const refusal = result?._meta?.[metaKeys.refusal] as { code: string } | undefined;
  return refusal?.code ?? (error?.data?.code as string | undefined);
}
