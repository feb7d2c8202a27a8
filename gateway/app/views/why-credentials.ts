import type { EntriesQuery } from '@sallyport/core/model/entries-query.ts';
import type { CredentialRequested, Decided, Entry } from '@sallyport/core/model/entry.ts';
import type { CredentialLife } from '../../api/view/decision.ts';
import type { EntriesPage } from '../../api/view/entries.ts';

const entriesMax = 1_000;
const anything = { agent: undefined, task: undefined, tool: undefined, answer: undefined } as const;

/**
 * What the server of a decision held for its agent and principal when it was performed: each credential's newest lease
 * from before, with what became of it. Of the newest thousand entries of their kind; never a value.
 */
export async function credentialLives(
  decided: Entry & Decided,
  outcome: Entry | undefined,
  page: (query: EntriesQuery) => Promise<EntriesPage>,
): Promise<CredentialLife[]> {
  if (
    outcome === undefined ||
    (outcome.kind !== 'performed' && outcome.kind !== 'withheld' && outcome.kind !== 'indeterminate')
  )
    return [];
  const { agent, principal, action } = decided;
  const wanted = { ...anything, agent, after: undefined, limit: entriesMax, kinds: ['credential.requested'] as const };
  const { entries } = await page(wanted);
  const leases = new Map<string, Entry & CredentialRequested>();
  for (const entry of entries) {
    if (entry.kind !== 'credential.requested' || entry.seq > outcome.seq) continue;
    const ours = entry.server === action.server && entry.principal === principal;
    if (ours && (entry.task === undefined || entry.task === decided.task)) leases.set(entry.credential, entry);
  }
  const lives = await Promise.all([...leases.values()].map(lease => lifeOf(lease, page)));
  return lives.filter(life => life.endedAt === undefined || life.endedAt >= decided.at);
}

async function lifeOf(
  lease: Entry & CredentialRequested,
  page: (query: EntriesQuery) => Promise<EntriesPage>,
): Promise<CredentialLife> {
  const kinds = ['credential.issued', 'credential.ended'] as const;
  const { entries } = await page({ ...anything, after: lease.seq, limit: entriesMax, kinds });
  const issued = entries.find(entry => entry.kind === 'credential.issued' && entry.lease === lease.id);
  const ended = entries.findLast(entry => entry.kind === 'credential.ended' && entry.lease === lease.id);
  return {
    credential: lease.credential,
    lease: lease.id,
    ...(lease.scope === '' ? {} : { scope: lease.scope }),
    requestedAt: lease.at,
    ...(issued?.kind === 'credential.issued' ? { issuedAt: issued.at, revocable: issued.revocable } : {}),
    ...(issued?.kind === 'credential.issued' && issued.expiresAt !== undefined ? { expiresAt: issued.expiresAt } : {}),
    ...(ended?.kind === 'credential.ended' ? { endedAt: ended.at, outcome: ended.outcome, why: ended.why } : {}),
  };
}
