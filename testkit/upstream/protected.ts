import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import { type HttpUpstream, startHttpUpstream } from './http.ts';
import type { Script } from './script.ts';

/** An MCP server that wants a token of the authorization server it names: `oidc-provider`, as it comes. */
export interface ProtectedUpstream {
  readonly url: string;
  readonly issuer: string;
  readonly upstream: HttpUpstream;
  /** How often the authorization server did what: `token refresh_token`, `refused refresh_token`, `register`. */
  readonly asked: ReadonlyMap<string, number>;
  /** From now on tokens are turned away with this, also good ones; undefined: no longer. */
  turnAwayWith: string | undefined;
  /** Ends everything that anybody has agreed to. */
  readonly revokeAll: () => void;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

export async function startProtectedUpstream(script: Script): Promise<ProtectedUpstream> {
  const upstream = await startHttpUpstream(script);
  const asked = new Map<string, number>();
  const authority = await startAuthority(asked);
  const server = createServer((request, response) => void take(request, response).catch(() => response.destroy()));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `${origin}/mcp`;

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const metadata = '/.well-known/oauth-protected-resource/mcp';
    if (request.url === metadata) {
      const body = { resource: url, authorization_servers: [authority.issuer], scopes_supported: ['notes'] };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      return;
    }
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const good = token !== undefined && (await authority.isGood(token));
    if (good && handle.turnAwayWith === undefined) return await relay(request, response, upstream.url);
    const why = good ? handle.turnAwayWith : `Bearer resource_metadata="${origin}${metadata}"`;
    const status = why?.includes('insufficient_scope') ? 403 : 401;
    response.writeHead(status, { 'www-authenticate': why }).end();
  }

  const handle: ProtectedUpstream = {
    ...{ url, issuer: authority.issuer, upstream, asked, turnAwayWith: undefined, revokeAll: authority.revokeAll },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await Promise.all([new Promise(resolve => server.close(resolve)), authority.close(), upstream.close()]);
    },
  };
  return handle;
}

async function relay(request: IncomingMessage, response: ServerResponse, to: string): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers;
  const answer = await fetch(to, {
    ...{ method: request.method ?? 'GET', headers: headers as Record<string, string> },
    ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
  });
  const { 'transfer-encoding': _coding, ...kept } = Object.fromEntries(answer.headers);
  response.writeHead(answer.status, kept);
  for await (const chunk of answer.body ?? []) response.write(chunk);
  response.end();
}

async function startAuthority(asked: Map<string, number>) {
  const server = createServer((request, response) => void handler(request, response));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let epoch = 0;
  const epochs = new Map<string, number>();
  const provider = new Provider(issuer, {
    ...{ pkce: { required: () => true }, cookies: { keys: ['test'] }, scopes: ['openid', 'offline_access', 'notes'] },
    clientDefaults: { token_endpoint_auth_method: 'none', grant_types: ['authorization_code', 'refresh_token'] },
    features: {
      registration: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => [],
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx: unknown, audience: string) => ({ scope: 'notes', audience, accessTokenTTL: 60 }),
      },
    },
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    findAccount: (_ctx: unknown, id: string) => {
      if (!epochs.has(id)) epochs.set(id, epoch);
      // Who has been thrown out since is nobody any more.
      return epochs.get(id) === epoch ? { accountId: id, claims: async () => ({ sub: id }) } : undefined;
    },
  });
  const { AccessToken, on } = internals(provider);
  const count = (name: string): void => void asked.set(name, (asked.get(name) ?? 0) + 1);
  on('grant.success', ctx => count(`token ${String(ctx.oidc.params?.grant_type)}`));
  on('grant.error', ctx => count(`refused ${String(ctx.oidc.params?.grant_type)}`));
  on('registration_create.success', () => count('register'));
  const handler = provider.callback();
  return {
    issuer,
    isGood: async (token: string) => {
      const found = await AccessToken.find(token);
      return found !== undefined && !found.isExpired && epochs.get(found.accountId ?? '') === epoch;
    },
    revokeAll: () => {
      epoch += 1;
      for (const id of epochs.keys()) epochs.set(id, epoch - 1);
    },
    close: () => {
      server.closeAllConnections();
      return new Promise<void>(resolve => server.close(() => resolve()));
    },
  };
}

interface Internals {
  readonly AccessToken: {
    readonly find: (token: string) => Promise<{ readonly accountId?: string; readonly isExpired: boolean } | undefined>;
  };
  readonly on: (event: string, told: (ctx: { oidc: { params?: { grant_type?: unknown } } }) => void) => void;
}

/** What the package has and its types do not say. */
function internals(provider: Provider): Internals {
  const { AccessToken, on } = provider as unknown as Internals;
  return { AccessToken, on: on.bind(provider) };
}
