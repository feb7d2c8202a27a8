import type { Lease } from '@sallyport/core/lease/lease.ts';
import type { Journal } from '@sallyport/core/mediate/ports.ts';
import type { CredentialEnded } from '@sallyport/core/model/entry.ts';
import type { Instant, NewId } from '@sallyport/core/model/ids.ts';
import { outsideMillisMax } from '../identity/outside.ts';
import { within } from '../obtain/within.ts';
import type { LeaseStore } from './lease-store.ts';
import { createSecondTries } from './second-tries.ts';
import { answerMillisMax, type CredentialSource, type Revocation } from './source.ts';

export interface LeaseEndingPorts {
  readonly source: (name: string) => CredentialSource | undefined;
  readonly journal: Pick<Journal, 'record'>;
  readonly store: LeaseStore;
  readonly newId: NewId;
  readonly now: () => Instant;
  /** For operators; never a secret. */
  readonly log: (line: string) => void;
}

/** How leases end: at their issuers, in the record, and on the list of those that are open. */
export interface LeaseEndings {
  /** One that nobody uses any more. */
  readonly end: (lease: Lease, secret: string, why: string) => Promise<void>;
  /** One of an earlier run that nobody ended. */
  readonly endLeft: (lease: Lease) => Promise<void>;
  /** Ends it at its issuer and says what came of it; `failed` is the word for what could not be ended. */
  readonly revoke: (lease: Lease, secret: string | undefined, how: Revoking) => Promise<void>;
  /** No issuer was asked for it. */
  readonly drop: (lease: Lease, why: string) => void;
  /** No issuer is asked a second time any more. */
  readonly stop: () => void;
}

interface Revoking {
  readonly failed: CredentialEnded['outcome'];
  readonly why: string;
}

export function createLeaseEndings({ source, journal, store, newId, now, log }: LeaseEndingPorts): LeaseEndings {
  const again = createSecondTries();

  async function end(lease: Lease, secret: string, why: string): Promise<void> {
    if (isOver(lease)) return await over(lease, 'expired', why);
    if (!lease.revocable) return await over(lease, isStanding(lease) ? 'returned' : 'outlives', why);
    await revoke(lease, secret, { failed: 'outlives', why });
  }

  /** What can be ended without the secret is, the rest is reported. */
  async function endLeft(lease: Lease): Promise<void> {
    const failed = isOver(lease) ? 'expired' : isStanding(lease) ? 'returned' : 'outlives';
    await revoke(lease, undefined, { failed, why: 'the gateway had ended without ending it' });
  }

  async function revoke(lease: Lease, secret: string | undefined, { failed, why }: Revoking): Promise<void> {
    const became = await asked(lease, secret);
    if (became === 'revoked') return await over(lease, 'revoked', why);
    if (became === 'in-use') return await over(lease, 'returned', `${why}; other tasks go on with the same token`);
    if (became === 'impossible') return await over(lease, failed, why);
    // It stays on the list of leases: should the gateway stop before an attempt succeeds, the next start makes one more.
    await say(lease, failed, why);
    again.later(async () => {
      const then = isOver(lease) ? 'impossible' : await asked(lease, secret, answerMillisMax);
      if (then === 'failed') return false;
      if (then === 'revoked') await over(lease, 'revoked', `${why}; its issuer was asked again`);
      else store.remove(lease.id);
      return true;
    });
  }

  /** Whoever ends a task waits for the first attempt, and for no other. */
  async function asked(lease: Lease, secret: string | undefined, millisMax = outsideMillisMax): Promise<Revocation> {
    const issuer = source(lease.credential);
    if (issuer === undefined) return 'impossible';
    const signal = AbortSignal.timeout(millisMax);
    return await within(issuer.revoke(lease, secret, signal), signal).catch(() => 'failed' as const);
  }

  /** A standing secret is everybody's and goes back; what was issued for one lease lives on. */
  function isStanding({ credential, revocable, expiresAt }: Lease): boolean {
    return !revocable && expiresAt === undefined && source(credential)?.sharedBy !== 'task';
  }

  /** It has ended by itself, and nothing of it is left. */
  function isOver({ credential, expiresAt }: Lease): boolean {
    if (source(credential)?.leavesBehind) return false;
    return expiresAt !== undefined && expiresAt <= now();
  }

  /** Off the list only once the record says so: what a crash forgets of it is ended, and said, once more. */
  async function over(lease: Lease, outcome: CredentialEnded['outcome'], why: string): Promise<void> {
    if (await say(lease, outcome, why)) store.remove(lease.id);
  }

  function drop(lease: Lease, why: string): void {
    store.remove(lease.id);
    void say(lease, 'failed', why);
  }

  /** False where it could not be recorded: the journal is down and the gateway is stopping. */
  async function say(
    { id, credential, task, expiresAt }: Lease,
    outcome: CredentialEnded['outcome'],
    why: string,
  ): Promise<boolean> {
    if (outcome === 'outlives') {
      const when =
        expiresAt === undefined
          ? 'nobody knows when it ends'
          : `it ends by itself at ${new Date(expiresAt).toISOString()}`;
      log(`credential ${credential}: lease ${id} could not be ended; ${when}`);
    }
    const about = { ...(task === undefined ? {} : { task }), ...(expiresAt === undefined ? {} : { expiresAt }) };
    try {
      await journal.record({ kind: 'credential.ended', id: newId('e'), lease: id, outcome, why, ...about });
      return true;
    } catch {
      return false;
    }
  }

  return { end, endLeft, revoke, drop, stop: () => again.close() };
}
