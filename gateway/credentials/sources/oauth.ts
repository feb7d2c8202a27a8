import type { PrincipalId } from '@sallyport/core/model/ids.ts';
import { type Checked, passed, refused } from '@sallyport/core/model/refusal.ts';
import { type Answer, ask, basic, form } from '../issuer.ts';
import type { RefreshTokens } from '../refresh-tokens.ts';
import { readSecret, type SecretPlace } from '../secret-source.ts';
import type { CredentialSource, Minted, SourceState, Wanted } from '../source.ts';
import { needsPerson, type Tokens, tokensOf } from '../token-answer.ts';

export interface OAuthClient {
  readonly tokenUrl: string;
  readonly revocationUrl: string | undefined;
  readonly clientId: string;
  readonly clientSecret: SecretPlace | undefined;
}

export interface OAuthConfig extends OAuthClient {
  readonly name: string;
  /** `client`: the gateway's own authority. `principal`: each principal's, by the refresh token that they left here. */
  readonly per: 'client' | 'principal';
  readonly scope: string | undefined;
  /** RFC 8707. */
  readonly resource: string | undefined;
  readonly secondsMax: number | undefined;
}

export interface OAuthPorts {
  readonly now: () => number;
  readonly tokens: RefreshTokens;
}

/** An upstream's own authorization server: client credentials (RFC 6749 §4.4), or a principal's refresh token (§6). */
export function oauthSource(config: OAuthConfig, { now, tokens }: OAuthPorts): CredentialSource {
  const what = `credential ${config.name}`;
  let failing: string | undefined;
  const waiting = new Set<PrincipalId>();

  async function grant(want: Wanted, signal: AbortSignal): Promise<Checked<Minted>> {
    const minted = config.per === 'client' ? await byClient(signal) : await byPrincipal(want.principal, signal);
    failing = minted.ok ? undefined : minted.refusal.why;
    return minted;
  }

  async function byClient(signal: AbortSignal): Promise<Checked<Minted>> {
    const members = { grant_type: 'client_credentials', scope: config.scope, resource: config.resource };
    const answer = await askToken(what, config, members, signal);
    if (!answer.ok) return answer;
    const got = tokensOf(what, answer.value, now());
    return got.ok ? passed(mintedOf(got.value, config)) : got;
  }

  /** One refresh at a time for each principal: a rotated refresh token works once (RFC 9700 §4.14.2). */
  function byPrincipal(principal: PrincipalId, signal: AbortSignal): Promise<Checked<Minted>> {
    return tokens.inTurn(config.name, principal, async () => {
      const refreshToken = tokens.read(config.name, principal);
      if (refreshToken === undefined) return signIn(principal, 'nobody has signed in for this principal yet');
      const members = {
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        scope: config.scope,
        resource: config.resource,
      };
      const answer = await askToken(what, config, members, signal);
      if (!answer.ok) return answer;
      const got = tokensOf(what, answer.value, now());
      if (!got.ok) return needsPerson(answer.value) ? signIn(principal, got.refusal.why) : got;
      // Before anything is done with the new one: the old one may be dead already.
      if (got.value.refreshToken !== undefined && got.value.refreshToken !== refreshToken)
        tokens.write(config.name, principal, got.value.refreshToken);
      waiting.delete(principal);
      return passed(mintedOf(got.value, config));
    });
  }

  function signIn(principal: PrincipalId, why: string): Checked<never> {
    waiting.add(principal);
    const fix = `${principal} signs in again: sallyport credentials authorize ${config.name} --principal ${principal}`;
    return refused({ code: 'credential-unavailable', what, why: `it needs a new sign-in: ${why}`, fix });
  }

  return {
    name: config.name,
    kind: 'oauth',
    secondsMax: config.secondsMax,
    sharedBy: config.per === 'client' ? 'all' : 'principal',
    scopeOf: () => passed(config.scope ?? ''),
    mint: grant,
    revoke: async (_lease, secret, signal) => secret !== undefined && (await revokeToken(what, config, secret, signal)),
    state: () => stateOf(waiting, failing),
  };
}

function stateOf(waiting: ReadonlySet<PrincipalId>, failing: string | undefined): SourceState {
  if (waiting.size > 0)
    return { state: 'needs-authorization', why: `sign in again: ${[...waiting].sort().join(', ')}` };
  return failing === undefined ? { state: 'ready' } : { state: 'failing', why: failing };
}

function mintedOf({ accessToken, expiresAt }: Tokens, { revocationUrl }: OAuthClient): Minted {
  return { secret: accessToken, expiresAt, revocable: revocationUrl !== undefined };
}

/** The client proves itself by HTTP Basic (RFC 6749 §2.3.1), or is public and only names itself. */
export async function askToken(
  what: string,
  client: OAuthClient,
  members: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<Checked<Answer>> {
  const secret = client.clientSecret === undefined ? undefined : await readSecret(what, client.clientSecret, signal);
  if (secret !== undefined && !secret.ok) return secret;
  const named = secret === undefined ? { client_id: client.clientId } : {};
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    ...(secret === undefined ? {} : { authorization: basic(client.clientId, secret.value) }),
  };
  return await ask(what, {
    method: 'POST',
    url: client.tokenUrl,
    headers,
    body: form({ ...members, ...named }),
    signal,
  });
}

/** RFC 7009. Only an answer of 200 says that it is over. */
export async function revokeToken(
  what: string,
  client: OAuthClient,
  token: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (client.revocationUrl === undefined) return false;
  const members = { token, token_type_hint: 'access_token' };
  const answer = await askToken(what, { ...client, tokenUrl: client.revocationUrl }, members, signal);
  return answer.ok && answer.value.status === 200;
}
