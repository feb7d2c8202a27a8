import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { ApiResponse } from './answer.ts';
import type { ApiRequest } from './api.ts';
import { bodyBytesMax } from './fields.ts';

/** One request below `/api/v1/` whose Host, Origin and headers the listener has checked. */
export interface ApiExchange {
  readonly method: string;
  /** The path after the prefix. */
  readonly rest: string;
  readonly query: string | undefined;
  readonly headers: Pick<ReadonlyMap<string, string>, 'get' | 'has'>;
  readonly req: Readable & Pick<IncomingMessage, 'socket'>;
  readonly res: ServerResponse;
}

/** Mounts the API on a plain `node:http` listener. */
export function serveApi(
  api: (request: ApiRequest) => Promise<ApiResponse>,
  url?: string,
): (exchange: ApiExchange) => Promise<void> {
  return async ({ method, rest, query, headers, req, res }) => {
    const gone = new AbortController();
    res.once('close', () => gone.abort());
    const secure = (req.socket as Partial<TLSSocket>).encrypted === true;
    const body = (): Promise<Uint8Array> => readBody(req);
    const response = await api({ method, path: rest, query, headers, body, signal: gone.signal, secure, url });
    if ('body' in response) end(res, response);
    else await stream(res, response.stream, response.headers, gone.signal);
  };
}

/** Up to one byte more than the limit: the API says that it is too large, and the connection is closed. Rejects if it ends early. */
async function readBody(req: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    chunks.push(chunk);
    if (size > bodyBytesMax) break;
  }
  return Buffer.concat(chunks);
}

function end(res: ServerResponse, response: ApiResponse & { readonly body: string }): void {
  if (res.destroyed) return;
  const tooLarge = response.status === 413 ? { connection: 'close' } : {};
  res.writeHead(response.status, {
    ...response.headers,
    ...tooLarge,
    'content-length': Buffer.byteLength(response.body),
  });
  res.end(response.body);
}

/** As fast as the client reads: a slow one holds back its own stream and nothing else. */
async function stream(
  res: ServerResponse,
  source: AsyncIterable<string>,
  headers: Readonly<Record<string, string>>,
  gone: AbortSignal,
): Promise<void> {
  res.writeHead(200, headers);
  res.flushHeaders();
  // Who follows the record through a pager reads on when they are done with a page.
  res.socket?.setTimeout(0);
  try {
    for await (const line of source) {
      if (gone.aborted) return;
      if (!res.write(line)) await once(res, 'drain', { signal: gone });
    }
    res.end();
  } catch {
    // Cut off, not ended: the reader can see that it has not had everything.
    res.destroy();
  }
}
