import { signatureAlgorithms } from '@sallyport/core/identity/algorithm.ts';
import { dpopAlgorithms } from '@sallyport/core/identity/dpop.ts';
import { scopes } from './resources.ts';

export const grantTypes = {
  code: 'authorization_code',
  refresh: 'refresh_token',
  client: 'client_credentials',
  assertion: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  exchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
} as const;

const methods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'];

/** RFC 8414 §2, with what OpenID Connect Discovery §3 adds for clients that look there. */
export function serverMetadata(issuer: string, signsPeopleIn: boolean): object {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    revocation_endpoint: `${issuer}/revoke`,
    introspection_endpoint: `${issuer}/introspect`,
    scopes_supported: scopes,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: Object.values(grantTypes),
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none', ...methods],
    token_endpoint_auth_signing_alg_values_supported: signatureAlgorithms,
    revocation_endpoint_auth_methods_supported: ['none', ...methods],
    introspection_endpoint_auth_methods_supported: methods,
    dpop_signing_alg_values_supported: dpopAlgorithms,
    authorization_response_iss_parameter_supported: true,
    client_id_metadata_document_supported: true,
    authorization_grant_profiles_supported: ['urn:ietf:params:oauth:grant-profile:id-jag'],
    authorization_details_types_supported: ['agent_task'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
    sallyport_signs_people_in: signsPeopleIn,
  };
}

/** RFC 9728 §2. Given for any name of a server, so that nobody learns here which there are. */
export function resourceMetadata(resource: string, issuer: string, server: string | undefined): object {
  return {
    resource,
    authorization_servers: [issuer],
    scopes_supported: scopes,
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: dpopAlgorithms,
    authorization_details_types_supported: ['agent_task'],
    resource_name: server === undefined ? 'Sallyport' : `${server} through Sallyport`,
  };
}
