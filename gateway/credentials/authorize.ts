import type { PrincipalId } from '@sallyport/core/model/ids.ts';
import type { ApiError, Done } from '../api/control.ts';
import { outsideMillisMax } from '../identity/outside.ts';
import { beginCode, type CodeUnderWay, finishCode } from '../obtain/authorize.ts';
import { ObtainError } from '../obtain/outside-json.ts';
import type { OAuthClientAt } from './oauth-client.ts';
import type { RefreshTokens } from './refresh-tokens.ts';
import type { SignInsNeeded } from './sign-ins-needed.ts';
import { type OAuthConfig, wishOf } from './sources/oauth-request.ts';

/** A credential that people sign in for. */
export interface Authorizable {
  readonly config: OAuthConfig;
  readonly client: OAuthClientAt;
  readonly needed: SignInsNeeded;
}

/** A principal lets the gateway act for them at an upstream: authorization code with PKCE (RFC 6749 §4.1, RFC 7636). */
export interface Authorizing {
  /** Whether people sign in for this credential. */
  readonly has: (credential: string) => boolean;
  /** Answers with the address at which the principal signs in. `state`: what the answer is known by, nobody's to guess. */
  readonly begin: (
    credential: string,
    principal: PrincipalId,
    state: string,
  ) => Promise<Done<{ readonly url: string }>>;
  /** `returned`: the address that the person's browser came back to. */
  readonly finish: (
    returned: string,
  ) => Promise<Done<{ readonly credential: string; readonly principal: PrincipalId }>>;
}

interface Pending {
  readonly credential: string;
  readonly principal: PrincipalId;
  readonly underWay: CodeUnderWay;
  readonly until: number;
}

const pendingMillisMax = 600_000;
const pendingMax = 100;

export function createAuthorizing(
  credentials: ReadonlyMap<string, Authorizable>,
  tokens: RefreshTokens,
  { now, onSignedIn }: { readonly now: () => number; readonly onSignedIn: (credential: string) => void },
): Authorizing {
  const pending = new Map<string, Pending>();

  return {
    has: credential => credentials.has(credential),
    begin: async (credential, principal, state) => {
      const found = credentials.get(credential);
      if (found === undefined)
        return wrong('not-found', 'credential', 'is no credential of kind oauth with per: principal');
      for (const [key, { until }] of pending) if (until < now()) pending.delete(key);
      if (pending.size >= pendingMax)
        return wrong('conflict', 'credential', 'too many sign-ins have begun; wait a few minutes');
      return await orWrong(async () => {
        const access = await found.client.find(AbortSignal.timeout(outsideMillisMax), 'signIn');
        if (!access.ok) throw new ObtainError(access.refusal.why);
        const { server, client, settings } = access.value;
        const { scope, resource } = wishOf(found.config, access.value);
        const wanted = [...new Set([...(scope?.split(' ') ?? []), ...found.needed.moreScope()])].join(' ');
        const asked = { server, client, settings, resource, scope: wanted === '' ? undefined : wanted };
        const underWay = beginCode({ ...asked, dpop: undefined }, state);
        pending.set(state, { credential, principal, underWay, until: now() + pendingMillisMax });
        return { url: underWay.url };
      });
    },
    finish: async returned => {
      const state = new URL(returned).searchParams.get('state') ?? '';
      const begun = pending.get(state);
      pending.delete(state);
      const found = begun && credentials.get(begun.credential);
      if (begun === undefined || found === undefined || begun.until < now())
        return wrong('not-found', 'state', 'belongs to no sign-in that has begun; begin again');
      const { credential, principal, underWay } = begun;
      return await orWrong(async () => {
        const got = await finishCode(underWay, returned, AbortSignal.timeout(outsideMillisMax));
        if (got.refreshToken === undefined)
          throw new ObtainError('its issuer gave no refresh token; ask for offline access in `scope`');
        const { server, client, scope } = underWay.request;
        const { refreshToken } = got;
        const { issuer } = server;
        const kept = { issuer, clientId: client.clientId, scope: got.scope ?? scope, refreshToken, signedInAt: now() };
        await tokens.inTurn(credential, principal, async () => tokens.write(credential, { principal, ...kept }));
        found.needed.signedIn(principal);
        onSignedIn(credential);
        return { credential, principal };
      });
    },
  };
}

async function orWrong<T>(work: () => Promise<T>): Promise<Done<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (thrown) {
    if (thrown instanceof ObtainError) return wrong('unavailable', 'credential', thrown.message);
    throw thrown;
  }
}

function wrong(
  code: ApiError['code'],
  field: string,
  message: string,
): { readonly ok: false; readonly error: ApiError } {
  return { ok: false, error: { code, field, message } };
}
