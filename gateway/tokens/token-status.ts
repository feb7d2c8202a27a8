import type { Exchange } from '../transports/http/router.ts';
import { authenticateClient, wrongClient } from './client-auth.ts';
import { readForm } from './form.ts';
import type { TokenEndpointPorts } from './token-endpoint.ts';

/** `POST /oauth/introspect` (RFC 7662). An agent learns about its own tokens, and of others only that they are not active. */
export async function introspect(exchange: Exchange, ports: TokenEndpointPorts): Promise<object> {
  const form = await readForm(exchange);
  const client = await authenticateClient(form, exchange.headers, ports);
  if (client.kind === 'public') throw wrongClient();
  const read = await ports.access.read(form.required('token'), ports.resources.isOurs);
  if (!read.ok || read.value.agent !== client.agent.id || read.value.expiresAt <= ports.now()) return { active: false };
  const { claims, jkt, scope, clientId, subject, audience, jti, expiresAt, issuedAt, task } = read.value;
  const act = claims.members.get('act');
  return {
    ...{ active: true, client_id: clientId, sub: subject, aud: audience, jti, iss: ports.issuer() },
    ...{ scope: scope.join(' '), exp: Math.floor(expiresAt / 1000), iat: Math.floor(issuedAt / 1000) },
    token_type: jkt === undefined ? 'Bearer' : 'DPoP',
    ...(jkt === undefined ? {} : { cnf: { jkt } }),
    ...(task === undefined ? {} : { task_id: task }),
    ...(act === undefined ? {} : { act: actPlain(read.value.actors) }),
  };
}

function actPlain([first, ...rest]: readonly string[]): object | undefined {
  if (first === undefined) return undefined;
  const inner = actPlain(rest);
  return { sub: first, ...(inner === undefined ? {} : { act: inner }) };
}

/**
 * `POST /oauth/revoke` (RFC 7009). The answer is the same whether there was such a token (§2.2); only its own client can
 * end it, by name and not by text, so that no other spelling of it lives on (D-8).
 */
export async function revoke(exchange: Exchange, ports: TokenEndpointPorts): Promise<object> {
  const form = await readForm(exchange);
  const client = await authenticateClient(form, exchange.headers, ports);
  const token = form.required('token');
  await ports.refreshTokens.revoke(token, client.clientId);
  const read = await ports.access.read(token, ports.resources.isOurs);
  if (!read.ok) return {};
  const { agent, clientId, jti } = read.value;
  const own = client.kind === 'agent' ? agent === client.agent.id : clientId === client.clientId;
  if (own) await ports.tokenIssuer.revoke(jti);
  return {};
}
