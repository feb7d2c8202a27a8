import type { AgentId, Instant, LeaseId, PrincipalId, ServerId, TaskId } from '../model/ids.ts';

/**
 * What a secret was obtained for: one task, one server, one scope. The secret
 * itself is nowhere in here.
 */
export interface Lease {
  readonly id: LeaseId;
  /** The credential's name in the configuration. */
  readonly credential: string;
  readonly server: ServerId;
  readonly agent: AgentId;
  readonly principal: PrincipalId;
  /** Undefined where the gateway itself looks at a server. */
  readonly task: TaskId | undefined;
  /** What it was narrowed to, in words for people; empty where the credential has one scope only. */
  readonly scope: string;
  readonly issuedAt: Instant;
  /** When its secret ends by itself; undefined if never, or if nobody said. */
  readonly expiresAt: Instant | undefined;
  /** Whether its secret can be ended before. */
  readonly revocable: boolean;
}

/** How the life of a secret is bounded. Every bound may be missing. */
export interface LifeBounds {
  readonly now: Instant;
  /** Undefined where no task is behind it. */
  readonly taskEndsAt: Instant | undefined;
  /** The operator's own bound, seconds. */
  readonly secondsMax: number | undefined;
  /** What the issuer said. */
  readonly issuerEndsAt: Instant | undefined;
}

/** Until when a lease may be used: the earliest of all bounds. */
export function leaseEnd({ now, taskEndsAt, secondsMax, issuerEndsAt }: LifeBounds): Instant {
  const own = now + (secondsMax ?? leaseSecondsMax) * 1000;
  return Math.min(own, taskEndsAt ?? own, issuerEndsAt ?? own);
}

/** Where nobody says less. */
const leaseSecondsMax = 86_400;

/** A secret with less life than this left is not begun with: the call that carries it must arrive in time. */
const leaseRestMillisMin = 5_000;

/** Whether a lease can carry one more action. */
export function isUsable(until: Instant, now: Instant): boolean {
  return until - now >= leaseRestMillisMin;
}
