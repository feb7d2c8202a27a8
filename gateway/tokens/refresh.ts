import { randomBytes } from 'node:crypto';
import type { Instant } from '@sallyport/core/model/ids.ts';
import { secretHash } from '../secret/secret.ts';
import type { TokenStore } from '../stores/tokens/token-store.ts';
import type { Agreement } from './agreement.ts';
import { type Granted, type GrantRequest, grantedTo } from './grant.ts';
import type { TokenIssuer } from './issuer.ts';
import { OAuthFault } from './oauth-fault.ts';
import { askedScopes } from './resources.ts';

/** Refresh tokens of people's clients: each counts once and is followed by another (RFC 9700 §4.14). */
export interface RefreshTokens {
  readonly issue: (agreement: Agreement, family: string, jkt: string | undefined) => Promise<string>;
  readonly redeem: (request: GrantRequest) => Promise<Granted>;
  /** Ends the sign-in that it came from; whether there was one is not said. */
  readonly revoke: (token: string, clientId: string) => Promise<void>;
}

interface Terms {
  readonly agreement: Agreement;
  readonly jkt: string | undefined;
}

export const refreshSecondsMax = 30 * 86_400;

export function createRefreshTokens(
  store: TokenStore,
  issuer: Pick<TokenIssuer, 'revoke' | 'isRevoked'>,
  now: () => Instant,
): RefreshTokens {
  const until = (): Instant => now() + refreshSecondsMax * 1000;
  return {
    issue: async (agreement, family, jkt) => {
      const token = `rt_${randomBytes(32).toString('base64url')}`;
      const terms = JSON.stringify({ agreement, jkt } satisfies Terms);
      await store.saveRefresh({ hash: secretHash(token), family, terms, until: until() });
      return token;
    },
    redeem: async ({ form, client, jkt }) => {
      const hash = secretHash(form.required('refresh_token'));
      const stored = await store.findRefresh(hash);
      const terms = stored === undefined ? undefined : (JSON.parse(stored.terms) as Terms);
      if (stored === undefined || terms === undefined || client.clientId !== terms.agreement.clientId)
        throw wrongToken();
      if (issuer.isRevoked(stored.family)) throw wrongToken();
      if (terms.jkt !== undefined && terms.jkt !== jkt) throw wrongToken();
      const taken = await store.takeRefresh(hash);
      if (taken === undefined || taken.used) {
        // Used twice: one of the two is a thief, and nobody can tell which.
        await issuer.revoke(stored.family, until());
        throw wrongToken();
      }
      const resource = form.get('resource');
      if (resource !== undefined && resource !== terms.agreement.resource)
        throw new OAuthFault('invalid_target', '`resource` is another than was agreed to');
      const scope = askedScopes(form.get('scope'), terms.agreement.scope);
      return grantedTo({ ...terms.agreement, scope }, stored.family, jkt);
    },
    revoke: async (token, clientId) => {
      const stored = await store.findRefresh(secretHash(token));
      if (stored === undefined || (JSON.parse(stored.terms) as Terms).agreement.clientId !== clientId) return;
      await issuer.revoke(stored.family, until());
    },
  };
}

function wrongToken(): OAuthFault {
  return new OAuthFault('invalid_grant', 'the refresh token is not one that this client can use');
}
