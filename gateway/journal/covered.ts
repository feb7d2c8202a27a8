import { sameBytes } from '@sallyport/core/journal/bytes.ts';
import { GrowingTree, leafHash } from '@sallyport/core/journal/merkle.ts';
import { readFrameLists } from './frames.ts';
import { sha256Bytes } from './hash.ts';
import { type Layout, segmentEntriesMax, segmentPath } from './layout.ts';
import type { Frontier } from './snapshot.ts';

/**
 * Whether the entries that a snapshot stands for are still those it was signed over. A start does not wait for it: it is
 * read piece by piece, with turns of the event loop in between. True as well where `signal` ended the reading.
 */
export async function coversLog(layout: Layout, frontier: Frontier, signal: AbortSignal): Promise<boolean> {
  const tree = new GrowingTree(sha256Bytes, () => {});
  try {
    while (tree.size < frontier.size) {
      const before = tree.size;
      const path = segmentPath(layout, Math.floor(before / segmentEntriesMax));
      for await (const frames of readFrameLists(path, 0, Number.MAX_SAFE_INTEGER)) {
        if (signal.aborted) return true;
        for (const { bytes } of frames) if (tree.size < frontier.size) tree.append(leafHash(bytes, sha256Bytes));
      }
      if (tree.size < frontier.size && tree.size < before + segmentEntriesMax) return false;
    }
  } catch {
    return signal.aborted;
  }
  const { peaks } = tree;
  return (
    peaks.length === frontier.peaks.length &&
    peaks.every((peak, at) => sameBytes(peak, frontier.peaks[at] as Uint8Array))
  );
}
