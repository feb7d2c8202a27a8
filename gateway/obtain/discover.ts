import { askOutside, ObtainError, requireNamedBy, textOf, textsOf } from './outside-json.ts';

/** A protected MCP server, as it describes itself (RFC 9728). */
export interface ProtectedResource {
  readonly resource: string;
  readonly issuer: string;
  readonly scopes: readonly string[] | undefined;
  /** It says nothing about itself: a server of 2025-03-26, which is its own authorization server. */
  readonly old?: true;
}

/** Its authorization server (RFC 8414). */
export interface AuthorizationServer {
  readonly issuer: string;
  readonly authorizationEndpoint: string | undefined;
  readonly tokenEndpoint: string;
  readonly registrationEndpoint: string | undefined;
  readonly revocationEndpoint: string | undefined;
  readonly methods: readonly string[];
  readonly challengeMethods: readonly string[] | undefined;
  readonly scopes: readonly string[] | undefined;
  readonly takesMetadataDocuments: boolean;
  /** RFC 9207: its answers name it. Undefined: it was not asked, and a name is held against nothing. */
  readonly saysIssuer: boolean | undefined;
  readonly dpop: readonly string[] | undefined;
}

/** What a 401 or 403 said (RFC 6750 §3, RFC 9728 §5.1). */
export interface Challenge {
  readonly scheme: string;
  readonly error: string | undefined;
  readonly scope: string | undefined;
  readonly metadata: string | undefined;
}

export function readChallenge(headers: Headers): Challenge {
  const text = headers.get('www-authenticate') ?? '';
  const of = (name: string): string | undefined => new RegExp(`(?:^|[ ,])${name}="([^"]*)"`, 'i').exec(text)?.[1];
  return {
    scheme: text.split(' ', 1)[0]?.toLowerCase() ?? '',
    ...{ error: of('error'), scope: of('scope'), metadata: of('resource_metadata') },
  };
}

/** MCP 2026-07-28, "Authorization Server Location": where the challenge says, else below the path, else at the root. */
export async function discoverResource(server: string, challenge: Challenge): Promise<ProtectedResource> {
  const { origin, pathname } = new URL(server);
  const known = '/.well-known/oauth-protected-resource';
  const path = pathname === '/' ? [] : [`${origin}${known}${pathname}`];
  const places = challenge.metadata === undefined ? [...path, `${origin}${known}`] : [challenge.metadata];
  requireNamedBy(challenge.metadata, server);
  for (const place of places) {
    const { status, body } = await askOutside(place);
    if (status !== 200 || body === undefined) continue;
    const [resource, issuer] = [textOf(body, 'resource'), textsOf(body, 'authorization_servers')?.[0]];
    if (resource === undefined || issuer === undefined)
      throw new ObtainError('the server names no authorization server');
    // RFC 9728 §3.3: metadata of somebody else would send our proof to whoever that is.
    if (!covers(resource, server)) throw new ObtainError('the metadata is that of another resource');
    requireNamedBy(issuer, server);
    return { resource, issuer, scopes: textsOf(body, 'scopes_supported') };
  }
  if (challenge.metadata !== undefined)
    throw new ObtainError('the server does not say where its authorization server is');
  return { resource: server, issuer: origin, scopes: undefined, old: true };
}

function covers(resource: string, server: string): boolean {
  if (!URL.canParse(resource)) return false;
  const [outer, inner] = [new URL(resource), new URL(server)];
  const path = outer.pathname.replace(/\/$/, '');
  return outer.origin === inner.origin && (inner.pathname === path || inner.pathname.startsWith(`${path}/`));
}

/** RFC 8414 §3 and OpenID Connect Discovery §4, in the order of MCP 2026-07-28. The issuer has to be the very same text. */
export async function discoverServer({ issuer, old }: ProtectedResource): Promise<AuthorizationServer> {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const places = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
    ...(path === '' ? [] : [`${origin}${path}/.well-known/openid-configuration`]),
  ];
  for (const place of places) {
    const { status, body } = await askOutside(place);
    if (status !== 200 || body === undefined) continue;
    if (textOf(body, 'issuer') !== issuer)
      throw new ObtainError('the authorization server calls itself by another name');
    const tokenEndpoint = textOf(body, 'token_endpoint');
    if (tokenEndpoint === undefined) throw new ObtainError('the authorization server issues no tokens');
    const endpoints = ['authorization_endpoint', 'token_endpoint', 'registration_endpoint', 'revocation_endpoint'];
    for (const name of endpoints) requireNamedBy(textOf(body, name), issuer);
    return {
      ...{ issuer, tokenEndpoint },
      authorizationEndpoint: textOf(body, 'authorization_endpoint'),
      registrationEndpoint: textOf(body, 'registration_endpoint'),
      revocationEndpoint: textOf(body, 'revocation_endpoint'),
      methods: textsOf(body, 'token_endpoint_auth_methods_supported') ?? ['client_secret_basic'],
      challengeMethods: textsOf(body, 'code_challenge_methods_supported'),
      scopes: textsOf(body, 'scopes_supported'),
      takesMetadataDocuments: body.client_id_metadata_document_supported === true,
      saysIssuer: body.authorization_response_iss_parameter_supported === true,
      dpop: textsOf(body, 'dpop_signing_alg_values_supported'),
    };
  }
  if (old) return undescribed(issuer);
  throw new ObtainError('the authorization server does not describe itself');
}

/** MCP 2025-03-26, "Fallbacks for Servers without Metadata Discovery": paths that everybody knows. */
function undescribed(origin: string): AuthorizationServer {
  return {
    issuer: origin,
    authorizationEndpoint: `${origin}/authorize`,
    tokenEndpoint: `${origin}/token`,
    registrationEndpoint: `${origin}/register`,
    revocationEndpoint: undefined,
    methods: ['none', 'client_secret_basic', 'client_secret_post'],
    challengeMethods: ['S256'],
    scopes: undefined,
    takesMetadataDocuments: false,
    saysIssuer: false,
    dpop: undefined,
  };
}
