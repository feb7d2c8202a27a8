import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { type BatchRecord, headBytes, readBatch } from './batch.ts';
import { damaged } from './fault.ts';
import { FrameSplitter } from './frames.ts';
import { batchFilePath, type Layout } from './layout.ts';

/** What the batch files say about the entries from the checkpoint on. */
export interface Replayed {
  /** Acknowledged, or at least durable. In order; the first is the first that the checkpoint does not cover. */
  readonly entries: readonly Buffer[];
  /** First entry of the newest batch file: writing goes on there. */
  readonly lastFile: number | undefined;
  /** What lies behind the last whole batch of the newest file; to be cut off once nothing else is wrong. */
  readonly rest: Rest | undefined;
}

export interface Rest {
  readonly path: string;
  readonly start: number;
  /** Of a batch that nobody was told of; 0 where there are only zeros that were laid out for the next. */
  readonly tornBytes: number;
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
  let rest: Rest | undefined;
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
    rest = read.rest;
  }
  if (next < from)
    throw damaged(
      layout.batches,
      0,
      `the batches end before entry ${next}; the signed checkpoint covers ${from} entries`,
    );
  return { entries, lastFile: files.at(-1), rest };
}

/**
 * The batches of one file, which may end in zeros that were laid out for further ones. A batch at the very end of the newest
 * file that is not whole was being written when the process or the machine stopped; nobody was told that it is durable.
 */
function readBatchFile(
  path: string,
  first: number,
  isNewest: boolean,
): { readonly records: BatchRecord[]; readonly rest: Rest | undefined } {
  const bytes = readFileSync(path);
  const records: BatchRecord[] = [];
  for (let [at, seq] = [0, first]; at < bytes.length; ) {
    const record = readBatch(bytes, at);
    if (typeof record === 'string') {
      const tornBytes = Math.max(0, zerosFrom(bytes) - at);
      if (tornBytes > 0 && !(isNewest && isTorn(bytes, at, seq)))
        throw damaged(path, at, 'a batch is not as it was written');
      return { records, rest: { path, start: at, tornBytes } };
    }
    if (record.firstSeq !== seq || record.count === 0)
      throw damaged(path, at, `expected the batch that begins with entry ${seq}`);
    records.push(record);
    [at, seq] = [record.end, seq + record.count];
  }
  return { records, rest: undefined };
}

/** From where on there are only zeros. */
function zerosFrom(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end;
}

/**
 * What begins at `at` is the last that was written: it ends where what was written ends, or its head is not on the disk,
 * and no whole batch with later entries follows.
 */
function isTorn(bytes: Buffer, at: number, seq: number): boolean {
  const end = zerosFrom(bytes);
  if (at + headBytes > end || at + headBytes + bytes.readUInt32BE(at) >= end) return true;
  if (end === bytes.length) return false;
  for (let next = at + 1; next + headBytes < end; next++) {
    const after = readBatch(bytes, next);
    if (typeof after === 'object' && after.firstSeq > seq) return false;
  }
  return true;
}

export function cutOff({ path, start }: Rest): void {
  truncateSync(path, start);
  const fd = openSync(path, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
