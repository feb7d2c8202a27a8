import { hash, randomBytes } from 'node:crypto';
import type { ClientAtServer, ClientSettings } from './client.ts';
import type { AuthorizationServer } from './discover.ts';
import type { DpopKey } from './dpop-key.ts';
import { ObtainError, requireOutside } from './outside-json.ts';
import { type ObtainedToken, requestToken } from './token.ts';

export interface CodeRequest {
  readonly server: AuthorizationServer;
  readonly client: ClientAtServer;
  readonly settings: ClientSettings;
  readonly resource: string;
  readonly scope: string | undefined;
  readonly dpop: DpopKey | undefined;
  /** Shows the address to the person, and gives back the one that their browser came back to. */
  readonly visit: (url: string) => Promise<string>;
}

/** Authorization code with PKCE (OAuth 2.1 §4.1); the answer has to name the very server that was asked (RFC 9207 §2.4). */
export async function obtainByCode(request: CodeRequest): Promise<ObtainedToken> {
  const { server, client, settings, resource, scope, dpop } = request;
  if (server.authorizationEndpoint === undefined) throw new ObtainError('the authorization server offers no sign-in');
  if (!server.challengeMethods?.includes('S256'))
    throw new ObtainError('the authorization server does not offer PKCE with S256');
  const [verifier, state] = [randomBytes(32).toString('base64url'), randomBytes(16).toString('base64url')];
  const url = new URL(server.authorizationEndpoint);
  requireOutside(url.href);
  const members = {
    ...{
      response_type: 'code',
      client_id: client.clientId,
      redirect_uri: settings.redirectUri,
      state,
      resource,
      scope,
    },
    ...{ code_challenge_method: 'S256', code_challenge: hash('sha256', verifier, 'base64url') },
  };
  for (const [name, value] of Object.entries(members)) if (value !== undefined) url.searchParams.set(name, value);
  const code = codeIn(await request.visit(url.href), state, request);
  const grant = {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: settings.redirectUri,
    resource,
  };
  return requestToken({ server, client, settings, members: grant, dpop });
}

function codeIn(returned: string, state: string, { server, settings }: CodeRequest): string {
  const url = new URL(returned);
  const expected = new URL(settings.redirectUri);
  if (url.origin !== expected.origin || url.pathname !== expected.pathname)
    throw new ObtainError('the answer went elsewhere');
  const only = (name: string): string | undefined => {
    const all = url.searchParams.getAll(name);
    if (all.length > 1) throw new ObtainError('the answer says something twice');
    return all[0];
  };
  if (only('state') !== state) throw new ObtainError('the answer is not to what we asked');
  const issuer = only('iss');
  if (issuer === undefined ? server.saysIssuer : issuer !== server.issuer)
    throw new ObtainError('the answer is that of another authorization server');
  if (only('error') !== undefined) throw new ObtainError('the person, or the authorization server, said no');
  const code = only('code');
  if (code === undefined) throw new ObtainError('the answer holds no code');
  return code;
}
