import type { Entry } from '@sallyport/core/model/entry.ts';
import { type Checked, passed } from '@sallyport/core/model/refusal.ts';
import { Broker, type Holder } from '@sallyport/gateway/credentials/broker.ts';
import type { LeaseStore } from '@sallyport/gateway/credentials/lease-store.ts';
import type { CredentialSource, Minted, Revocation } from '@sallyport/gateway/credentials/source.ts';
import { createFakeJournal } from '../fakes/journal.ts';
import { testId } from './tasks.ts';

/** A source that mints numbered secrets, and says what was asked of it. */
export interface FakeSource extends CredentialSource {
  readonly minted: string[];
  readonly revoked: (string | undefined)[];
  /** Answers of `mint` and `revoke`, where a test wants others. */
  mintAs: () => Promise<Checked<Minted>>;
  revokeAs: () => Promise<Revocation>;
}

export function fakeSource(
  name: string,
  over: Partial<CredentialSource> & { readonly expiresAt?: number } = {},
): FakeSource {
  const minted: string[] = [];
  const revoked: (string | undefined)[] = [];
  const source: FakeSource = {
    ...{ name, kind: 'fake', secondsMax: undefined, sharedBy: 'task', minted, revoked },
    scopeOf: () => passed(''),
    mintAs: async () =>
      passed({ secret: `secret-${name}-${minted.length}`, expiresAt: over.expiresAt, revocable: true }),
    revokeAs: async () => 'revoked',
    mint: async () => {
      minted.push(name);
      return await source.mintAs();
    },
    revoke: async (_lease, secret) => {
      revoked.push(secret);
      return await source.revokeAs();
    },
    state: () => ({ state: 'ready' }),
    ...over,
  };
  return source;
}

/** A broker over a journal and a store in memory. */
export function openBroker(sources: readonly CredentialSource[], clock = { now: 1_000_000 }, store = memoryStore()) {
  const journal = createFakeJournal(() => clock.now);
  const log: string[] = [];
  const broker = new Broker({
    ...{ sources, journal, store, newId: testId, now: () => clock.now, log: (line: string) => log.push(line) },
  });
  const said = (): string[] => journal.entries.map(sayEntry);
  return { broker, journal, store, clock, log, said };
}

function sayEntry(entry: Entry): string {
  return entry.kind === 'credential.ended' ? `${entry.kind} ${entry.outcome}` : entry.kind;
}

export function memoryStore(): LeaseStore {
  const leases = new Map<string, ReturnType<LeaseStore['all']>[number]>();
  return {
    all: () => [...leases.values()],
    put: async lease => void leases.set(lease.id, lease),
    remove: id => void leases.delete(id),
    close: async () => {},
  };
}

export function holderOf(over: Partial<Holder> = {}): Holder {
  return {
    agent: 'assistant',
    principal: 'user:emma',
    task: { id: 't_00000000000000000000000001', endsAt: 100_000_000 },
    server: 's',
    action: undefined,
    ...over,
  };
}
