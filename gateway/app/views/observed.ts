import { mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EntriesQuery } from '@sallyport/core/model/entries-query.ts';
import type { Entry } from '@sallyport/core/model/entry.ts';
import type { Instant } from '@sallyport/core/model/ids.ts';
import type { EntriesPage } from '../../api/view/entries.ts';
import type { ObservedView } from '../../api/view/status.ts';

/** What enforcing would have done, where nothing is enforced yet: said by itself once there is a day to speak of. */
export interface Observed {
  /** Undefined before there is a day of record, where it would have stopped nothing, and where the default mode enforces. */
  readonly lastDay: () => Promise<ObservedView | undefined>;
  /** The same as one line, and at most once a day, whatever restarts lie between. */
  readonly onceADay: () => Promise<string | undefined>;
}

export interface ObservedPorts {
  readonly page: (query: EntriesQuery) => Promise<EntriesPage>;
  readonly isObserving: () => boolean;
  readonly now: () => Instant;
  readonly stateDir: string;
}

const dayMillis = 86_400_000;
/** The console asks every few seconds; the newest decisions are counted this often, and so many of them. */
const countedMillisMax = 600_000;
const decisionsMax = 2_000;

export function createObserved({ page, isObserving, now, stateDir }: ObservedPorts): Observed {
  const toldFile = join(stateDir, 'hooks', 'told');
  let counted: { readonly at: Instant; readonly view: ObservedView | undefined } | undefined;

  async function lastDay(): Promise<ObservedView | undefined> {
    if (!isObserving()) return undefined;
    if (counted === undefined || now() - counted.at > countedMillisMax) counted = { at: now(), view: await count() };
    return counted.view;
  }

  async function count(): Promise<ObservedView | undefined> {
    const [first] = await decided({ after: -1, limit: 1 });
    if (first === undefined || now() - first.at < dayMillis) return undefined;
    const newest = (await decided({ after: undefined, limit: decisionsMax })).filter(
      ({ at }) => now() - at < dayMillis,
    );
    const of = (answer: string): number =>
      newest.filter(each => each.kind === 'decided' && each.answer === answer).length;
    const [asked, refused] = [of('ask'), of('deny')];
    return asked + refused === 0 ? undefined : { since: first.at, calls: newest.length, asked, refused };
  }

  async function decided(some: Pick<EntriesQuery, 'after' | 'limit'>): Promise<readonly Entry[]> {
    const any = { agent: undefined, task: undefined, tool: undefined, answer: undefined };
    return (await page({ kinds: ['decided'], ...any, ...some })).entries;
  }

  return {
    lastDay,
    onceADay: async () => {
      if (now() - (statSync(toldFile, { throwIfNoEntry: false })?.mtimeMs ?? 0) < dayMillis) return undefined;
      const view = await lastDay();
      if (view === undefined) return undefined;
      mkdirSync(dirname(toldFile), { recursive: true, mode: 0o700 });
      writeFileSync(toldFile, '', { mode: 0o600 });
      utimesSync(toldFile, now() / 1_000, now() / 1_000);
      return words(view);
    },
  };
}

/** What a client shows its user as a session begins. */
function words({ calls, asked, refused }: ObservedView): string {
  return `Sallyport observes. Of ${calls === 1 ? '1 call' : `${calls} calls`} since yesterday, enforcing would have asked ${asked} and refused ${refused}: sallyport report`;
}
