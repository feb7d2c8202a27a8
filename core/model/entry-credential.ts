import type { AgentId, EventId, Instant, LeaseId, PrincipalId, TaskId } from './ids.ts';

/** What was asked of an issuer, what it gave and how that ended. None of it holds a secret. */

/** Durable before anything is asked of an issuer: after a crash it is known what may have been minted. */
export interface CredentialRequested {
  readonly kind: 'credential.requested';
  readonly id: LeaseId;
  readonly credential: string;
  readonly server: string;
  readonly agent: AgentId;
  readonly principal: PrincipalId;
  /** Absent where the gateway itself looks at a server. */
  readonly task?: TaskId;
  readonly scope: string;
}

export interface CredentialIssued {
  readonly kind: 'credential.issued';
  readonly id: EventId;
  readonly lease: LeaseId;
  readonly task?: TaskId;
  /** When the secret ends by itself, as far as the issuer said. */
  readonly expiresAt?: Instant;
  readonly revocable: boolean;
}

/**
 * `outlives`: it could not be ended, and lives on until `expiresAt`, or for good where that is absent. Another entry may
 * follow once it could. `returned`: others go on with it.
 */
export interface CredentialEnded {
  readonly kind: 'credential.ended';
  readonly id: EventId;
  readonly lease: LeaseId;
  readonly task?: TaskId;
  readonly outcome: 'revoked' | 'expired' | 'returned' | 'failed' | 'outlives';
  readonly why: string;
  readonly expiresAt?: Instant;
}
