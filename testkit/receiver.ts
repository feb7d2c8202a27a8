import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Somebody's HTTP server on 127.0.0.1 that takes whatever is sent to it, and answers 200. */
export interface Receiver {
  readonly url: string;
  /** What came, the oldest first. */
  readonly bodies: readonly string[];
  readonly [Symbol.dispose]: () => void;
}

export async function openReceiver(): Promise<Receiver> {
  const bodies: string[] = [];
  const server = createServer((req, res) => {
    let body = '';
    req.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    req.on('end', () => {
      bodies.push(body);
      res.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, bodies, [Symbol.dispose]: () => server.close() };
}
