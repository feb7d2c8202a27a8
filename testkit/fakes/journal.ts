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
  let waiting: { draft: EntryDraft; clock: number; with: Bodies | undefined }[] = [];

  function write(draft: EntryDraft, clock: number, own: Bodies | undefined): void {
    lastAt = Math.max(clock, lastAt);
    const time = { at: lastAt, ...(clock < lastAt ? { clock } : {}) };
    entries.push({ ...draft, v: 1, tenant: 'local', node: 'test', seq: entries.length, ...time } as Entry);
    if (own !== undefined) bodies.set(draft.id, own);
  }

  function flush(): void {
    for (const { draft, clock, with: own } of waiting) write(draft, clock, own);
    waiting = [];
  }

  function take(draft: EntryDraft, own: Bodies | undefined): number {
    if (down) throw new Error('the journal is down');
    const clock = now();
    waiting.push({ draft, clock, with: own });
    return clock;
  }

  async function written(): Promise<void> {
    await (held ?? Promise.resolve());
    flush();
  }

  return {
    entries,
    bodies,
    append: (draft, own) => {
      const at = take(draft, own);
      if (held === undefined) flush();
      return at;
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
