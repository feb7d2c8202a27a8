import { type Checked, passed } from '@sallyport/core/model/refusal.ts';
import { outsideMillisMax } from '../identity/outside.ts';
import { type ClientAtServer, type ClientSettings, clientAt } from '../obtain/client.ts';
import { type AuthorizationServer, discoverResource, discoverServer, readChallenge } from '../obtain/discover.ts';
import { ObtainError, requireOutside } from '../obtain/outside-json.ts';
import { TooLateError, within } from '../obtain/within.ts';
import type { Registrations } from './registrations.ts';
import { readSecret, type SecretPlace } from './secret-source.ts';

/** An authorization server at which the gateway is a client. */
export interface OAuthClient {
  readonly issuer: WrittenIssuer | AskedIssuer;
  /** Undefined: the gateway says who it is by its metadata document, or registers itself (RFC 7591). */
  readonly clientId: string | undefined;
  readonly clientSecret: SecretPlace | undefined;
  /** An address at which a client metadata document of the gateway's is served. */
  readonly clientMetadataUrl: string | undefined;
}

/** As the operator wrote it down. */
export interface WrittenIssuer {
  readonly kind: 'written';
  readonly tokenUrl: string;
  readonly revocationUrl: string | undefined;
  readonly authorizeUrl: string | undefined;
}

/** As the MCP server that the token is for says when it is asked without one (RFC 9728). */
export interface AskedIssuer {
  readonly kind: 'asked';
  readonly server: string;
}

/** Everything that a request to the authorization server needs besides what is asked for. */
export interface OAuthAccess {
  readonly server: AuthorizationServer;
  readonly client: ClientAtServer;
  readonly settings: ClientSettings;
  /** RFC 8707: what the server calls itself. Undefined where the operator described its issuer. */
  readonly resource: string | undefined;
  /** What the server says is needed to use it. */
  readonly scope: string | undefined;
}

export interface OAuthClientPorts {
  readonly now: () => number;
  readonly registrations: Registrations;
  /** Where people come back to from an authorization server. */
  readonly redirectUri: () => string;
}

/** What a server says about itself is believed for so long. */
const askedMillis = 10 * 60_000;

export interface OAuthClientAt {
  /**
   * Never longer than `signal`; what it throws is an `ObtainError`. `signIn`: somebody will come back to where we are now,
   * which a registration of another time may not know.
   */
  readonly find: (signal: AbortSignal, purpose?: 'signIn') => Promise<Checked<OAuthAccess>>;
  /** The server does not know us by this name any more: next time we introduce ourselves anew. */
  readonly forget: () => void;
}

export function createOAuthClient(name: string, config: OAuthClient, ports: OAuthClientPorts): OAuthClientAt {
  const what = `credential ${name}`;
  let found: { readonly at: number; readonly issuer: Promise<Asked> } | undefined;

  /** Goes on when nobody waits any more: whoever comes next finds it done. */
  function asked(server: string): Promise<Asked> {
    if (found !== undefined && ports.now() - found.at < askedMillis) return found.issuer;
    const asking = { at: ports.now(), issuer: askServer(server) };
    found = asking;
    asking.issuer.catch(() => {
      if (found === asking) found = undefined;
    });
    return asking.issuer;
  }

  return {
    forget: () => ports.registrations.remove(name),
    find: async (signal, purpose) => {
      const { issuer, clientId, clientSecret } = config;
      const { server, resource, scope } =
        issuer.kind === 'written' ? written(issuer) : await inTime(asked(issuer.server), signal);
      const secret = clientSecret === undefined ? undefined : await readSecret(what, clientSecret, signal);
      if (secret !== undefined && !secret.ok) return secret;
      const settings: ClientSettings = {
        ...{ name: 'Sallyport', redirectUri: ports.redirectUri() },
        ...(config.clientMetadataUrl === undefined ? {} : { metadataUrl: config.clientMetadataUrl }),
        ...(clientId === undefined ? {} : { registered: { clientId, ...(secret && { secret: secret.value }) } }),
      };
      const client = await inTime(introduced(name, server, settings, ports.registrations, purpose), signal);
      return passed({ server, client, settings, resource, scope });
    },
  };
}

/** What we registered ourselves as is kept, and shown to no other server than the one that gave it. */
async function introduced(
  name: string,
  server: AuthorizationServer,
  settings: ClientSettings,
  registrations: Registrations,
  purpose: 'signIn' | undefined,
): Promise<ClientAtServer> {
  if (settings.registered !== undefined) return await clientAt(server, settings);
  const { redirectUri } = settings;
  const kept = registrations.read(name);
  const fits = purpose !== 'signIn' || kept?.redirectUri === redirectUri;
  if (kept?.issuer === server.issuer && fits) return kept.client;
  const client = await clientAt(server, settings);
  registrations.write(name, { issuer: server.issuer, redirectUri, client });
  return client;
}

interface Asked {
  readonly server: AuthorizationServer;
  readonly resource: string | undefined;
  readonly scope: string | undefined;
}

/** It is asked for nothing, and shown nothing: what counts is how it turns us away. */
async function askServer(address: string): Promise<Asked> {
  requireOutside(address);
  const signal = AbortSignal.timeout(outsideMillisMax);
  const response = await fetch(address, {
    ...{ method: 'POST', redirect: 'manual', signal },
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: '{"jsonrpc":"2.0","id":0,"method":"ping"}',
  }).catch(() => {
    throw new ObtainError(signal.aborted ? 'its server did not answer in time' : 'its server cannot be reached');
  });
  await response.body?.cancel();
  const challenge = readChallenge(response.headers);
  const resource = await discoverResource(address, challenge);
  const server = await discoverServer(resource);
  const scopes = challenge.scope?.split(' ') ?? resource.scopes ?? [];
  // A refresh token is asked for only where the authorization server knows that word.
  const offline = server.scopes?.includes('offline_access') === true ? ['offline_access'] : [];
  const scope = [...new Set([...scopes, ...(scopes.length > 0 ? offline : [])])].filter(word => word !== '').join(' ');
  return { server, resource: resource.resource, scope: scope === '' ? undefined : scope };
}

function written({ tokenUrl, revocationUrl, authorizeUrl }: WrittenIssuer): Asked {
  const server: AuthorizationServer = {
    ...{ issuer: tokenUrl, tokenEndpoint: tokenUrl, authorizationEndpoint: authorizeUrl },
    ...{ revocationEndpoint: revocationUrl, registrationEndpoint: undefined },
    ...{ methods: ['client_secret_basic'], challengeMethods: ['S256'], scopes: undefined },
    ...{ takesMetadataDocuments: false, saysIssuer: undefined, dpop: undefined },
  };
  return { server, resource: undefined, scope: undefined };
}

async function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return await within(work, signal).catch((thrown: unknown) => {
    throw thrown instanceof TooLateError ? new ObtainError('its issuer did not answer in time') : thrown;
  });
}
