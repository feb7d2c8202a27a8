import { verifyDpop } from '@sallyport/core/identity/dpop.ts';
import type { Instant } from '@sallyport/core/model/ids.ts';
import type { OpenedSession } from '../api/control.ts';
import { verifySignature } from '../identity/verify.ts';
import type { Exchange } from '../transports/http/router.ts';
import { authenticateClient } from './client-auth.ts';
import type { DpopNonces } from './dpop-nonces.ts';
import { readForm } from './form.ts';
import type { GrantedToken } from './grant.ts';
import type { GrantPorts } from './grant-type.ts';
import { grants } from './grants.ts';
import type { IssuedToken } from './issuer.ts';
import { OAuthFault } from './oauth-fault.ts';

export interface TokenEndpointPorts extends GrantPorts {
  readonly nonces: DpopNonces;
  readonly sha256: (text: string) => string;
  readonly addressesOf: (at: { readonly host: string; readonly path: string }) => readonly string[];
}

/** `POST /oauth/token` (RFC 6749 §3.2): which grant, with which key, from whom; then what it comes to. */
export async function tokenEndpoint(exchange: Exchange, ports: TokenEndpointPorts): Promise<object> {
  const form = await readForm(exchange);
  const grant = grants.get(form.required('grant_type'));
  if (grant === undefined) throw new OAuthFault('unsupported_grant_type', 'this grant type is not offered');
  const jkt = await keyShown(exchange, ports);
  const client = await authenticateClient(form, exchange.headers, ports);
  const granted = await grant({ form, client, jkt }, ports);
  if ('session' in granted) return sessionResponse(granted.session, ports.now());
  const issued = await ports.tokenIssuer.issueToken(granted.order);
  return response(granted, issued, await refreshToken(granted, jkt, ports), ports.now());
}

/** The key that a DPoP proof shows; undefined where none came. A proof that does not hold is not passed over. */
async function keyShown({ headers, method, path }: Exchange, ports: TokenEndpointPorts): Promise<string | undefined> {
  const proof = headers.get('dpop');
  if (proof === undefined) return undefined;
  const urls = ports.addressesOf({ host: headers.get('host')?.toLowerCase() ?? '', path });
  const shown = await verifyDpop(
    proof,
    { method, urls, token: undefined },
    {
      ...{ now: ports.now, verify: verifySignature, sha256: ports.sha256 },
      ...{ nonceCounts: ports.nonces.counts, use: ports.nonces.use },
    },
  );
  if (shown.ok) return shown.value;
  if (shown.fault.reason === 'nonce')
    throw new OAuthFault('use_dpop_nonce', 'the proof has to hold the nonce that comes with this answer');
  throw new OAuthFault('invalid_dpop_proof', 'the DPoP proof does not hold', shown.fault);
}

async function refreshToken(
  { order, refresh }: GrantedToken,
  jkt: string | undefined,
  ports: TokenEndpointPorts,
): Promise<string | undefined> {
  if (refresh === undefined || order.family === undefined) return undefined;
  return ports.refreshTokens.issue(refresh, order.family, jkt);
}

function response(granted: GrantedToken, issued: IssuedToken, refresh: string | undefined, now: Instant): object {
  const { order, issuedTokenType, members } = granted;
  return {
    access_token: issued.token,
    token_type: order.cnf === undefined ? 'Bearer' : 'DPoP',
    expires_in: Math.max(0, Math.floor((issued.expiresAt - now) / 1000)),
    scope: order.scope?.join(' ') ?? '',
    ...(refresh === undefined ? {} : { refresh_token: refresh }),
    ...(issuedTokenType === undefined ? {} : { issued_token_type: issuedTokenType }),
    ...members,
  };
}

/** A person's session is no access token: it is opaque, ends with the gateway, and is good for the control API alone. */
function sessionResponse({ token, role, expiresAt }: OpenedSession, now: Instant): object {
  const seconds = Math.floor((expiresAt - now) / 1000);
  return { access_token: token, token_type: 'Bearer', expires_in: seconds, scope: `role:${role}` };
}
