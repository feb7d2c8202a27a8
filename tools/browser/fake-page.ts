import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApi } from '@sallyport/gateway/api/api.ts';
import { serveApi } from '@sallyport/gateway/api/serve.ts';
import { createPages } from '@sallyport/gateway/console/pages.ts';
import type { FakeControl } from '@sallyport/testkit/fakes/control.ts';
import { theOperator as operator } from '@sallyport/testkit/fakes/the-operator.ts';
import { consoleDir } from 'sallyport/console-build.ts';

/** The built console over a fake installation, whose every word a test chooses. */
export interface FakePage {
  /** Signs a fresh page in. */
  readonly link: string;
  readonly url: string;
  readonly close: () => Promise<void>;
}

export async function openFakePage(control: FakeControl): Promise<FakePage> {
  const lasting: FakeControl = {
    ...control,
    // A stream of the real gateway does not end by itself.
    follow: async function* (query, signal) {
      yield* control.follow(query, signal);
      if (!signal.aborted) await new Promise(resolve => signal.addEventListener('abort', resolve));
    },
  };
  const api = serveApi(createApi(lasting, held => (held === 'Bearer sps_session' ? operator : undefined)));
  const pages = createPages(consoleDir());
  const server = createServer((req, res) => {
    const [path = '/', query] = (req.url ?? '').split('?', 2);
    const headers = new Map(Object.entries(req.headers).map(([name, value]) => [name, String(value)]));
    const method = req.method ?? 'GET';
    if (!path.startsWith('/api/v1/')) return pages({ method, path, headers, res });
    void api({ method, rest: path.slice('/api/v1/'.length), query, headers, req, res });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    link: `${url}/#spl_link`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
