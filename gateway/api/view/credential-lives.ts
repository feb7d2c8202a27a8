import type { CredentialEnded, CredentialIssued, CredentialRequested, Entry } from '@sallyport/core/model/entry.ts';

/** One secret that a server was lent, from when it was asked for. Never its value. */
export interface LifeOfLease {
  readonly asked: Entry & CredentialRequested;
  readonly issued?: Entry & CredentialIssued;
  readonly ended?: Entry & CredentialEnded;
}

export const credentialKinds = ['credential.requested', 'credential.issued', 'credential.ended'] as const;

/** The lives that entries of a task tell of, in the order in which they began. */
export function livesOf(entries: readonly Entry[]): readonly LifeOfLease[] {
  const lives = new Map<string, LifeOfLease>();
  for (const entry of entries) {
    if (entry.kind === 'credential.requested') lives.set(entry.id, { asked: entry });
    const life = 'lease' in entry ? lives.get(entry.lease) : undefined;
    if (life === undefined) continue;
    if (entry.kind === 'credential.issued') lives.set(entry.lease, { ...life, issued: entry });
    if (entry.kind === 'credential.ended') lives.set(entry.lease, { ...life, ended: entry });
  }
  return [...lives.values()];
}
