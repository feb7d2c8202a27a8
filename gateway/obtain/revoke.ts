import type { AuthorizationServer } from './discover.ts';
import { ObtainError } from './outside-json.ts';
import { askAsClient, type TokenRequest } from './token.ts';

/** RFC 7009. True if it is certain that the access token works no more: only an answer of 200 says so. */
export async function revokeAccessToken(
  token: string,
  request: Omit<TokenRequest, 'members' | 'dpop'> & { readonly server: AuthorizationServer },
): Promise<boolean> {
  const { revocationEndpoint } = request.server;
  if (revocationEndpoint === undefined) return false;
  const members = { token, token_type_hint: 'access_token' };
  try {
    return (await askAsClient(revocationEndpoint, { ...request, members })).status === 200;
  } catch (thrown) {
    if (thrown instanceof ObtainError) return false;
    throw thrown;
  }
}
