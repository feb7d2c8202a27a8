import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { type BatchRecord, readBatch } from './batch.ts';
import { damaged } from './fault.ts';
import { FrameSplitter } from './frames.ts';
import { batchFilePath, type Layout } from './layout.ts';

/** What the batch files say about the entries from the checkpoint on. */
export interface Replayed {
  /** Acknowledged, or at least durable. In order; the first is the first that the checkpoint does not cover. */
  readonly entries: readonly Buffer[];
  /** First entry of the newest batch file: writing goes on there. */
  readonly lastFile: number | undefined;
  /** A batch at the very end that nobody was told of; to be cut off once nothing else is wrong. */
  readonly torn: TornBatch | undefined;
}

export interface TornBatch {
  readonly path: string;
  readonly start: number;
  readonly bytes: number;
}

/** First entries of the batch files, in order. */
export function batchFiles(layout: Layout): number[] {
  const files = readdirSync(layout.batches).sort();
  const wrong = files.find(name => !/^[0-9]{12}$/.test(name));
  if (wrong !== undefined) throw damaged(`${layout.batches}/${wrong}`, 0, 'this is not a batch file');
  return files.map(Number);
}

export function replayBatches(layout: Layout, from: number): Replayed {
  const files = batchFiles(layout);
  const first = files.findLastIndex(seq => seq <= from);
  if (files.length > 0 && first < 0) throw damaged(layout.batches, 0, `the batch file with entry ${from} is missing`);
  const entries: Buffer[] = [];
  let next = files[first] ?? from;
  let torn: TornBatch | undefined;
  for (const file of files.slice(Math.max(0, first))) {
    const path = batchFilePath(layout, file);
    if (file !== next) throw damaged(path, 0, `expected a batch file that begins with entry ${next}`);
    const read = readBatchFile(path, file, file === files.at(-1));
    for (const record of read.records) {
      next = record.firstSeq + record.count;
      if (next <= from) continue;
      const frames = new FrameSplitter().push(record.entries);
      for (const [index, frame] of frames.entries()) if (record.firstSeq + index >= from) entries.push(frame.bytes);
    }
    torn = read.torn;
  }
  if (next < from)
    throw damaged(
      layout.batches,
      0,
      `the batches end before entry ${next}; the signed checkpoint covers ${from} entries`,
    );
  return { entries, lastFile: files.at(-1), torn };
}

/**
 * The batches of one file. A batch at the very end of the newest file that is not whole was being written when the
 * process or the machine stopped; nobody was told that it is durable.
 */
function readBatchFile(
  path: string,
  first: number,
  isNewest: boolean,
): { readonly records: BatchRecord[]; readonly torn: TornBatch | undefined } {
  const bytes = readFileSync(path);
  const records: BatchRecord[] = [];
  for (let [at, seq] = [0, first]; at < bytes.length; ) {
    const record = readBatch(bytes, at);
    if (typeof record === 'string') {
      if (!isNewest || !isTorn(bytes, at, record)) throw damaged(path, at, 'a batch is not as it was written');
      return { records, torn: { path, start: at, bytes: bytes.length - at } };
    }
    if (record.firstSeq !== seq || record.count === 0)
      throw damaged(path, at, `expected the batch that begins with entry ${seq}`);
    records.push(record);
    [at, seq] = [record.end, seq + record.count];
  }
  return { records, torn: undefined };
}

/** Nothing whole may follow: the batch ends where the file ends, or the disk has only zeros from somewhere in it on. */
function isTorn(bytes: Buffer, at: number, fault: 'cut' | 'damaged'): boolean {
  return (
    fault === 'cut' || at + 24 + bytes.readUInt32BE(at) === bytes.length || bytes.subarray(at).every(byte => byte === 0)
  );
}

export function cutOff({ path, start }: TornBatch): void {
  truncateSync(path, start);
  const fd = openSync(path, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
