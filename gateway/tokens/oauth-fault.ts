import type { ProofFault } from '@sallyport/core/identity/fault.ts';

/** Error codes of RFC 6749 §5.2, RFC 8707 §2, RFC 9449 §5 and RFC 9396 §5. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_type'
  | 'invalid_scope'
  | 'invalid_target'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce'
  | 'invalid_authorization_details'
  | 'unsupported_token_type'
  | 'access_denied'
  | 'server_error'
  | 'temporarily_unavailable';

/**
 * A refused request of the authorization server. What the client is told names the parameter; why a proof did not hold
 * is for the record alone (D-12).
 */
export class OAuthFault extends Error {
  override readonly name = 'OAuthFault';
  readonly code: OAuthErrorCode;
  readonly inside: ProofFault | undefined;

  constructor(code: OAuthErrorCode, description: string, inside?: ProofFault) {
    super(description);
    this.code = code;
    this.inside = inside;
  }

  get status(): number {
    if (this.code === 'invalid_client') return 401;
    return this.code === 'server_error' ? 500 : this.code === 'temporarily_unavailable' ? 503 : 400;
  }
}
