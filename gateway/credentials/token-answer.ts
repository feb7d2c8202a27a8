import type { Instant } from '@sallyport/core/model/ids.ts';
import { type Checked, passed } from '@sallyport/core/model/refusal.ts';
import { type Answer, issuerFault } from './issuer.ts';

export interface Tokens {
  readonly accessToken: string;
  readonly expiresAt: Instant | undefined;
  readonly refreshToken: string | undefined;
}

/** Codes of RFC 6749 §5.2 after which only a person can help. */
const signInAgain = new Set([
  'invalid_grant',
  'unauthorized_client',
  'access_denied',
  'consent_required',
  'login_required',
]);

/** A token endpoint's answer (RFC 6749 §5.1, §5.2). Anything but a bearer token is no token. */
export function tokensOf(what: string, { status, body }: Answer, now: Instant): Checked<Tokens> {
  const error = typeof body.error === 'string' && /^[a-z_]{1,64}$/.test(body.error) ? body.error : undefined;
  if (status !== 200) return issuerFault(what, `its issuer refused with ${error ?? `HTTP ${status}`}`);
  const { access_token: accessToken, expires_in: seconds, token_type: type, refresh_token: refreshToken } = body;
  if (typeof accessToken !== 'string' || !/^[!-~]{1,16384}$/.test(accessToken))
    return issuerFault(what, 'its issuer answered without a token that a header can carry');
  if (typeof type !== 'string' || !/^(?:bearer|n_a)$/i.test(type))
    return issuerFault(what, 'its issuer answered with a token of a type that is not bearer');
  return passed({
    accessToken,
    expiresAt: typeof seconds === 'number' && seconds > 0 ? now + Math.floor(seconds) * 1000 : undefined,
    refreshToken: typeof refreshToken === 'string' && refreshToken !== '' ? refreshToken : undefined,
  });
}

export function needsPerson({ status, body }: Answer): boolean {
  return (status === 400 || status === 401) && typeof body.error === 'string' && signInAgain.has(body.error);
}
