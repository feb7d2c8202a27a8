import { createHash, randomBytes } from 'node:crypto';
import type { PrincipalId } from '@sallyport/core/model/ids.ts';
import type { ApiError, Done } from '../api/control.ts';
import type { CredentialConfig } from './config.ts';
import type { RefreshTokens } from './refresh-tokens.ts';
import { askToken } from './sources/oauth.ts';
import { tokensOf } from './token-answer.ts';

export interface SignInBegun {
  /** Where the principal signs in. */
  readonly url: string;
}

/** A principal lets the gateway act for them at an upstream: authorization code with PKCE (RFC 6749 §4.1, RFC 7636). */
export interface Authorizing {
  readonly begin: (credential: string, principal: PrincipalId, redirectUri: string) => Done<SignInBegun>;
  readonly finish: (
    credential: string,
    state: string,
    code: string,
  ) => Promise<Done<{ readonly principal: PrincipalId }>>;
}

interface Pending {
  readonly credential: string;
  readonly principal: PrincipalId;
  readonly redirectUri: string;
  readonly verifier: string;
  readonly until: number;
}

const pendingMillisMax = 600_000;
const pendingMax = 100;

export function createAuthorizing(
  configs: readonly CredentialConfig[],
  tokens: RefreshTokens,
  now: () => number,
): Authorizing {
  const pending = new Map<string, Pending>();
  const configOf = (name: string) => {
    const config = configs.find(each => each.name === name);
    return config?.kind === 'oauth' && config.per === 'principal' ? config : undefined;
  };

  return {
    begin: (credential, principal, redirectUri) => {
      const config = configOf(credential);
      if (config === undefined)
        return wrong('not-found', 'credential', 'is no credential of kind oauth with per: principal');
      if (config.authorizeUrl === undefined) return wrong('conflict', 'authorizeUrl', 'is not configured for it');
      if (!/^http:\/\/127\.0\.0\.1:\d{1,5}\/callback$/.test(redirectUri))
        return wrong('malformed', 'redirectUri', 'must be http://127.0.0.1:PORT/callback (RFC 8252 §7.3)');
      for (const [state, { until }] of pending) if (until < now()) pending.delete(state);
      if (pending.size >= pendingMax)
        return wrong('conflict', 'credential', 'too many sign-ins have begun; wait a few minutes');
      const [state, verifier] = [randomBytes(24).toString('base64url'), randomBytes(48).toString('base64url')];
      pending.set(state, { credential, principal, redirectUri, verifier, until: now() + pendingMillisMax });
      const url = new URL(config.authorizeUrl);
      const members = {
        response_type: 'code',
        client_id: config.clientId,
        redirect_uri: redirectUri,
        state,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        ...(config.scope === undefined ? {} : { scope: config.scope }),
        ...(config.resource === undefined ? {} : { resource: config.resource }),
      };
      for (const [name, value] of Object.entries(members)) url.searchParams.set(name, value);
      return { ok: true, value: { url: url.href } };
    },

    finish: async (credential, state, code) => {
      const begun = pending.get(state);
      pending.delete(state);
      const config = configOf(credential);
      if (begun === undefined || config === undefined || begun.credential !== credential || begun.until < now())
        return wrong('not-found', 'state', 'belongs to no sign-in that has begun; begin again');
      const what = `credential ${credential}`;
      const { redirectUri, verifier, principal } = begun;
      const members = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier };
      const answer = await askToken(what, config, members, AbortSignal.timeout(2_000));
      const got = answer.ok ? tokensOf(what, answer.value, now()) : answer;
      if (!got.ok) return wrong('unavailable', 'credential', got.refusal.why);
      const { refreshToken } = got.value;
      if (refreshToken === undefined)
        return wrong('conflict', 'credential', 'its issuer gave no refresh token; ask for offline access in `scope`');
      tokens.write(credential, principal, refreshToken);
      return { ok: true, value: { principal } };
    },
  };
}

function wrong(
  code: ApiError['code'],
  field: string,
  message: string,
): { readonly ok: false; readonly error: ApiError } {
  return { ok: false, error: { code, field, message } };
}
