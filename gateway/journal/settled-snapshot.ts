import { sameBytes } from '@sallyport/core/journal/bytes.ts';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { JournalFault } from './fault.ts';
import { type LogKey, openLogKey } from './keys.ts';
import { type Layout, layoutOf } from './layout.ts';
import { parseEntry } from './read.ts';
import { hashUpTo, readCheckpoint } from './recover.ts';
import { type Folded, type Frontier, readSnapshot, type Snapshot, writeSnapshot } from './snapshot.ts';

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
  const key = await openLogKey(layout, origin);
  const head = readCheckpoint(layout, key)?.head;
  if (head === undefined || head.size < size) return false;
  const made =
    foldedUpTo(layout, size, head, begunBefore(layout, key, foldedBy, size, begin)) ??
    foldedUpTo(layout, size, head, { fold: begin(undefined) });
  if (made === undefined || !(await mayWrite())) return false;
  await writeSnapshot(layout, key, foldedBy, made);
  return true;
}

/** A fold that has taken what comes before `frontier`, and of which nothing else is kept. */
interface Begun {
  readonly fold: Fold;
  readonly frontier?: Frontier;
}

/** By the snapshot that is there; undefined where it is of no use. */
function begunBefore(
  layout: Layout,
  key: LogKey,
  foldedBy: string,
  size: number,
  begin: (before: Folded | undefined) => Fold,
): Begun | undefined {
  const before = readSnapshot(layout, key, foldedBy);
  if (before === undefined || before.frontier.size > size) return undefined;
  const { frontier, folded } = before;
  return { fold: begin({ size: frontier.size, value: folded }), frontier };
}

/** Undefined where this does not lead to the signed root. */
function foldedUpTo(
  layout: Layout,
  size: number,
  head: { readonly size: number; readonly root: Uint8Array },
  begun: Begun | undefined,
): Snapshot | undefined {
  if (begun === undefined) return undefined;
  const { fold, frontier: from } = begun;
  let lastAt = from?.lastAt ?? 0;
  try {
    const { edge, ranges, bytes } = hashUpTo(layout, size, size, ignored, from, raw => {
      const entry = parseEntry(raw);
      lastAt = entry.at;
      fold.take(entry);
    });
    const frontier = { ...edge.frontier(), segmentBytes: bytes, bundleStart: ranges.start, lastAt };
    const { edge: signed } = hashUpTo(layout, head.size, size, ignored, frontier);
    return sameBytes(signed.root(), head.root) ? { frontier, folded: fold.made() } : undefined;
  } catch (thrown) {
    if (thrown instanceof JournalFault) return undefined;
    throw thrown;
  }
}

const ignored = (): void => {};
