import type { AuthorizationServer } from './discover.ts';
import { ObtainError } from './outside-json.ts';
import { askAsClient, type TokenRequest } from './token.ts';

/** RFC 7009. `revoked` only after an answer of 200: nothing else makes it certain. */
export async function revokeAccessToken(
  token: string,
  request: Omit<TokenRequest, 'members' | 'dpop'> & { readonly server: AuthorizationServer },
): Promise<'revoked' | 'failed' | 'impossible'> {
  const { revocationEndpoint } = request.server;
  if (revocationEndpoint === undefined) return 'impossible';
  const members = { token, token_type_hint: 'access_token' };
  try {
    return (await askAsClient(revocationEndpoint, { ...request, members })).status === 200 ? 'revoked' : 'failed';
  } catch (thrown) {
    if (thrown instanceof ObtainError) return 'failed';
    throw thrown;
  }
}
