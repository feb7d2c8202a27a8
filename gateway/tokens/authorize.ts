import type { Parameters } from './form.ts';
import { OAuthFault } from './oauth-fault.ts';
import { mayReturnTo, type PeopleClient, type PeopleClients } from './people-clients.ts';
import { askedScopes, type Resources } from './resources.ts';

/** A request for a code (RFC 6749 §4.1.1) that holds. */
export interface AuthorizationRequest {
  readonly client: PeopleClient;
  readonly redirectUri: string;
  readonly state: string | undefined;
  readonly challenge: string;
  readonly resource: string;
  readonly scope: readonly string[];
}

/** A fault that may be told to the client: its address was checked. */
export class ReturnedFault extends OAuthFault {
  readonly redirectUri: string;
  readonly state: string | undefined;
  constructor(fault: OAuthFault, redirectUri: string, state: string | undefined) {
    super(fault.code, fault.message);
    this.redirectUri = redirectUri;
    this.state = state;
  }
}

/**
 * The client and its address come first: until both hold nothing is sent anywhere (RFC 6749 §4.1.2.1). PKCE with S256 is
 * required of everybody (RFC 9700 §2.1.1).
 */
export async function readAuthorization(
  parameters: Parameters,
  clients: PeopleClients,
  resources: Resources,
): Promise<AuthorizationRequest> {
  const client = await clients.find(parameters.required('client_id'));
  const redirectUri = parameters.required('redirect_uri');
  if (!mayReturnTo(client, redirectUri))
    throw new OAuthFault('invalid_request', '`redirect_uri` is none that this client registered');
  const state = parameters.get('state');
  try {
    if (parameters.get('request') !== undefined || parameters.get('request_uri') !== undefined)
      throw new OAuthFault('invalid_request', 'request objects are not taken');
    if (parameters.required('response_type') !== 'code')
      throw new OAuthFault('unsupported_response_type', 'only `code` is offered');
    if ((parameters.get('response_mode') ?? 'query') !== 'query')
      throw new OAuthFault('invalid_request', 'only `response_mode` query is offered');
    if (parameters.required('code_challenge_method') !== 'S256')
      throw new OAuthFault('invalid_request', '`code_challenge_method` must be S256');
    const challenge = parameters.required('code_challenge');
    if (!/^[A-Za-z0-9_-]{43}$/.test(challenge)) throw new OAuthFault('invalid_request', '`code_challenge` is none');
    const resource = client.agent === undefined ? 'api' : resources.asked(parameters.get('resource'));
    const scope = client.agent === undefined ? [] : askedScopes(parameters.get('scope'));
    return { client, redirectUri, state, challenge, resource, scope };
  } catch (thrown) {
    throw thrown instanceof OAuthFault ? new ReturnedFault(thrown, redirectUri, state) : thrown;
  }
}

/** RFC 9207 §2: every answer names who gave it, so that no other server's can be taken for it. */
export function returnAddress(
  redirectUri: string,
  issuer: string,
  members: Readonly<Record<string, string | undefined>>,
): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries({ ...members, iss: issuer }))
    if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}
