import type { LeaseId, PrincipalId } from '@sallyport/core/model/ids.ts';
import { type Checked, passed, refused } from '@sallyport/core/model/refusal.ts';
import { ObtainError } from '../../obtain/outside-json.ts';
import { revokeAccessToken } from '../../obtain/revoke.ts';
import { requestToken, type TokenRequest } from '../../obtain/token.ts';
import { orFault } from '../issuer.ts';
import type { OAuthAccess, OAuthClient, OAuthClientAt } from '../oauth-client.ts';
import type { RefreshRecord, RefreshTokens } from '../refresh-tokens.ts';
import type { RevocationEffects } from '../revocation-effects.ts';
import { createSharedTokens, type TokenOfPrincipal } from '../shared-tokens.ts';
import type { SignInsNeeded } from '../sign-ins-needed.ts';
import { answerMillisMax, type CredentialSource, type Minted, type Revocation, type Wanted } from '../source.ts';

export interface OAuthConfig extends OAuthClient {
  readonly name: string;
  /** `client`: the gateway's own authority. `principal`: each principal's, by the refresh token that they left here. */
  readonly per: 'client' | 'principal';
  /** Undefined: what the server says it needs. */
  readonly scope: string | undefined;
  /** RFC 8707. Undefined: what the server calls itself. */
  readonly resource: string | undefined;
  readonly secondsMax: number | undefined;
  /**
   * Whether tokens are ended at the issuer with their task. Undefined: until it turns out that the whole sign-in ends with
   * one of them.
   */
  readonly revoke: boolean | undefined;
}

export interface OAuthPorts {
  readonly now: () => number;
  readonly client: OAuthClientAt;
  readonly tokens: RefreshTokens;
  readonly needed: SignInsNeeded;
  readonly effects: RevocationEffects;
}

/** A token with less life than this is not handed to another task. */
const lastingMillisMin = 20_000;

const endsSignInsNote =
  'its issuer ends a whole sign-in with one token, so tokens live until their own end; `revoke: true` ends them all the same';

/** Codes of RFC 6749 §5.2 after which only a person can help. */
const signInAgain = new Set([
  ...['invalid_grant', 'invalid_client', 'unauthorized_client', 'access_denied'],
  ...['consent_required', 'interaction_required', 'login_required'],
]);

/** An upstream's own authorization server: client credentials (RFC 6749 §4.4), or a principal's refresh token (§6). */
export function oauthSource(
  config: OAuthConfig,
  { now, client, tokens, needed, effects }: OAuthPorts,
): CredentialSource {
  const { name, per, secondsMax } = config;
  const what = `credential ${name}`;
  let failing: string | undefined;
  const shared = createSharedTokens();
  let endsSignIns = false;

  async function byClient(signal: AbortSignal): Promise<Checked<Minted>> {
    const found = await client.find(signal);
    if (!found.ok) return found;
    const { scope, resource } = wishOf(config, found.value);
    return passed(await ask(found.value, { grant_type: 'client_credentials', scope, resource }, { signal }));
  }

  /** One refresh at a time for each principal: a rotated refresh token works once (RFC 9700 §4.14.2). */
  function byPrincipal(want: Wanted, signal: AbortSignal): Promise<Checked<Minted>> {
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
      const minted = await ask(access, members, { onRefreshToken });
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

  async function ask(
    { server, client: self, settings }: OAuthAccess,
    members: Readonly<Record<string, string | undefined>>,
    how: Pick<TokenRequest, 'signal' | 'onRefreshToken'>,
  ): Promise<Minted> {
    const request = { server, client: self, settings, members, dpop: undefined, millisMax: answerMillisMax };
    const { token: secret, expiresSeconds } = await requestToken({ ...request, ...how });
    const expiresAt = expiresSeconds === undefined ? undefined : now() + expiresSeconds * 1000;
    return { secret, expiresAt, revocable: isEnded(server) && server.revocationEndpoint !== undefined };
  }

  /** Whether this server's tokens are ended there with their task. */
  function isEnded({ issuer }: OAuthAccess['server']): boolean {
    endsSignIns = config.revoke === undefined && effects.of(name, issuer) === 'sign-in';
    return config.revoke ?? !endsSignIns;
  }

  /** Before the issuer hears of it: after a crash in between, what comes of it is still understood. */
  function trying({ principal, signedInAt }: TokenOfPrincipal): Promise<void> {
    return tokens.inTurn(name, principal, async () => {
      const kept = tokens.read(name, principal);
      if (kept === undefined || kept.signedInAt !== signedInAt || kept.tried) return;
      if (effects.of(name, kept.issuer) === undefined) tokens.write(name, { ...kept, tried: true });
    });
  }

  async function revoke(lease: LeaseId, secret: string, signal: AbortSignal): Promise<Revocation> {
    if (shared.leave(lease, secret)) return 'in-use';
    const found = await orFault(what, () => client.find(signal));
    if (!found.ok) return 'failed';
    // Nothing at a second attempt: that the first was made is written down already.
    const last = shared.take(lease);
    if (!isEnded(found.value.server)) return 'impossible';
    if (last !== undefined) await trying(last);
    const { server, client: self, settings } = found.value;
    return await revokeAccessToken(secret, { server, client: self, settings, signal, millisMax: answerMillisMax });
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
      const minted = await orFault(what, () => (per === 'client' ? byClient(signal) : byPrincipal(want, signal)));
      failing = minted.ok ? undefined : minted.refusal.why;
      return minted;
    },
    revoke: async ({ id }, secret, signal) => (secret === undefined ? 'impossible' : revoke(id, secret, signal)),
    ...(per === 'client' ? {} : { signedIn: () => tokens.signedIn(name) }),
    turnedAway: (principal, how) => {
      shared.drop(principal);
      if (per === 'principal') needed.turnedAway(principal, how);
      else failing = `its server turned its token away (HTTP ${how.status})`;
    },
    state: () => {
      const whole =
        failing === undefined ? ({ state: 'ready' } as const) : ({ state: 'failing', why: failing } as const);
      return needed.state() ?? { ...whole, ...(endsSignIns ? { note: endsSignInsNote } : {}) };
    },
  };
}

/** What is asked for: what the operator wrote, else what the server says that it needs. */
export function wishOf(
  { scope, resource }: Pick<OAuthConfig, 'scope' | 'resource'>,
  access: OAuthAccess,
): { readonly scope: string | undefined; readonly resource: string | undefined } {
  return { scope: scope ?? access.scope, resource: resource ?? access.resource };
}
