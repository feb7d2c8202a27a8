import type { Lease } from '@sallyport/core/lease/lease.ts';
import type { Action } from '@sallyport/core/model/action.ts';
import type { Instant, LeaseId, PrincipalId } from '@sallyport/core/model/ids.ts';
import type { Checked } from '@sallyport/core/model/refusal.ts';

export const lateMillisMax = 12_000;
/**
 * How long a secret is waited for, whether or not somebody still waits: whoever asks next is lent it, and a refresh token that was shown
 * may be used up, with what came in its place in the answer.
 */
export const answerMillisMax = 10_000;

/** What one kind of credential knows how to do. One value for each credential that the operator configured. */
export interface CredentialSource {
  readonly name: string;
  /** `static`, `oauth`, `token-exchange`, `github-app`, `postgres-role`, `postgres-password`. */
  readonly kind: string;
  /** The longest life that the operator allows a lease, seconds. */
  readonly secondsMax: number | undefined;
  /**
   * Whose secret it is: the same for everybody (`all`), one for each principal, or one made for each task. What is made
   * for a task is never held by a process or session that another task uses.
   */
  readonly sharedBy: 'all' | 'principal' | 'task';
  /** What the secret is narrowed to for this action, in words; undefined action: for greeting a server and its lists. */
  readonly scopeOf: (action: Action | undefined) => Checked<string>;
  /**
   * Obtains a secret, and leaves off at `signal`: after `answerMillisMax`, or as the gateway stops. Whoever asked waits for less: what
   * comes within `lateMillisMax` after that is for whoever asks again, what comes later is nobody's. A refusal names the field or
   * issuer at fault and never a secret.
   */
  readonly mint: (want: Wanted, signal: AbortSignal) => Promise<Checked<Minted>>;
  /** Ends it at the issuer. `secret` is undefined after a crash, when nobody knows it any more. */
  readonly revoke: (
    lease: Pick<Lease, 'id' | 'principal'>,
    secret: string | undefined,
    signal: AbortSignal,
  ) => Promise<Revocation>;
  /** Something stays at the issuer when it ends by itself, such as a role with open sessions: it is ended all the same. */
  readonly leavesBehind?: true;
  /** Where people sign in for it: who has, and since when. */
  readonly signedIn?: () => readonly { readonly principal: PrincipalId; readonly signedInAt: Instant }[];
  /** The server would not take what was minted for this principal. */
  readonly turnedAway?: (principal: PrincipalId, how: TurnedAway) => void;
  /** For people: where it stands, never the secret. `needsAuthorization` where a person has to sign in again. */
  readonly state: () => SourceState;
}

/**
 * What became of a secret that was to end. `revoked`: it is certain that it no longer works. `in-use`: others go on with
 * it, and the last of them ends it. `failed`: its issuer may be asked again. `impossible`: nobody here can end it.
 */
export type Revocation = 'revoked' | 'in-use' | 'failed' | 'impossible';

export interface Wanted {
  readonly lease: LeaseId;
  readonly principal: PrincipalId;
  readonly action: Action | undefined;
  /** False where the gateway itself looks at a server. */
  readonly forTask: boolean;
  /** Later than this nobody will use it. */
  readonly until: Instant;
}

export interface Minted {
  readonly secret: string;
  readonly expiresAt: Instant | undefined;
  readonly revocable: boolean;
}

/** How a server said that it does not take a credential (RFC 6750 §3). */
export interface TurnedAway {
  readonly status: 401 | 403;
  readonly error: string | undefined;
  readonly scope: string | undefined;
}

export interface SourceState {
  readonly state: 'ready' | 'needs-authorization' | 'failing';
  readonly why?: string;
  /** Where whoever has to sign in does it. */
  readonly link?: string;
  /** What somebody should do about it, in a sentence. */
  readonly note?: string;
  /** Of a standing secret, as far as anybody can say. */
  readonly ageDays?: number;
}
