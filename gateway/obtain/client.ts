import type { AuthorizationServer } from './discover.ts';
import { askOutside, ObtainError, textOf } from './outside-json.ts';

/** Who we are at one authorization server. What one server gave is never shown to another. */
export interface ClientAtServer {
  readonly clientId: string;
  readonly secret: string | undefined;
  readonly method: 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt';
}

/** What the operator configured. */
export interface ClientSettings {
  /** Registered beforehand, at this issuer only where one is named. */
  readonly registered?: { readonly clientId: string; readonly secret?: string; readonly issuer?: string };
  /** Address of our client metadata document. */
  readonly metadataUrl?: string;
  readonly privateKeyPem?: string;
  readonly redirectUri: string;
  readonly name: string;
}

/** Registered beforehand, else by metadata document, else (deprecated) registered now (MCP 2026-07-28). */
export async function clientAt(server: AuthorizationServer, settings: ClientSettings): Promise<ClientAtServer> {
  const { registered, metadataUrl, privateKeyPem } = settings;
  if (registered !== undefined && (registered.issuer ?? server.issuer) === server.issuer) {
    const { clientId, secret } = registered;
    const method = privateKeyPem === undefined ? methodFor(server, secret) : 'private_key_jwt';
    return { clientId, secret, method };
  }
  if (metadataUrl !== undefined && server.takesMetadataDocuments)
    return { clientId: metadataUrl, secret: undefined, method: 'none' };
  if (server.registrationEndpoint === undefined)
    throw new ObtainError('we are not registered at the authorization server');
  return register(server.registrationEndpoint, server, settings);
}

function methodFor(server: AuthorizationServer, secret: string | undefined): ClientAtServer['method'] {
  if (secret === undefined) return 'none';
  return server.methods.includes('client_secret_basic') ? 'client_secret_basic' : 'client_secret_post';
}

/** RFC 7591. */
async function register(
  endpoint: string,
  server: AuthorizationServer,
  settings: ClientSettings,
): Promise<ClientAtServer> {
  const offered = (['none', 'client_secret_basic', 'client_secret_post'] as const).filter(name =>
    server.methods.includes(name),
  );
  const metadata = {
    ...{ client_name: settings.name, redirect_uris: [settings.redirectUri], response_types: ['code'] },
    grant_types: ['authorization_code', 'refresh_token'],
    // OpenID Connect Dynamic Client Registration §2: only a native client comes back to this machine.
    application_type: new URL(settings.redirectUri).protocol === 'http:' ? 'native' : 'web',
    ...(offered[0] === undefined ? {} : { token_endpoint_auth_method: offered[0] }),
  };
  const headers = { 'content-type': 'application/json' };
  const { status, body } = await askOutside(endpoint, { method: 'POST', headers, body: JSON.stringify(metadata) });
  const clientId = textOf(body, 'client_id');
  if (status > 299 || clientId === undefined) throw new ObtainError('the authorization server did not register us');
  const secret = textOf(body, 'client_secret');
  const said = textOf(body, 'token_endpoint_auth_method');
  const method = offered.find(name => name === said) ?? methodFor(server, secret);
  return { clientId, secret, method: secret === undefined ? 'none' : method };
}

/** RFC 6749 §2.3.1 and RFC 7523 §2.2: headers and parameters that prove who asks. */
export async function proofOfClient(
  client: ClientAtServer,
  server: AuthorizationServer,
  { privateKeyPem }: Pick<ClientSettings, 'privateKeyPem'>,
): Promise<{ readonly headers: Readonly<Record<string, string>>; readonly members: Readonly<Record<string, string>> }> {
  const { clientId, secret = '' } = client;
  switch (client.method) {
    case 'none':
      return { headers: {}, members: { client_id: clientId } };
    case 'client_secret_post':
      return { headers: {}, members: { client_id: clientId, client_secret: secret } };
    case 'client_secret_basic': {
      const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`;
      return { headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }, members: {} };
    }
    case 'private_key_jwt': {
      const { importPKCS8, SignJWT } = await import('jose');
      const assertion = await new SignJWT({ jti: crypto.randomUUID() })
        .setProtectedHeader({ alg: 'ES256' })
        .setIssuer(clientId)
        .setSubject(clientId)
        .setAudience(server.issuer)
        .setIssuedAt()
        .setExpirationTime('60s')
        .sign(await importPKCS8(privateKeyPem ?? '', 'ES256'));
      const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
      return {
        headers: {},
        members: { client_id: clientId, client_assertion: assertion, client_assertion_type: type },
      };
    }
  }
}
