import { sameBytes } from '@sallyport/core/journal/bytes.ts';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { JournalFault } from './fault.ts';
import { openLogKey } from './keys.ts';
import { type Layout, layoutOf } from './layout.ts';
import { parseEntry } from './read.ts';
import { hashUpTo, readCheckpoint } from './recover.ts';
import { type Folded, readSnapshot, type Snapshot, writeSnapshot } from './snapshot.ts';

/** All that another process needs to make a snapshot of a journal that is open in this one. */
export interface SnapshotOrder {
  readonly dir: string;
  readonly origin: string;
  readonly foldedBy: string;
  /** Entries that it is to cover: those whose tiles are on disk for good. */
  readonly size: number;
}

export interface Fold {
  readonly take: (entry: Entry) => void;
  /** What all that were taken make, and those before them. */
  readonly made: () => unknown;
}

/**
 * Makes the snapshot of the first `size` entries, out of files alone and without a turn for anything else: for a process of
 * its own, while another writes the journal. What is folded is what was hashed, and is signed only where it leads to the root of
 * the newest checkpoint. `mayWrite` is asked last. Resolves to whether there is such a snapshot now.
 */
export async function snapshotSettled(
  { dir, origin, foldedBy, size }: SnapshotOrder,
  begin: (before: Folded | undefined) => Fold,
  mayWrite: () => Promise<boolean>,
): Promise<boolean> {
  const layout = layoutOf(dir);
  const key = await openLogKey(layout.keys, origin);
  const head = readCheckpoint(layout, key)?.head;
  if (head === undefined || head.size < size) return false;
  const before = readSnapshot(layout, key, foldedBy);
  const isEarlier = before !== undefined && before.frontier.size <= size;
  const made =
    (isEarlier ? foldedUpTo(layout, size, head, begin, before) : undefined) ?? foldedUpTo(layout, size, head, begin);
  if (made === undefined || !(await mayWrite())) return false;
  await writeSnapshot(layout, key, foldedBy, made);
  return true;
}

/** Undefined where this does not lead to the signed root. */
function foldedUpTo(
  layout: Layout,
  size: number,
  head: { readonly size: number; readonly root: Uint8Array },
  begin: (before: Folded | undefined) => Fold,
  from?: Snapshot,
): Snapshot | undefined {
  const fold = begin(from && { size: from.frontier.size, value: from.folded });
  let lastAt = from?.frontier.lastAt ?? 0;
  try {
    const { edge, ranges, bytes } = hashUpTo(layout, size, size, ignored, from, raw => {
      const entry = parseEntry(raw);
      lastAt = entry.at;
      fold.take(entry);
    });
    const frontier = { ...edge.frontier(), segmentBytes: bytes, bundleStart: ranges.start, lastAt };
    const made = { frontier, folded: fold.made() };
    const { edge: signed } = hashUpTo(layout, head.size, size, ignored, made);
    return sameBytes(signed.root(), head.root) ? made : undefined;
  } catch (thrown) {
    if (thrown instanceof JournalFault) return undefined;
    throw thrown;
  }
}

const ignored = (): void => {};
