import type { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { loopbackNames } from '@sallyport/core/facts/url.ts';
import { connectionsWithin, type ShareOfFiles } from '../files-left.ts';
import { httpFault } from './fault.ts';
import { type GuardRules, guard } from './guard.ts';
import { inOrder, isAnswering, sayLast } from './in-order.ts';
import { AskedRequest } from './request.ts';
import { sendFault } from './respond.ts';
import type { Exchange, Handler, Router } from './router.ts';
import type { TlsFiles } from './tls.ts';
import { answerClientError, noTunnel, sayRaw, tooManyAhead } from './unreadable.ts';

export interface ListenOptions {
  /** Address to bind, `127.0.0.1` unless the configuration says otherwise. */
  readonly address: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Further authorities that clients may use, `gateway.example.com` or `gateway.example.com:7420`. */
  readonly hosts: readonly string[];
  /** Further exact origins whose pages may call us. */
  readonly origins: readonly string[];
  readonly router: Router;
  /** Undefined: in the clear, which is for addresses of this machine alone. */
  readonly tls?: TlsFiles;
  readonly limits?: Partial<ListenLimits>;
}

export interface ListenLimits {
  readonly headerBytesMax: number;
  readonly headersMillisMax: number;
  /** From the first byte of a request to the last of its body. */
  readonly requestMillisMax: number;
  readonly idleMillisMax: number;
  /** How long nothing of an answer may be taken by whoever asked for it. */
  readonly unreadMillisMax: number;
  readonly connectionsMax: number;
  /** How long `close` waits for exchanges under way. */
  readonly closeMillisMax: number;
}

export const listenLimits: ListenLimits = {
  headerBytesMax: 16 * 1024,
  headersMillisMax: 10_000,
  requestMillisMax: 30_000,
  idleMillisMax: 65_000,
  unreadMillisMax: 60_000,
  connectionsMax: 12_000,
  closeMillisMax: 2_000,
};

export interface Listener {
  readonly port: number;
  /** `http://127.0.0.1:7420` */
  readonly origin: string;
  readonly close: () => Promise<void>;
}

/** To `import` it would read its every export, and so load Node's own fetch, WebSocket and HTTP/2: 13 MB for nothing. */
export const { createServer: plainServer } = process.getBuiltinModule('node:http');

/** The one listener: everything that arrives is guarded, routed by its exact path, and handled or refused. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const limits = { ...listenLimits, ...options.limits };
  let rules: GuardRules = { hosts: new Set(), origins: new Set() };
  const take = taking(() => rules, options.router);
  const server =
    options.tls === undefined
      ? plainServer(serverOptions(limits), take)
      : (await import('./tls.ts')).createTlsServer(options.tls, serverOptions(limits), take);
  prepareServer(server, limits, options.tls === undefined ? 'half' : 'sixth', take);
  await bound(server, options);
  const { port } = server.address() as AddressInfo;
  rules = rulesFor(options, port);
  const host = options.address.includes(':') ? `[${options.address}]` : options.address;
  return {
    port,
    origin: `${schemeOf(options)}://${host}:${port}`,
    close: () => closeServer(server, limits.closeMillisMax),
  };
}

export function serverOptions(
  limits: ListenLimits,
): Parameters<typeof createServer>[0] & { readonly handshakeTimeout: number } {
  return {
    maxHeaderSize: limits.headerBytesMax,
    headersTimeout: limits.headersMillisMax,
    // Of TLS: until it is done nothing else looks at the connection.
    handshakeTimeout: limits.headersMillisMax,
    requestTimeout: limits.requestMillisMax,
    // How often the two deadlines above are looked at.
    connectionsCheckingInterval: Math.min(5_000, limits.headersMillisMax),
    keepAliveTimeout: limits.idleMillisMax,
    insecureHTTPParser: false,
    // The guard does, and says so.
    requireHostHeader: false,
    IncomingMessage: AskedRequest,
    noDelay: true,
  };
}

export function prepareServer(server: Server, limits: ListenLimits, share: ShareOfFiles, take: Take): Server {
  // 0 keeps every header, so that the guard can count them: a limit here would drop the late ones silently.
  server.maxHeadersCount = 0;
  server.maxConnections = connectionsWithin(limits.connectionsMax, share);
  server.on('clientError', answerClientError);
  server.on('connect', (_req, socket: Socket) => sayLast(socket, () => sayRaw(socket, noTunnel)));
  // Whoever asks first whether to send a body is told once somebody reads it: after the proof.
  server.on('checkContinue', (req: AskedRequest, res) => {
    req.onRead = () => {
      if (!res.headersSent) res.writeContinue();
    };
    take(req, res);
  });
  server.on('checkExpectation', take);
  // What was answered and is not read holds memory and a connection; what waits for its answer, or for news, does not end by that.
  server.timeout = limits.unreadMillisMax;
  server.on('timeout', (socket: Socket) => {
    if (socket.writableLength > 0 || !isAnswering(socket)) socket.destroy();
  });
  return server;
}

type Take = (req: IncomingMessage, res: ServerResponse) => void;

export function taking(rules: () => GuardRules, router: Router): Take {
  return inOrder(
    (req, res) => handle(req, res, rules(), router),
    socket => sayRaw(socket, tooManyAhead),
  );
}

function handle(req: IncomingMessage, res: ServerResponse, rules: GuardRules, router: Router): void {
  const method = req.method ?? '';
  const guarded = guard({ method, target: req.url ?? '', version: req.httpVersion, rawHeaders: req.rawHeaders }, rules);
  const route = guarded.ok ? router.find(guarded.value.path) : undefined;
  if (!guarded.ok) sendFault(res, guarded.fault);
  else if (route === undefined) sendFault(res, notFound);
  else {
    const { headers, path, query } = guarded.value;
    run(route.handler, { method, headers, path, query, rest: route.rest, req, res });
  }
}

const notFound = httpFault(
  404,
  'not-found',
  'request-target',
  'there is nothing at this path',
  'paths are matched exactly, without decoding',
);

function run(handler: Handler, exchange: Exchange): void {
  try {
    const handled = handler(exchange);
    if (handled instanceof Promise) handled.catch(() => failed(exchange.res));
  } catch {
    failed(exchange.res);
  }
}

/** What was thrown may hold anything: it is never shown. A response that has begun cannot be taken back. */
function failed(res: ServerResponse): void {
  if (res.headersSent) res.destroy();
  else
    sendFault(
      res,
      httpFault(
        500,
        'fault',
        'request',
        'the gateway could not handle this request',
        'try again, and tell its operator if it stays so',
      ),
    );
}

function schemeOf({ tls }: ListenOptions): string {
  return tls === undefined ? 'http' : 'https';
}

function rulesFor(options: ListenOptions, port: number): GuardRules {
  const local = loopbackNames.flatMap(name => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]));
  return {
    hosts: new Set([...local, ...options.hosts.map(host => host.toLowerCase())]),
    origins: new Set([...local.map(host => `${schemeOf(options)}://${host}`), ...options.origins]),
  };
}

function bound(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.address, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

export function closeServer(server: Server, millisMax: number): Promise<void> {
  return new Promise(resolve => {
    const force = setTimeout(() => server.closeAllConnections(), millisMax);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
