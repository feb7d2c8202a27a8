import { randomBytes } from 'node:crypto';
import type { Instant } from '@sallyport/core/model/ids.ts';
import type { Pending } from '../people/provider.ts';
import type { SignedIn } from '../people/role.ts';
import { sameSecret } from '../secret/secret.ts';
import type { AuthorizationRequest } from './authorize.ts';
import { OAuthFault } from './oauth-fault.ts';

/** One sign-in on its way: from one browser, for one request, once. */
export interface SignInUnderWay {
  readonly id: string;
  /** What the person is asked for; undefined: to be let into the console, or to go on to an upstream. */
  readonly request: AuthorizationRequest | undefined;
  /** The credential that they want to sign in for at its own authorization server. */
  readonly connect: string | undefined;
  /** In this browser's cookie: whoever sends a link to somebody else does not get their sign-in. */
  readonly browser: string;
  readonly until: Instant;
  readonly pending: Pending | undefined;
  readonly person: SignedIn | undefined;
}

const signInSecondsMax = 600;
const signInsMax = 1_000;

/** They live in memory: a restart means beginning again. */
export class SignIns {
  readonly #underWay = new Map<string, SignInUnderWay>();
  readonly #now: () => Instant;

  constructor(now: () => Instant) {
    this.#now = now;
  }

  begin(request: AuthorizationRequest | undefined, connect?: string): SignInUnderWay {
    for (const [id, one] of this.#underWay) if (one.until < this.#now()) this.#underWay.delete(id);
    if (this.#underWay.size >= signInsMax)
      throw new OAuthFault('temporarily_unavailable', 'too many sign-ins are under way');
    const [id, browser] = [secret(), secret()];
    const begun = {
      id,
      request,
      connect,
      browser,
      until: this.#now() + signInSecondsMax * 1000,
      pending: undefined,
      person: undefined,
    };
    this.#underWay.set(id, begun);
    return begun;
  }

  update(signIn: SignInUnderWay, change: Partial<Pick<SignInUnderWay, 'pending' | 'person'>>): SignInUnderWay {
    const changed = { ...signIn, ...change };
    if (this.#underWay.has(signIn.id)) this.#underWay.set(signIn.id, changed);
    return changed;
  }

  /** The one that this very browser began; `secure`: over TLS. */
  find(id: string, cookies: string | undefined, secure: boolean): SignInUnderWay {
    const found = this.#underWay.get(id);
    const browser = cookieIn(cookies, nameOf(id, secure));
    if (found === undefined || found.until < this.#now() || !sameSecret(browser, found.browser))
      throw new OAuthFault('invalid_request', 'this sign-in has ended, or was begun in another browser');
    return found;
  }

  end(signIn: SignInUnderWay): void {
    this.#underWay.delete(signIn.id);
  }
}

function secret(): string {
  return randomBytes(18).toString('base64url');
}

/** Whether browsers reach us over TLS. */
export function isSecure(issuer: string): boolean {
  return issuer.startsWith('https:');
}

export function cookieFor({ id, browser }: SignInUnderWay, secure: boolean): string {
  return `${nameOf(id, secure)}=${browser}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${signInSecondsMax}${secure ? '; Secure' : ''}`;
}

/** `__Host-` where TLS is: no other host and no plain connection can set it. */
function nameOf(id: string, secure: boolean): string {
  return `${secure ? '__Host-' : ''}sallyport-${id.slice(0, 8)}`;
}

function cookieIn(cookies: string | undefined, name: string): string {
  const found = (cookies ?? '').split(/; ?/).map(pair => pair.split('=', 2));
  return found.find(([key]) => key === name)?.[1] ?? '';
}
