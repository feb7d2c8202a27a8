import { appendFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { answer, type Outlet, type Request } from './acts.ts';
import { Scripted } from './conversation.ts';
import type { Script } from './script.ts';

/** One request as it came. */
export interface Received {
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly body: string;
  /** The client's own port: which connection it came over. */
  readonly port: number;
}

export interface HttpUpstream {
  readonly url: string;
  readonly received: readonly Received[];
  readonly sessions: () => number;
  /** Open connections. */
  readonly connections: () => number;
  /** Ends every stream of news, as a server does that was restarted behind its balancer. */
  readonly hangUp: () => void;
  /** Modern era: says something on each open stream of news. */
  readonly tell: (method: string, params: object) => void;
  readonly close: () => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** The scripted upstream over Streamable HTTP, on a loopback port of its own. */
export async function startHttpUpstream(script: Script, at = 0): Promise<HttpUpstream> {
  const host = new Host(script);
  await new Promise<void>(resolve => host.server.listen(at, '127.0.0.1', resolve));
  const { port } = host.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    received: host.received,
    sessions: () => host.sessions.size,
    connections: () => host.connections(),
    hangUp: () => host.hangUp(),
    tell: (method, params) => host.tell(method, params),
    close: () => host.close(),
    [Symbol.asyncDispose]: () => host.close(),
  };
}

class Host {
  readonly received: Received[] = [];
  readonly sessions = new Map<string, Session>();
  readonly server: Server;
  readonly #script: Script;
  readonly #sockets = new Set<Socket>();
  #begun = 0;
  readonly #modern: Session;
  /** What answers `subscriptions/listen`, as long as it is open. */
  readonly #listening = new Set<Answer>();

  constructor(script: Script) {
    this.#script = script;
    this.#modern = { scripted: new Scripted(script), news: undefined };
    this.server = createServer((request, response) => this.#take(request, response));
    this.server.on('connection', socket => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  connections(): number {
    return this.#sockets.size;
  }

  tell(method: string, params: object): void {
    for (const out of this.#listening) out.send({ jsonrpc: '2.0', method, params });
  }

  /** On every stream of news. */
  say(message: object): void {
    for (const { news } of this.sessions.values()) news?.raw(JSON.stringify(message), false);
  }

  hangUp(): void {
    for (const { news } of [this.#modern, ...this.sessions.values()]) news?.end();
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise(resolve => this.server.close(() => resolve()));
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const parts: Buffer[] = [];
    request.on('data', (chunk: Buffer) => parts.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString('utf8');
      const { method = '', headers, rawHeaders } = request;
      this.received.push({ method, headers, rawHeaders, body, port: request.socket.remotePort ?? 0 });
      if (this.#script.record !== undefined) appendFileSync(this.#script.record, `${body}\n`);
      this.#route(request, response, body);
    });
  }

  #route(request: IncomingMessage, response: ServerResponse, body: string): void {
    const [name, value] = (this.#script.requires ?? '').split(': ');
    if (name && request.headers[name.toLowerCase()] !== value) return void end(response, 401);
    const session = this.sessions.get(String(request.headers['mcp-session-id']));
    if (request.method === 'GET') return void this.#stream(session, response);
    if (request.method === 'DELETE') return void this.#drop(String(request.headers['mcp-session-id']), response);
    const message = JSON.parse(body) as { id?: number; method?: string; params?: { name?: string } };
    if (request.headers['mcp-protocol-version'] === '2026-07-28')
      return void this.#hearModern(message, request, response);
    if (message.method === 'initialize') return void this.#begin(message, response);
    if (session === undefined)
      return void end(response, 404, {
        jsonrpc: '2.0',
        id: null,
        error: { code: -32001, message: 'Session not found' },
      });
    this.#hear(message, session, request, response);
  }

  #hearModern(message: { id?: number; method?: string }, request: IncomingMessage, response: ServerResponse): void {
    if (this.#script.era !== 'modern' && this.#script.era !== 'both')
      return void end(response, 400, {
        jsonrpc: '2.0',
        id: null,
        error: { code: -32000, message: 'Bad Request: no valid session ID' },
      });
    if (request.headers['mcp-method'] !== message.method)
      return void end(response, 400, {
        jsonrpc: '2.0',
        id: message.id,
        error: { code: -32020, message: 'Header mismatch' },
      });
    this.#hear(message, this.#modern, request, response);
  }

  #begin(message: object, response: ServerResponse): void {
    if (this.#script.era === 'modern') return void end(response, 400);
    const id = `session-${++this.#begun}`;
    const session: Session = { scripted: new Scripted(this.#script), news: undefined };
    this.sessions.set(id, session);
    response.setHeader('mcp-session-id', id);
    const out = new Answer(this.#script, response, this);
    session.scripted.hear(message, out, out);
  }

  #hear(
    message: { id?: number; method?: string },
    session: Session,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const out = new Answer(this.#script, response, this, request.headers, message.method === 'subscriptions/listen');
    if (message.method === undefined) session.scripted.hear(message, out, out);
    if (message.method === undefined || message.id === undefined) return void end(response, 202);
    const lasting = message.method === 'subscriptions/listen';
    if (lasting) this.#keep(session, out, response);
    session.scripted.hear(message, out, session.news ?? out);
  }

  #stream(session: Session | undefined, response: ServerResponse): void {
    if (session === undefined) return void end(response, 405);
    session.news = new Answer(this.#script, response, this, {}, true);
    session.news.open();
  }

  #keep(session: Session, out: Answer, response: ServerResponse): void {
    session.news = out;
    this.#listening.add(out);
    response.once('close', () => this.#listening.delete(out));
  }

  #drop(id: string, response: ServerResponse): void {
    this.sessions.delete(id);
    end(response, 200);
  }
}

interface Session {
  readonly scripted: Scripted;
  news: Answer | undefined;
}

/** One response: JSON if one message is all there is, events otherwise. */
class Answer implements Outlet {
  readonly #script: Script;
  readonly #response: ServerResponse;
  readonly #host: Host;
  readonly #headers: IncomingMessage['headers'];
  readonly #lasting: boolean;

  constructor(
    script: Script,
    response: ServerResponse,
    host: Host,
    headers: IncomingMessage['headers'] = {},
    lasting = false,
  ) {
    this.#script = script;
    this.#response = response;
    this.#host = host;
    this.#headers = headers;
    this.#lasting = lasting;
  }

  open(): void {
    this.#response.writeHead(200, { 'content-type': 'text/event-stream' });
    this.#response.flushHeaders();
  }

  end(): void {
    this.#response.end();
  }

  readonly send = (message: unknown): void => {
    const isAnswer = typeof message === 'object' && message !== null && !('method' in message);
    this.raw(JSON.stringify(message), isAnswer && (!this.#lasting || 'error' in message));
  };

  readonly raw = (bytes: Buffer | string, final = true): void => {
    if (this.#response.writableEnded) return;
    const json = final && !this.#response.headersSent && this.#script.stream !== true;
    if (json) {
      this.#response.writeHead(200, { 'content-type': 'application/json' });
      this.#response.end(bytes);
      return;
    }
    if (!this.#response.headersSent) this.open();
    this.#response.write(Buffer.concat([Buffer.from('data: '), Buffer.from(bytes), Buffer.from('\n\n')]));
    if (final) this.#response.end();
  };

  readonly peculiar = (act: string, request: Request): boolean => {
    const special = this.#specials[act];
    special?.(request);
    return special !== undefined;
  };

  readonly #specials: Readonly<Record<string, (request: Request) => void>> = {
    exit: () => this.#response.socket?.destroy(),
    reset: () => {
      this.#response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      this.#response.write('{"jsonrpc"', () => this.#response.socket?.resetAndDestroy());
    },
    redirect: () => this.#response.writeHead(307, { location: 'http://127.0.0.1:9/mcp' }).end(),
    'status-500': () => this.#response.writeHead(500, { 'content-type': 'text/html' }).end('<h1>no</h1>'),
    html: () => this.#response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>yes</h1>'),
    empty: () => this.#response.writeHead(202).end(),
    compressed: ({ id }) =>
      this.#response
        .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
        .end(gzipSync(JSON.stringify(answer(id, 'x')))),
    'endless-events': () => {
      this.open();
      const more = (): void => {
        if (!this.#response.destroyed) this.#response.write(`: ${'x'.repeat(10_000)}\n\n`, () => setImmediate(more));
      };
      more();
    },
    'stays-open': ({ id }) => this.raw(JSON.stringify(answer(id, 'said')), false),
    'answers-elsewhere': ({ id }) => {
      this.open();
      this.#host.say(answer(id, 'said'));
    },
    // While the rest of its stream is waited for.
    'breaks-and-answers-elsewhere': ({ id }) => {
      this.open();
      this.#response.end('id: one\nretry: 1000\ndata: \n\n', () => {
        setTimeout(() => this.#host.say(answer(id, 'said')), 50);
      });
    },
    // Its stream ends, and it goes on.
    'breaks-and-logs-elsewhere': () => {
      this.open();
      this.#response.end();
      const params = { level: 'info', data: 'said late' };
      setTimeout(() => this.#host.say({ jsonrpc: '2.0', method: 'notifications/message', params }), 200);
    },
    crawl: () => {
      this.#response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => this.#response.write(' '), 20);
      this.#response.on('close', () => clearInterval(timer));
    },
    'leak-headers': ({ id }) => this.send(answer(id, JSON.stringify(this.#headers))),
    'session-lost': () => {
      this.#host.sessions.clear();
      end(this.#response, 404, { jsonrpc: '2.0', id: null, error: { code: -32001, message: 'Session not found' } });
    },
  };
}

function end(response: ServerResponse, status: number, body?: object): void {
  response.writeHead(status, body === undefined ? {} : { 'content-type': 'application/json' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
