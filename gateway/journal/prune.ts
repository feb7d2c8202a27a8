import { rmSync } from 'node:fs';
import type { Instant } from '@sallyport/core/model/ids.ts';
import { syncDirPatiently } from './durable.ts';
import { batchFilePath, type Layout } from './layout.ts';
import { readEntry } from './read.ts';
import { batchFiles } from './replay.ts';

/**
 * Removes the oldest batch files, and with them the bodies of their entries, as long as the newest entry of the file is
 * older than `before` and under a signed checkpoint of `checkpointSize` entries: from there on the log holds the entries, and no
 * start reads these files again. The file that is being written is never one of them. Returns how many were removed.
 */
export async function pruneBatches(layout: Layout, before: Instant, checkpointSize: number): Promise<number> {
  const files = batchFiles(layout);
  let removed = 0;
  for (const [at, first] of files.entries()) {
    const next = files[at + 1];
    if (next === undefined || next > checkpointSize) break;
    const last = await readEntry(layout, next - 1);
    if (last === undefined || last.at >= before) break;
    rmSync(batchFilePath(layout, first));
    removed++;
  }
  if (removed > 0) await syncDirPatiently(layout.batches);
  return removed;
}
