import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Forwarder extends AsyncDisposable {
  /** `localhost:40321` */
  readonly authority: string;
  /** From now on requests go there, with this token. */
  readonly aim: (origin: string, token: string) => void;
}

/**
 * The official suite has no way to send a bearer token: this adds one. Where Host and Origin name this forwarder they name
 * the gateway from here on; any other value goes on as it came, because what is done about it is measured.
 */
export async function startForwarder(): Promise<Forwarder> {
  let aim = { origin: 'http://127.0.0.1:9', token: '' };
  const server = createServer((req, res) => {
    const { hostname, port, host } = new URL(aim.origin);
    const own = `localhost:${(server.address() as AddressInfo).port}`;
    const headers = req.rawHeaders.map(text =>
      text === own ? host : text === `http://${own}` ? `http://${host}` : text,
    );
    headers.push('authorization', `Bearer ${aim.token}`);
    const options = { hostname, port, path: req.url ?? '/', method: req.method ?? 'GET', headers, agent: false };
    const onward = request(options, answer => {
      res.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      res.flushHeaders();
      answer.pipe(res).on('error', () => onward.destroy());
      answer.on('error', () => res.destroy());
    });
    onward.on('error', () => res.destroy());
    res.on('close', () => onward.destroy());
    req.pipe(onward);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    authority: `localhost:${port}`,
    aim: (origin, token) => {
      aim = { origin, token };
    },
    [Symbol.asyncDispose]: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
