import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { headerFault } from './headers.ts';
import { greeting, Requests } from './requests.ts';
import { Stream } from './streams.ts';
import { object, type Params, RpcError, type Visit } from './visit.ts';

export interface FullServer extends AsyncDisposable {
  readonly url: string;
}

/** The full-featured server over Streamable HTTP, both eras or the old one alone, on a loopback port of its own. */
export async function startFullServer(legacyOnly = false): Promise<FullServer> {
  const host = new Host(legacyOnly);
  const server = createServer((req, res) => void host.handle(req, res));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}/mcp`,
    [Symbol.asyncDispose]: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Session {
  readonly id: string;
  readonly version: string;
  readonly capabilities: Params;
  readonly streams: Map<string, Stream>;
  /** Questions to the client that wait for its answer. */
  readonly questions: Map<string, { resolve: (result: Params) => void; reject: (error: RpcError) => void }>;
  news: Stream | undefined;
}

interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: Params;
  readonly result?: Params;
  readonly error?: { readonly code: number; readonly message: string };
}

interface Subscriber {
  readonly stream: Stream;
  readonly id: string | number;
  readonly wants: Params;
}

const legacyVersions = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];
const localHost = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

class Host {
  readonly #legacyOnly: boolean;
  readonly #requests = new Requests();
  readonly #sessions = new Map<string, Session>();
  readonly #subscribers = new Set<Subscriber>();

  constructor(legacyOnly: boolean) {
    this.#legacyOnly = legacyOnly;
  }

  async handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const origin = req.headers.origin;
    const foreign = origin !== undefined && !localHost.test(origin.replace(/^https?:\/\//, ''));
    if (foreign || !localHost.test(req.headers.host ?? '')) return end(res, 403);
    const session = this.#sessions.get(String(req.headers['mcp-session-id']));
    if (req.method === 'POST') return await this.#post(req, res, session);
    if (session === undefined) return end(res, req.headers['mcp-session-id'] === undefined ? 405 : 404);
    if (req.method === 'GET') return this.#get(req, res, session);
    this.#sessions.delete(session.id);
    end(res, 200);
  }

  #get(req: IncomingMessage, res: ServerResponse, session: Session): void {
    const last = String(req.headers['last-event-id'] ?? '');
    if (last === '') session.news = new Stream(res, false);
    else if (session.streams.has(last.split('_')[0] ?? ''))
      session.streams.get(last.split('_')[0] ?? '')?.resume(last, res);
    else end(res, 404);
  }

  async #post(req: IncomingMessage, res: ServerResponse, session: Session | undefined): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of req) parts.push(part as Buffer);
    const message = JSON.parse(Buffer.concat(parts).toString()) as Message;
    const meta = object(message.params?._meta);
    const modern =
      meta['io.modelcontextprotocol/protocolVersion'] !== undefined ||
      meta['io.modelcontextprotocol/clientCapabilities'] !== undefined ||
      !legacyVersions.includes(String(req.headers['mcp-protocol-version'] ?? legacyVersions[0]));
    try {
      if (modern && !this.#legacyOnly) await this.#modern(req, res, message, meta);
      else await this.#legacy(req, res, message, session);
    } catch (thrown) {
      fail(res, message, thrown);
    }
  }

  async #modern(req: IncomingMessage, res: ServerResponse, message: Message, meta: Params): Promise<void> {
    const { id, method = '', params = {} } = message;
    if (id === undefined) return end(res, 202);
    const fault = headerFault(req.headers, method, params, meta);
    if (fault !== undefined) throw fault;
    if (method === 'subscriptions/listen') return this.#listen(res, id, params);
    const level = meta['io.modelcontextprotocol/logLevel'];
    const capabilities = object(meta['io.modelcontextprotocol/clientCapabilities']);
    let stream: Stream | undefined;
    const notify = (what: string, about: object): void => {
      if (what === 'notifications/message' && level === undefined) return;
      stream ??= new Stream(res, false);
      stream.send({ jsonrpc: '2.0', method: what, params: about });
    };
    const ask = () => Promise.reject(new RpcError(-32601, 'There are no such requests in this era'));
    const visit: Visit = { era: 'modern', params, meta, capabilities, notify, ask, hangUp: () => {}, tell: this.#tell };
    const result = { resultType: 'complete', ...(await this.#requests.answer(method, visit)) };
    if (stream === undefined) return sendJson(res, 200, { jsonrpc: '2.0', id, result });
    stream.send({ jsonrpc: '2.0', id, result });
    stream.end();
  }

  #listen(res: ServerResponse, id: string | number, params: Params): void {
    const wants = object(params.notifications);
    const stream = new Stream(res, false);
    const one: Subscriber = { stream, id, wants };
    this.#subscribers.add(one);
    res.on('close', () => this.#subscribers.delete(one));
    const _meta = { 'io.modelcontextprotocol/subscriptionId': id };
    const acknowledged = { _meta, notifications: wants };
    stream.send({ jsonrpc: '2.0', method: 'notifications/subscriptions/acknowledged', params: acknowledged });
  }

  readonly #tell = (method: string, params: object): void => {
    for (const session of this.#sessions.values()) session.news?.send({ jsonrpc: '2.0', method, params });
    const kind = /^notifications\/(tools|prompts|resources)\/list_changed$/.exec(method)?.[1];
    for (const { stream, id, wants } of this.#subscribers) {
      const _meta = { 'io.modelcontextprotocol/subscriptionId': id };
      if (wants[`${kind}ListChanged`] === true) stream.send({ jsonrpc: '2.0', method, params: { _meta, ...params } });
    }
  };

  async #legacy(
    req: IncomingMessage,
    res: ServerResponse,
    message: Message,
    session: Session | undefined,
  ): Promise<void> {
    const { id, method, params = {} } = message;
    if (method === 'initialize' && id !== undefined) return this.#initialize(res, id, params);
    if (session === undefined) return end(res, req.headers['mcp-session-id'] === undefined ? 400 : 404);
    if (method === undefined) this.#settle(session, message);
    if (method === undefined || id === undefined) return end(res, 202);
    if (method !== 'tools/call') {
      const visit = this.#visit(session, params, undefined);
      return sendJson(res, 200, { jsonrpc: '2.0', id, result: await this.#requests.answer(method, visit) });
    }
    const stream = new Stream(res, session.version === '2025-11-25');
    session.streams.set(stream.id, stream);
    try {
      const result = await this.#requests.answer(method, this.#visit(session, params, stream));
      stream.send({ jsonrpc: '2.0', id, result });
    } catch (thrown) {
      stream.send({ jsonrpc: '2.0', id, error: errorOf(thrown) });
    }
    stream.end();
  }

  #visit(session: Session, params: Params, stream: Stream | undefined): Visit {
    const { capabilities } = session;
    return {
      era: 'legacy',
      params,
      meta: object(params._meta),
      capabilities,
      notify: (method, about) => stream?.send({ jsonrpc: '2.0', method, params: about }),
      ask: (method, about) => ask(session, stream, method, about),
      hangUp: () => stream?.hangUp(),
      tell: this.#tell,
    };
  }

  #initialize(res: ServerResponse, id: string | number, params: Params): void {
    const asked = String(params.protocolVersion);
    const version = legacyVersions.includes(asked) ? asked : '2025-11-25';
    const session: Session = {
      id: randomBytes(16).toString('hex'),
      version,
      capabilities: object(params.capabilities),
      streams: new Map(),
      questions: new Map(),
      news: undefined,
    };
    this.#sessions.set(session.id, session);
    res.setHeader('mcp-session-id', session.id);
    sendJson(res, 200, { jsonrpc: '2.0', id, result: { protocolVersion: version, ...greeting } });
  }

  #settle({ questions }: Session, { id, result, error }: Message): void {
    const question = questions.get(String(id));
    questions.delete(String(id));
    if (error !== undefined) question?.reject(new RpcError(error.code, error.message));
    else question?.resolve(result ?? {});
  }
}

function ask(session: Session, stream: Stream | undefined, method: string, params: object): Promise<Params> {
  const capability = method.split('/')[0] ?? '';
  if (!(capability in session.capabilities))
    return Promise.reject(new RpcError(-32603, `The client has no ${capability}`));
  const id = `q${session.questions.size}-${randomBytes(4).toString('hex')}`;
  const { promise, resolve, reject } = Promise.withResolvers<Params>();
  session.questions.set(id, { resolve, reject });
  stream?.send({ jsonrpc: '2.0', id, method, params });
  return promise;
}

function errorOf(thrown: unknown): object {
  if (!(thrown instanceof RpcError)) return { code: -32603, message: 'The server broke' };
  const { code, message, data } = thrown;
  return { code, message, ...(data === undefined ? {} : { data }) };
}

function fail(res: ServerResponse, { id }: Message, thrown: unknown): void {
  const status = thrown instanceof RpcError ? thrown.status : 500;
  if (!res.headersSent) sendJson(res, status, { jsonrpc: '2.0', id: id ?? null, error: errorOf(thrown) });
}

function end(res: ServerResponse, status: number): void {
  res.writeHead(status).end();
}

function sendJson(res: ServerResponse, status: number, message: object): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(message));
}
