import { requestToken, type TokenRequest } from '../../obtain/token.ts';
import type { OAuthAccess, OAuthClient, OAuthClientAt } from '../oauth-client.ts';
import type { RefreshTokens } from '../refresh-tokens.ts';
import type { RevocationEffects } from '../revocation-effects.ts';
import type { SignInsNeeded } from '../sign-ins-needed.ts';
import { answerMillisMax, type Minted } from '../source.ts';

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

/** Access tokens of one credential's authorization server, whoever they are for. */
export interface OAuthRequests {
  readonly ask: (
    access: OAuthAccess,
    members: Readonly<Record<string, string | undefined>>,
    how: Pick<TokenRequest, 'signal' | 'onRefreshToken'>,
  ) => Promise<Minted>;
  /** Whether this server's tokens are ended there with their task. */
  readonly isEnded: (server: OAuthAccess['server']) => boolean;
  /** Whether a token was let be, as of the last that was looked at, since a whole sign-in would end with it. */
  readonly endsSignIns: () => boolean;
}

export function createOAuthRequests(
  config: OAuthConfig,
  { now, effects }: Pick<OAuthPorts, 'now' | 'effects'>,
): OAuthRequests {
  let endsSignIns = false;

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

  function isEnded({ issuer }: OAuthAccess['server']): boolean {
    endsSignIns = config.revoke === undefined && effects.of(config.name, issuer) === 'sign-in';
    return config.revoke ?? !endsSignIns;
  }

  return { ask, isEnded, endsSignIns: () => endsSignIns };
}

/** What is asked for: what the operator wrote, else what the server says that it needs. */
export function wishOf(
  { scope, resource }: Pick<OAuthConfig, 'scope' | 'resource'>,
  access: OAuthAccess,
): { readonly scope: string | undefined; readonly resource: string | undefined } {
  return { scope: scope ?? access.scope, resource: resource ?? access.resource };
}
