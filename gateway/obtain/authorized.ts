import { beginCode, type CodeUnderWay, finishCode } from './authorize.ts';
import { type ClientAtServer, type ClientSettings, clientAt } from './client.ts';
import {
  type AuthorizationServer,
  type Challenge,
  discoverResource,
  discoverServer,
  readChallenge,
} from './discover.ts';
import type { DpopKey } from './dpop-key.ts';
import { ObtainError } from './outside-json.ts';
import { type ObtainedToken, requestToken } from './token.ts';

/** How we prove ourselves to a protected server. */
export type Way =
  /** `visit` shows the address to the person, and gives back the one that their browser came back to. */
  | { readonly kind: 'code'; readonly visit: (url: string) => Promise<string> }
  | { readonly kind: 'client' }
  /** A token that our own platform gave us (RFC 7523 §2.1). */
  | {
      readonly kind: 'workload';
      readonly assertion: (server: AuthorizationServer) => Promise<string>;
      readonly scope?: string;
    }
  /** An identity assertion, fetched from the organisation's provider for this very server and resource. */
  | { readonly kind: 'id-jag'; readonly assertion: (server: AuthorizationServer, resource: string) => Promise<string> };

export interface AuthorizedOptions {
  readonly server: string;
  readonly way: Way;
  readonly settings: ClientSettings;
  readonly dpop?: DpopKey;
}

/** Tries again, with a better token, no more often than this. */
const attemptsMax = 3;
const assertionGrant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/**
 * A `fetch` for one protected MCP server: it finds the authorization server when it is first turned away, gets a token,
 * and steps up when one lacks a scope (MCP 2026-07-28, "Authorization"). Tokens go to this server and nowhere else.
 */
export function authorizedFetch(
  options: AuthorizedOptions,
): (url: string | URL, init?: RequestInit) => Promise<Response> {
  const clients = new Map<string, ClientAtServer>();
  let held: (ObtainedToken & { readonly issuer: string }) | undefined;
  let nonce: string | undefined;

  async function send(url: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (held !== undefined) headers.set('authorization', `${held.scheme} ${held.token}`);
    if (held?.scheme === 'DPoP' && options.dpop !== undefined)
      headers.set('dpop', await options.dpop.proof(init.method ?? 'GET', url, held.token, nonce));
    const response = await fetch(url, { ...init, headers });
    nonce = response.headers.get('dpop-nonce') ?? nonce;
    return response;
  }

  async function obtain(challenge: Challenge): Promise<void> {
    const resource = await discoverResource(options.server, challenge);
    const server = await discoverServer(resource);
    const client = clients.get(server.issuer) ?? (await clientFor(server, options));
    clients.set(server.issuer, client);
    const scope = scopeFor(challenge, resource.scopes, server, held?.issuer === server.issuer ? held.scope : undefined);
    const token = await obtainToken(server, client, resource.resource, scope, options);
    held = { ...token, scope: token.scope ?? scope, issuer: server.issuer };
  }

  return async (input, init = {}) => {
    const url = String(input);
    if (new URL(url).origin !== new URL(options.server).origin) throw new ObtainError('a token is for its own server');
    for (let attempt = 1; ; attempt++) {
      const response = await send(url, init);
      const challenge = readChallenge(response.headers);
      const again = response.status === 401 || (response.status === 403 && challenge.error === 'insufficient_scope');
      if (!again || attempt > attemptsMax) return response;
      await response.body?.cancel();
      if (challenge.error !== 'use_dpop_nonce') await obtain(challenge);
    }
  };
}

async function byCode(underWay: CodeUnderWay, visit: (url: string) => Promise<string>): Promise<ObtainedToken> {
  return await finishCode(underWay, await visit(underWay.url));
}

async function clientFor(server: AuthorizationServer, { way, settings }: AuthorizedOptions): Promise<ClientAtServer> {
  if (way.kind !== 'workload' || settings.registered !== undefined) return clientAt(server, settings);
  return { clientId: '', secret: undefined, method: 'none' };
}

/**
 * What the server asked for in its challenge, else what it says there is, else nothing; with what we had. A refresh token
 * is asked for only where the authorization server knows that word.
 */
function scopeFor(
  challenge: Challenge,
  supported: readonly string[] | undefined,
  server: AuthorizationServer,
  before: string | undefined,
): string | undefined {
  const wanted = challenge.scope?.split(' ') ?? supported ?? [];
  const all = [...new Set([...(before?.split(' ') ?? []), ...wanted])].filter(word => word !== '');
  if (all.length > 0 && server.scopes?.includes('offline_access')) all.push('offline_access');
  return all.length === 0 ? undefined : [...new Set(all)].join(' ');
}

async function obtainToken(
  server: AuthorizationServer,
  client: ClientAtServer,
  resource: string,
  scope: string | undefined,
  { way, settings, dpop }: AuthorizedOptions,
): Promise<ObtainedToken> {
  const common = { server, client, settings, dpop };
  switch (way.kind) {
    case 'code':
      return await byCode(beginCode({ ...common, resource, scope }), way.visit);
    case 'client':
      return requestToken({ ...common, members: { grant_type: 'client_credentials', resource, scope } });
    case 'workload': {
      const members = {
        grant_type: assertionGrant,
        assertion: await way.assertion(server),
        resource,
        scope: way.scope ?? scope,
      };
      return requestToken({
        ...common,
        client: { ...client, method: client.clientId === '' ? 'none' : client.method },
        members,
      });
    }
    case 'id-jag': {
      const assertion = await way.assertion(server, resource);
      return requestToken({ ...common, members: { grant_type: assertionGrant, assertion, resource, scope } });
    }
  }
}
