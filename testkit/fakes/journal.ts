import type { Journal } from '@sallyport/core/mediate/ports.ts';
import type { Bodies, Entry, EntryDraft } from '@sallyport/core/model/entry.ts';

export interface FakeJournal extends Journal {
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
  let waiting: { draft: EntryDraft; with: Bodies | undefined }[] = [];

  function write(draft: EntryDraft, own: Bodies | undefined): void {
    const at = Math.max(now(), entries.at(-1)?.at ?? 0);
    entries.push({ ...draft, v: 1, tenant: 'local', node: 'test', seq: entries.length, at } as Entry);
    if (own !== undefined) bodies.set(draft.id, own);
  }

  function flush(): void {
    for (const { draft, with: own } of waiting) write(draft, own);
    waiting = [];
  }

  return {
    entries,
    bodies,
    append: (draft, own) => {
      if (down) throw new Error('the journal is down');
      waiting.push({ draft, with: own });
      if (held === undefined) flush();
    },
    record: async (draft, own) => {
      if (down) throw new Error('the journal is down');
      waiting.push({ draft, with: own });
      await (held ?? Promise.resolve());
      flush();
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
