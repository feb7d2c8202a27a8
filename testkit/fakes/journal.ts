import type { PlacingJournal } from '@sallyport/core/mediate/ports.ts';
import type { Bodies, Entry, EntryDraft } from '@sallyport/core/model/entry.ts';

export interface FakeJournal extends PlacingJournal {
  /** Everything handed over, in order. What `record` still holds back is not durable and is not here. */
  readonly entries: Entry[];
  readonly bodies: Map<string, Bodies>;
  /** From here on `record` waits. Returns what lets it go on; entries become durable in their order. */
  readonly hold: () => () => void;
  /** From here on nothing can be recorded. */
  readonly fail: () => void;
}

/** A journal in memory that keeps the promises of the real one: in order, durable once `record` resolves. */
export function createFakeJournal(now: () => number): FakeJournal {
  const entries: Entry[] = [];
  const bodies = new Map<string, Bodies>();
  let held: Promise<void> | undefined;
  let down = false;
  let lastAt = 0;
  let waiting: { draft: EntryDraft; at: number; with: Bodies | undefined }[] = [];

  function write(draft: EntryDraft, at: number, own: Bodies | undefined): void {
    entries.push({ ...draft, v: 1, tenant: 'local', node: 'test', seq: entries.length, at } as Entry);
    if (own !== undefined) bodies.set(draft.id, own);
  }

  function flush(): void {
    for (const { draft, at, with: own } of waiting) write(draft, at, own);
    waiting = [];
  }

  function take(draft: EntryDraft, own: Bodies | undefined): number {
    if (down) throw new Error('the journal is down');
    lastAt = Math.max(now(), lastAt);
    waiting.push({ draft, at: lastAt, with: own });
    return lastAt;
  }

  async function written(): Promise<void> {
    await (held ?? Promise.resolve());
    flush();
  }

  return {
    entries,
    bodies,
    append: (draft, own) => {
      take(draft, own);
      if (held === undefined) flush();
    },
    record: async (draft, own) => {
      take(draft, own);
      await written();
    },
    place: (draft, own) => {
      try {
        return { at: take(draft, own), durable: written() };
      } catch (thrown) {
        return { at: now(), durable: Promise.reject(thrown) };
      }
    },
    hold: () => {
      let release = (): void => {};
      held = new Promise<void>(resolve => {
        release = resolve;
      });
      return () => {
        held = undefined;
        flush();
        release();
      };
    },
    fail: () => {
      down = true;
    },
  };
}
