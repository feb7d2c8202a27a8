import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApi } from '@sallyport/gateway/api/api.ts';
import type { Control } from '@sallyport/gateway/api/control.ts';
import { serveApi } from '@sallyport/gateway/api/serve.ts';
import { theOperator } from './the-operator.ts';

export interface ApiServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** The control API itself, over HTTP on a free port, with `control` behind it. */
export async function startApiServer(control: Control, operatorKey: string): Promise<ApiServer> {
  const serve = serveApi(
    createApi(control, authorization => (authorization === `Bearer ${operatorKey}` ? theOperator : undefined)),
  );
  const server = createServer((req, res) => {
    const [path = '', query] = (req.url ?? '').split('?', 2);
    const headers = new Map(Object.entries(req.headers).map(([name, value]) => [name, String(value)]));
    void serve({ method: req.method ?? 'GET', rest: path.replace(/^\/api\/v1\//, ''), query, headers, req, res });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
