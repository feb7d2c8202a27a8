import { askOutside, ObtainError, textOf } from './outside-json.ts';

export interface IdentityProvider {
  readonly tokenEndpoint: string;
  readonly clientId: string;
  /** The person's ID token, as the provider gave it at their sign-in. */
  readonly idToken: string;
}

/** An identity assertion for one authorization server and resource (ID-JAG §4.3, RFC 8693). */
export async function fetchIdJag(provider: IdentityProvider, audience: string, resource: string): Promise<string> {
  const type = 'urn:ietf:params:oauth:token-type:id-jag';
  const form = new URLSearchParams({
    ...{
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      requested_token_type: type,
      audience,
      resource,
    },
    ...{ subject_token: provider.idToken, subject_token_type: 'urn:ietf:params:oauth:token-type:id_token' },
    client_id: provider.clientId,
  });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await askOutside(provider.tokenEndpoint, { method: 'POST', headers, body: form.toString() });
  const assertion = textOf(answer.body, 'access_token');
  if (answer.status === 200 && assertion !== undefined && textOf(answer.body, 'issued_token_type') === type)
    return assertion;
  throw new ObtainError('the identity provider gave no assertion');
}
