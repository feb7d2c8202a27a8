import type { PlacingJournal } from '@sallyport/core/mediate/ports.ts';
import type { Bodies, EntryDraft } from '@sallyport/core/model/entry.ts';
import type { Instant } from '@sallyport/core/model/ids.ts';

/**
 * How tasks move in memory as they do in the record. What tightens holds at once, and what loosens once it is durable: a stop may so
 * overtake what stands before it in the record, and must not be undone by that.
 */
export interface InOrder {
  /** `tighten` is done now, and again after whatever loosens and is being written down: it may be done twice. */
  readonly atOnce: (tighten: () => void) => void;
  /** Hands the entry over before it returns. Rejects, with nothing done, if it cannot be recorded. */
  readonly onceDurable: (draft: EntryDraft, loosen: (at: Instant) => void, bodies?: Bodies) => Promise<void>;
  readonly isLoosening: () => boolean;
}

export function createInOrder(journal: Pick<PlacingJournal, 'place'>): InOrder {
  /** For each entry that is being written down, what was tightened since. */
  const coming = new Set<(() => void)[]>();

  return {
    isLoosening: () => coming.size > 0,
    atOnce: tighten => {
      tighten();
      for (const since of coming) since.push(tighten);
    },
    onceDurable: async (draft, loosen, bodies) => {
      const since: (() => void)[] = [];
      coming.add(since);
      try {
        const { at, durable } = journal.place(draft, bodies);
        await durable;
        loosen(at);
      } finally {
        coming.delete(since);
      }
      for (const tighten of since) tighten();
    },
  };
}
