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
  /** The token that this lease was the last to hold, and that nobody is lent any more; undefined: others go on with it. */
  readonly giveBack: (lease: LeaseId) => TokenOfPrincipal | undefined;
  /** Its server would not take it. */
  readonly drop: (principal: PrincipalId) => void;
}

interface Shared {
  readonly token: TokenOfPrincipal;
  readonly holders: Set<LeaseId>;
}

export function createSharedTokens(): SharedTokens {
  const shared = new Map<string, Shared>();
  const keyOf = ({ principal, forTask }: Pick<Wanted, 'principal' | 'forTask'>): string =>
    JSON.stringify([principal, forTask]);
  return {
    find: want => shared.get(keyOf(want))?.token,
    lend: (want, token) => {
      const key = keyOf(want);
      const before = shared.get(key);
      const now = before?.token === token ? before : { token, holders: new Set<LeaseId>() };
      now.holders.add(want.lease);
      shared.set(key, now);
      return token;
    },
    giveBack: lease => {
      for (const [key, { token, holders }] of shared) {
        if (!holders.delete(lease) || holders.size > 0) continue;
        shared.delete(key);
        return token;
      }
      return undefined;
    },
    drop: principal => {
      for (const forTask of [true, false]) shared.delete(keyOf({ principal, forTask }));
    },
  };
}
