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
  /** RFC 8707; undefined where the operator described the server and named none. */
  readonly resource: string | undefined;
  readonly scope: string | undefined;
  readonly dpop: DpopKey | undefined;
}

/** A sign-in that has begun: what the person visits, and what has to be remembered until they come back. */
export interface CodeUnderWay {
  readonly request: CodeRequest;
  readonly url: string;
  readonly state: string;
  readonly verifier: string;
}

/** Authorization code with PKCE (OAuth 2.1 §4.1). `state` is nobody's to guess. */
export function beginCode(request: CodeRequest, state = randomBytes(24).toString('base64url')): CodeUnderWay {
  const { server, client, settings, resource, scope } = request;
  if (server.authorizationEndpoint === undefined) throw new ObtainError('the authorization server offers no sign-in');
  if (!server.challengeMethods?.includes('S256'))
    throw new ObtainError('the authorization server does not offer PKCE with S256');
  const verifier = randomBytes(32).toString('base64url');
  const url = new URL(server.authorizationEndpoint);
  requireOutside(url.href);
  const members = {
    ...{ response_type: 'code', client_id: client.clientId, redirect_uri: settings.redirectUri },
    ...{ state, resource, scope },
    ...{ code_challenge_method: 'S256', code_challenge: hash('sha256', verifier, 'base64url') },
  };
  for (const [name, value] of Object.entries(members)) if (value !== undefined) url.searchParams.set(name, value);
  return { request, url: url.href, state, verifier };
}

/** `returned`: the address that the person's browser came back to. */
export async function finishCode(
  underWay: CodeUnderWay,
  returned: string,
  signal?: AbortSignal,
): Promise<ObtainedToken> {
  const { request, verifier } = underWay;
  const { server, client, settings, resource, dpop } = request;
  const grant = {
    grant_type: 'authorization_code',
    code: codeIn(returned, underWay),
    code_verifier: verifier,
    redirect_uri: settings.redirectUri,
    resource,
  };
  return await requestToken({ server, client, settings, members: grant, dpop, signal });
}

/** The answer has to name the very server that was asked (RFC 9207 §2.4). */
function codeIn(returned: string, { request: { server, settings }, state }: CodeUnderWay): string {
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
  if (server.saysIssuer !== undefined && (issuer === undefined ? server.saysIssuer : issuer !== server.issuer))
    throw new ObtainError('the answer is that of another authorization server');
  if (only('error') !== undefined) throw new ObtainError('the person, or the authorization server, said no');
  const code = only('code');
  if (code === undefined) throw new ObtainError('the answer holds no code');
  return code;
}
