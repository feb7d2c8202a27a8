import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeCluster {
  readonly url: string;
  /** What stands in `Authorization`, of each request. */
  readonly proofs: string[];
  readonly paths: string[];
  /** The object that is looked at; undefined: there is none. */
  object: object | undefined;
  /** Status of all answers, where it is not 200. */
  failing: number | undefined;
  /** Tells everybody who watches. */
  readonly tell: (type: string, object: object) => void;
  readonly watchers: () => number;
  /** Ends every watch, as the API server does now and then. */
  readonly hangUp: () => void;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** As much of the documented Kubernetes API as it takes to look at one object and to watch it. */
export async function startFakeCluster(object: object): Promise<FakeCluster> {
  const watching = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    cluster.proofs.push(request.headers.authorization ?? '');
    cluster.paths.push(url.pathname);
    const status = cluster.failing ?? (cluster.object === undefined ? 404 : 200);
    const isWatch = url.searchParams.get('watch') === 'true';
    response.writeHead(isWatch ? (cluster.failing ?? 200) : status, { 'content-type': 'application/json' });
    if (!isWatch || cluster.failing !== undefined) return void response.end(JSON.stringify(cluster.object ?? {}));
    response.flushHeaders();
    watching.add(response);
    response.once('close', () => watching.delete(response));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const cluster: FakeCluster = {
    ...{ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, proofs: [], paths: [] },
    ...{ object, failing: undefined, watchers: () => watching.size },
    tell: (type, told) => {
      for (const response of watching) response.write(`${JSON.stringify({ type, object: told })}\n`);
    },
    hangUp: () => {
      for (const response of watching) response.end();
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
  return cluster;
}

/** A job as the API shows it. */
export function job(uid: string, ...conditions: readonly (readonly [string, string])[]): object {
  return {
    ...{ apiVersion: 'batch/v1', kind: 'Job' },
    metadata: { name: 'nightly', namespace: 'billing', uid, resourceVersion: '7' },
    status: { conditions: conditions.map(([type, status]) => ({ type, status })) },
  };
}

export interface FakeRuns {
  readonly url: string;
  readonly paths: string[];
  run: object | undefined;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** "Get a workflow run" of the documented GitHub REST API. */
export async function startFakeRuns(): Promise<FakeRuns> {
  const server = createServer((request, response) => {
    runs.paths.push(request.url ?? '');
    response.writeHead(runs.run === undefined ? 404 : 200).end(JSON.stringify(runs.run ?? {}));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const runs: FakeRuns = {
    ...{ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, paths: [], run: undefined },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
  return runs;
}
