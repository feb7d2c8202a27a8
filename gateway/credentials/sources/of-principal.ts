import type { PrincipalId } from '@sallyport/core/model/ids.ts';
import { type Checked, passed, refused } from '@sallyport/core/model/refusal.ts';
import { ObtainError } from '../../obtain/outside-json.ts';
import type { OAuthAccess } from '../oauth-client.ts';
import type { RefreshRecord } from '../refresh-tokens.ts';
import { createSharedTokens, type SharedTokens, type TokenOfPrincipal } from '../shared-tokens.ts';
import type { Minted, Wanted } from '../source.ts';
import { type OAuthConfig, type OAuthPorts, type OAuthRequests, wishOf } from './oauth-request.ts';

/** A token with less life than this is not handed to another task. */
const lastingMillisMin = 20_000;

/** Codes of RFC 6749 §5.2 after which only a person can help. */
const signInAgain = new Set([
  ...['invalid_grant', 'invalid_client', 'unauthorized_client', 'access_denied'],
  ...['consent_required', 'interaction_required', 'login_required'],
]);

/** Access tokens of principals, by the refresh tokens that they left here. */
export interface PrincipalTokens {
  readonly mint: (want: Wanted, signal: AbortSignal) => Promise<Checked<Minted>>;
  /** One token serves several tasks. */
  readonly shared: Pick<SharedTokens, 'leave' | 'take' | 'drop'>;
  /** Before the issuer hears of its end: after a crash in between, what comes of it is still understood. */
  readonly trying: (token: TokenOfPrincipal) => Promise<void>;
}

export function createPrincipalTokens(
  config: OAuthConfig,
  { now, client, tokens, needed, effects }: OAuthPorts,
  requests: OAuthRequests,
): PrincipalTokens {
  const { name } = config;
  const shared = createSharedTokens();

  /** One refresh at a time for each principal: a rotated refresh token works once (RFC 9700 §4.14.2). */
  function mint(want: Wanted, signal: AbortSignal): Promise<Checked<Minted>> {
    const principal = principalFor(want);
    return tokens.inTurn(name, principal, async () => {
      const kept = tokens.read(name, principal);
      if (kept === undefined) return signIn(principal, 'nobody has signed in for it yet');
      const there = shared.find(want);
      const same = there?.signedInAt === kept.signedInAt;
      if (there !== undefined && same && (there.expiresAt ?? 0) - now() > lastingMillisMin)
        return passed(shared.lend(want, there));
      const hopeless = needed.hopeless(kept);
      if (hopeless !== undefined) return signIn(principal, hopeless);
      const found = await client.find(signal);
      if (!found.ok) return found;
      const { server, client: self } = found.value;
      if (kept.issuer !== server.issuer || kept.clientId !== self.clientId)
        return signIn(principal, 'its server names another authorization server than before');
      const got = await refreshed(kept, found.value);
      if (!got.ok) return got;
      return passed(shared.lend(want, { ...got.value, principal, signedInAt: kept.signedInAt }));
    });
  }

  async function refreshed(kept: RefreshRecord, access: OAuthAccess): Promise<Checked<Minted>> {
    const { resource } = wishOf(config, access);
    const members = { grant_type: 'refresh_token', refresh_token: kept.refreshToken, scope: kept.scope, resource };
    let newest = kept;
    const onRefreshToken = (refreshToken: string): void => {
      if (refreshToken === kept.refreshToken) return;
      newest = { ...kept, refreshToken };
      tokens.replace(name, newest);
    };
    const { tried } = kept;
    try {
      const minted = await requests.ask(access, members, { onRefreshToken });
      if (tried) {
        const { tried: _, ...rest } = newest;
        tokens.replace(name, rest);
        effects.learn(name, kept.issuer, 'token');
      }
      needed.issued(kept.principal);
      return passed(minted);
    } catch (thrown) {
      if (!(thrown instanceof ObtainError) || !signInAgain.has(thrown.code ?? '')) throw thrown;
      if (thrown.code === 'invalid_client') client.forget();
      if (thrown.code === 'invalid_grant' && tried) effects.learn(name, kept.issuer, 'sign-in');
      needed.died(kept, thrown.message);
      return signIn(kept.principal, thrown.message);
    }
  }

  function trying({ principal, signedInAt }: TokenOfPrincipal): Promise<void> {
    return tokens.inTurn(name, principal, async () => {
      const kept = tokens.read(name, principal);
      if (kept === undefined || kept.signedInAt !== signedInAt || kept.tried) return;
      if (effects.of(name, kept.issuer) === undefined) tokens.write(name, { ...kept, tried: true });
    });
  }

  /** Where the gateway itself reads a server's lists for nobody in particular, whoever has signed in will do. */
  function principalFor({ principal, action }: Wanted): PrincipalId {
    return principal === '' && action === undefined ? (tokens.signedIn(name)[0]?.principal ?? '') : principal;
  }

  function signIn(principal: PrincipalId, why: string): Checked<never> {
    needed.add(principal, why);
    const who = principal === '' ? 'whoever the tasks run for' : principal;
    const fix = `${who} signs in at ${needed.link()}`;
    return refused({
      code: 'credential-unavailable',
      what: `credential ${name}`,
      why: `it needs a sign-in: ${why}`,
      fix,
    });
  }

  return { mint, shared, trying };
}
