import type { PrincipalId } from '@sallyport/core/model/ids.ts';
import { type Checked, passed, refused } from '@sallyport/core/model/refusal.ts';
import { ObtainError } from '../../obtain/outside-json.ts';
import { revokeAccessToken } from '../../obtain/revoke.ts';
import { type ObtainedToken, requestToken } from '../../obtain/token.ts';
import { orFault } from '../issuer.ts';
import type { OAuthAccess, OAuthClient, OAuthClientAt } from '../oauth-client.ts';
import type { RefreshRecord, RefreshTokens } from '../refresh-tokens.ts';
import type { SignInsNeeded } from '../sign-ins-needed.ts';
import type { CredentialSource, Minted, Wanted } from '../source.ts';

export interface OAuthConfig extends OAuthClient {
  readonly name: string;
  /** `client`: the gateway's own authority. `principal`: each principal's, by the refresh token that they left here. */
  readonly per: 'client' | 'principal';
  /** Undefined: what the server says it needs. */
  readonly scope: string | undefined;
  /** RFC 8707. Undefined: what the server calls itself. */
  readonly resource: string | undefined;
  readonly secondsMax: number | undefined;
  /** Whether tokens are ended at the issuer with their task. RFC 7009 §2.1 lets that end the whole sign-in as well. */
  readonly revoke: boolean;
}

export interface OAuthPorts {
  readonly now: () => number;
  readonly client: OAuthClientAt;
  readonly tokens: RefreshTokens;
  readonly needed: SignInsNeeded;
}

/** A token with less life than this is not handed to another task. */
const lastingMillisMin = 20_000;

/** Codes of RFC 6749 §5.2 after which only a person can help. */
const signInAgain = new Set([
  ...['invalid_grant', 'invalid_client', 'unauthorized_client', 'access_denied'],
  ...['consent_required', 'interaction_required', 'login_required'],
]);

/** An upstream's own authorization server: client credentials (RFC 6749 §4.4), or a principal's refresh token (§6). */
export function oauthSource(config: OAuthConfig, { now, client, tokens, needed }: OAuthPorts): CredentialSource {
  const { name, per, secondsMax } = config;
  const what = `credential ${name}`;
  let failing: string | undefined;
  /** What is not ended with its task serves all tasks of its principal while it lasts: one refresh, not one a task. */
  const lasting = new Map<PrincipalId, Minted & Pick<RefreshRecord, 'signedInAt'>>();

  async function byClient(signal: AbortSignal): Promise<Checked<Minted>> {
    const found = await client.find(signal);
    if (!found.ok) return found;
    const { scope, resource } = wishOf(config, found.value);
    return passed(await ask(found.value, { grant_type: 'client_credentials', scope, resource }, signal));
  }

  /** One refresh at a time for each principal: a rotated refresh token works once (RFC 9700 §4.14.2). */
  function byPrincipal(principal: PrincipalId, signal: AbortSignal): Promise<Checked<Minted>> {
    return tokens.inTurn(name, principal, async () => {
      const kept = tokens.read(name, principal);
      if (kept === undefined) return signIn(principal, 'nobody has signed in for it yet');
      const lasts = lasting.get(principal);
      const same = lasts?.signedInAt === kept.signedInAt;
      if (lasts !== undefined && same && (lasts.expiresAt ?? 0) - now() > lastingMillisMin) return passed(lasts);
      lasting.delete(principal);
      const hopeless = needed.hopeless(kept);
      if (hopeless !== undefined) return signIn(principal, hopeless);
      const found = await client.find(signal);
      if (!found.ok) return found;
      const { server, client: self } = found.value;
      if (kept.issuer !== server.issuer || kept.clientId !== self.clientId)
        return signIn(principal, 'its server names another authorization server than before');
      return await refreshed(kept, found.value, signal);
    });
  }

  async function refreshed(kept: RefreshRecord, access: OAuthAccess, signal: AbortSignal): Promise<Checked<Minted>> {
    const { resource } = wishOf(config, access);
    const members = { grant_type: 'refresh_token', refresh_token: kept.refreshToken, scope: kept.scope, resource };
    // Before anything is done with the new one: the old one may be dead already.
    const rotate = ({ refreshToken = kept.refreshToken }: ObtainedToken): void => {
      if (refreshToken !== kept.refreshToken) tokens.write(name, { ...kept, refreshToken });
    };
    try {
      const minted = await ask(access, members, signal, rotate);
      needed.issued(kept.principal);
      if (!minted.revocable) lasting.set(kept.principal, { ...minted, signedInAt: kept.signedInAt });
      return passed(minted);
    } catch (thrown) {
      if (!(thrown instanceof ObtainError) || !signInAgain.has(thrown.code ?? '')) throw thrown;
      if (thrown.code === 'invalid_client') client.forget();
      needed.died(kept, thrown.message);
      return signIn(kept.principal, thrown.message);
    }
  }

  async function ask(
    { server, client: self, settings }: OAuthAccess,
    members: Readonly<Record<string, string | undefined>>,
    signal: AbortSignal,
    keep: (got: ObtainedToken) => void = () => {},
  ): Promise<Minted> {
    const got = await requestToken({ server, client: self, settings, members, dpop: undefined, signal });
    keep(got);
    const { token: secret, expiresSeconds } = got;
    const expiresAt = expiresSeconds === undefined ? undefined : now() + expiresSeconds * 1000;
    return { secret, expiresAt, revocable: config.revoke && server.revocationEndpoint !== undefined };
  }

  /** Where the gateway itself reads a server's lists for nobody in particular, whoever has signed in will do. */
  function principalFor({ principal, action }: Wanted): PrincipalId {
    return principal === '' && action === undefined ? (tokens.signedIn(name)[0]?.principal ?? '') : principal;
  }

  function signIn(principal: PrincipalId, why: string): Checked<never> {
    needed.add(principal, why);
    const who = principal === '' ? 'whoever the tasks run for' : principal;
    const fix = `${who} signs in at ${needed.link()}`;
    return refused({ code: 'credential-unavailable', what, why: `it needs a sign-in: ${why}`, fix });
  }

  return {
    ...{ name, kind: 'oauth', secondsMax },
    sharedBy: per === 'client' ? 'all' : 'principal',
    scopeOf: () => passed(config.scope ?? ''),
    mint: async (want, signal) => {
      const minted = await orFault(what, () =>
        per === 'client' ? byClient(signal) : byPrincipal(principalFor(want), signal),
      );
      failing = minted.ok ? undefined : minted.refusal.why;
      return minted;
    },
    revoke: async (_lease, secret, signal) => {
      if (secret === undefined || !config.revoke) return false;
      const found = await orFault(what, () => client.find(signal));
      if (!found.ok) return false;
      const { server, client: self, settings } = found.value;
      return await revokeAccessToken(secret, { server, client: self, settings, signal });
    },
    ...(per === 'client' ? {} : { signedIn: () => tokens.signedIn(name) }),
    turnedAway: (principal, how) => {
      lasting.delete(principal);
      if (per === 'principal') needed.turnedAway(principal, how);
      else failing = `its server turned its token away (HTTP ${how.status})`;
    },
    state: () => needed.state() ?? (failing === undefined ? { state: 'ready' } : { state: 'failing', why: failing }),
  };
}

/** What is asked for: what the operator wrote, else what the server says that it needs. */
export function wishOf(
  { scope, resource }: Pick<OAuthConfig, 'scope' | 'resource'>,
  access: OAuthAccess,
): { readonly scope: string | undefined; readonly resource: string | undefined } {
  return { scope: scope ?? access.scope, resource: resource ?? access.resource };
}
