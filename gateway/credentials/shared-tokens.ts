import type { Instant, LeaseId, PrincipalId } from '@sallyport/core/model/ids.ts';
import type { Minted, Wanted } from './source.ts';

/** An access token of a principal, and from which sign-in it came. */
export interface TokenOfPrincipal extends Minted {
  readonly principal: PrincipalId;
  readonly signedInAt: Instant;
}

/**
 * One access token serves all tasks of a principal that are open at the same time: one refresh, not one a task, since
 * refreshes go one after the other. It is over when the last of them is. What the gateway fetches for itself, to read a
 * server's lists, is another one: no task ever holds it, and none waits for its end.
 */
export interface SharedTokens {
  readonly find: (want: Pick<Wanted, 'principal' | 'forTask'>) => TokenOfPrincipal | undefined;
  /** From now on this lease holds the token. */
  readonly lend: (want: Pick<Wanted, 'principal' | 'forTask' | 'lease'>, token: TokenOfPrincipal) => TokenOfPrincipal;
  /** True if others go on with it. Otherwise nobody is lent it any more, and this lease still holds it. */
  readonly leave: (lease: LeaseId, secret: string) => boolean;
  /** What this lease was the last to hold: it holds it no more. */
  readonly take: (lease: LeaseId) => TokenOfPrincipal | undefined;
  /** Its server would not take it. */
  readonly drop: (principal: PrincipalId) => void;
}

interface Shared {
  readonly key: string;
  readonly token: TokenOfPrincipal;
  readonly holders: Set<LeaseId>;
}

export function createSharedTokens(): SharedTokens {
  /** What the next task is lent. */
  const current = new Map<string, Shared>();
  /** By who holds it, also where the next task is lent another. */
  const held = new Map<LeaseId, Shared>();
  const keyOf = ({ principal, forTask }: Pick<Wanted, 'principal' | 'forTask'>): string =>
    JSON.stringify([principal, forTask]);
  return {
    find: want => current.get(keyOf(want))?.token,
    lend: (want, token) => {
      const key = keyOf(want);
      const before = current.get(key);
      const now = before?.token === token ? before : { key, token, holders: new Set<LeaseId>() };
      now.holders.add(want.lease);
      current.set(key, now);
      held.set(want.lease, now);
      return token;
    },
    leave: (lease, secret) => {
      const shared = held.get(lease);
      if (shared === undefined) return [...held.values()].some(({ token }) => token.secret === secret);
      if (shared.holders.size > 1) {
        shared.holders.delete(lease);
        return held.delete(lease);
      }
      if (current.get(shared.key) === shared) current.delete(shared.key);
      return false;
    },
    take: lease => {
      const shared = held.get(lease);
      held.delete(lease);
      return shared?.token;
    },
    drop: principal => {
      for (const forTask of [true, false]) current.delete(keyOf({ principal, forTask }));
    },
  };
}
