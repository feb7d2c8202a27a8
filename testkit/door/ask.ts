import { metaKeys } from '@sallyport/gateway/transports/mcp/wire/protocol.ts';
import { modernRequest } from '../modern-request.ts';
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

/** One request of the modern era over HTTP. */
export async function askModern(
  door: OpenDoor,
  method: string,
  params: Record<string, unknown>,
  { token = 'token-a', path = '/mcp', capabilities = {} }: AskOptions = {},
): Promise<{ readonly status: number; readonly body: Wire }> {
  const request = modernRequest(method, params, { authorization: `Bearer ${token}` }, capabilities);
  const response = await fetch(new URL(path, door.listener.origin), request);
  return { status: response.status, body: (await response.json()) as Wire };
}

/** The code of a refusal, of a tool call or of another method. */
export function refusalOf({ result, error }: Wire): string | undefined {
  const refusal = result?._meta?.[metaKeys.refusal] as { code: string } | undefined;
  return refusal?.code ?? (error?.data?.code as string | undefined);
}
