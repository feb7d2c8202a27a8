import type { PeopleConfig } from './config.ts';
import type { SignedIn } from './role.ts';

/** Claims of an ID token that was validated (OpenID Connect Core §2). */
export interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly [name: string]: unknown;
}

/**
 * Whom the claims name. Throws where they name nobody who can be known by it: an address that the provider does not say it
 * verified (§5.7) is whatever its owner typed, also where it says nothing.
 */
export function signedIn(
  claims: Claims,
  { nameClaim, groupsClaim }: Pick<PeopleConfig, 'nameClaim' | 'groupsClaim'>,
): SignedIn {
  const name = claims[nameClaim];
  if (typeof name !== 'string' || name === '' || name.length > 256)
    throw new Error(`the provider does not say \`${nameClaim}\``);
  if (nameClaim === 'email' && claims.email_verified !== true)
    throw new Error(
      'the provider does not say that the address was verified; `people.nameClaim` can name another claim',
    );
  const groups = claims[groupsClaim];
  return {
    name,
    groups: Array.isArray(groups) ? groups.filter(group => typeof group === 'string') : [],
    issuer: claims.iss,
    subject: claims.sub,
  };
}
