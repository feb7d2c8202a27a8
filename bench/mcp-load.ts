import { Pool } from 'undici';

/** A bare client of the 2025-11-25 era over Streamable HTTP: as little work as possible beside what is measured. */
export interface McpLoad {
  /** Sends `calls` tools/call requests, `inFlight` at a time; returns each call's milliseconds. Throws on any failure. */
  readonly run: (
    calls: number,
    inFlight: number,
  ) => Promise<{ readonly millis: readonly number[]; readonly seconds: number }>;
  readonly close: () => Promise<void>;
}

export async function openMcpLoad(url: string, tool: string, token?: string): Promise<McpLoad> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: 32, pipelining: 1 });
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const post = async (body: unknown): Promise<{ text: string; session: string | undefined }> => {
    const answer = await pool.request({ method: 'POST', path: pathname, headers, body: JSON.stringify(body) });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`HTTP ${answer.statusCode}: ${text.slice(0, 200)}`);
    const session = answer.headers['mcp-session-id'];
    return { text, session: typeof session === 'string' ? session : undefined };
  };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1' } };
  const { session } = await post({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
  if (session !== undefined) headers['mcp-session-id'] = session;
  headers['mcp-protocol-version'] = '2025-11-25';
  await post({ jsonrpc: '2.0', method: 'notifications/initialized' });

  let id = 0;
  const call = async (): Promise<number> => {
    const message = `hello ${++id}`;
    const started = performance.now();
    const { text } = await post({
      jsonrpc: '2.0',
      id,
      method: 'tools/call',
      params: { name: tool, arguments: { message } },
    });
    const took = performance.now() - started;
    if (!text.includes(message) || text.includes('"isError":true'))
      throw new Error(`not performed: ${text.slice(0, 300)}`);
    return took;
  };
  return {
    run: async (calls, inFlight) => {
      const millis: number[] = [];
      let left = calls;
      const started = performance.now();
      const worker = async (): Promise<void> => {
        while (left-- > 0) millis.push(await call());
      };
      await Promise.all(Array.from({ length: inFlight }, worker));
      return { millis, seconds: (performance.now() - started) / 1_000 };
    },
    close: () => pool.close(),
  };
}
