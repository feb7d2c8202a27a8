import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { entriesLevel, tilePath, tileWidth } from '@sallyport/core/journal/tile.ts';
import type { Entry, EntryDraft } from '@sallyport/core/model/entry.ts';
import type { EntryId } from '@sallyport/core/model/ids.ts';
import { type BatchRecord, type DurableEntries, readBatch, skipBatch } from './batch.ts';
import { JournalFault } from './fault.ts';
import { FrameSplitter, readFrameLists } from './frames.ts';
import { batchFilePath, type Layout, segmentEntriesMax, segmentPath } from './layout.ts';
import { isCommittedTo } from './opened-body.ts';
import { type StoredBody, unpackBody } from './packed-body.ts';
import { batchFiles } from './replay.ts';
import { findFrame, keyRecordOf, openFrame } from './sealed-frames.ts';
import type { TaskKeys } from './task-keys.ts';

export interface EntryList extends DurableEntries {
  readonly entries: readonly Entry[];
}

/** Lists of entries, oldest first, from entry `from` to before `end`; each lies within one segment. */
export async function* readEntryLists(layout: Layout, from: number, end: number): AsyncGenerator<EntryList> {
  for (let seq = from; seq < end; ) {
    const first = seq - (seq % segmentEntriesMax);
    const path = segmentPath(layout, first / segmentEntriesMax);
    let at = first;
    for await (const frames of readFrameLists(path, 0, Number.MAX_SAFE_INTEGER)) {
      const wanted = frames.slice(Math.max(0, seq - at), Math.max(0, end - at));
      const [firstSeq, start] = [Math.max(seq, at), wanted[0]?.offset ?? 0];
      const ends = wanted.map(({ offset, bytes }) => offset + 2 + bytes.length - start);
      at += frames.length;
      if (wanted.length > 0) yield { firstSeq, entries: wanted.map(({ bytes }) => parseEntry(bytes)), ends };
      if (at >= end) return;
    }
    if (at <= seq) throw new JournalFault('damaged', `${path} ends before entry ${seq}`);
    seq = at;
  }
}

/** One entry, out of its published bundle where there is one. */
export async function readEntry(layout: Layout, seq: number): Promise<Entry | undefined> {
  const bundle = join(
    layout.log,
    tilePath({ level: entriesLevel, index: Math.floor(seq / tileWidth), width: tileWidth }),
  );
  if (existsSync(bundle)) {
    const frame = new FrameSplitter().push(await readFile(bundle))[seq % tileWidth];
    return frame === undefined ? undefined : parseEntry(frame.bytes);
  }
  for await (const { entries } of readEntryLists(layout, seq, seq + 1)) return entries[0];
  return undefined;
}

/** The entry with this id, newest segment first. Reads until it is found: the index answers this from memory. */
export async function findEntry(layout: Layout, id: EntryId, end: number): Promise<Entry | undefined> {
  // Canonical text has no other place where these very bytes could stand: a quote within a string is escaped.
  const member = Buffer.from(`"id":${JSON.stringify(id)}`);
  for (let segment = Math.ceil(end / segmentEntriesMax) - 1; segment >= 0; segment--)
    for await (const frames of readFrameLists(segmentPath(layout, segment), 0, Number.MAX_SAFE_INTEGER))
      for (const { bytes } of frames) if (bytes.includes(member)) return parseEntry(bytes);
  return undefined;
}

/** Our own canonical text: plain `JSON.parse` cannot misread it. */
export function parseEntry(bytes: Buffer): Entry {
  return JSON.parse(bytes.toString('utf8')) as Entry;
}

/** The body of an entry as it was kept. Every field is held against the commitment in the entry. */
export async function readBody(layout: Layout, entry: Entry, keys: Pick<TaskKeys, 'read'>): Promise<StoredBody> {
  const { seq, tenant } = entry;
  if (entry.commitments === undefined) return { fields: {}, marks: {} };
  const task = keyOwner(entry);
  const batch = await findBatch(layout, seq);
  const frame = batch && findFrame(batch.bodies, task);
  if (batch === undefined || frame === undefined)
    throw new JournalFault('body-missing', `the body of entry ${seq} is not kept any more`);
  const key = keys.read(keyRecordOf(frame), task);
  if (key === undefined)
    throw new JournalFault('body-erased', `the body of entry ${seq} was erased with its task's key`);
  const body = unpackBody(openFrame(frame, { tenant, task, firstSeq: batch.firstSeq }, key), seq);
  for (const [name, committed] of Object.entries(entry.commitments)) {
    const field = body?.fields[name];
    if (field === undefined || !isCommittedTo(name, field, committed))
      throw new JournalFault('body-damaged', `field ${name} of entry ${seq} is not what was committed to`);
  }
  return body ?? { fields: {}, marks: {} };
}

/** Whose key closes the bodies of this entry. */
export function keyOwner(draft: EntryDraft): string {
  return 'task' in draft && draft.task !== undefined ? draft.task : 'no task';
}

async function findBatch(layout: Layout, seq: number): Promise<BatchRecord | undefined> {
  const file = batchFiles(layout).findLast(first => first <= seq);
  if (file === undefined) return undefined;
  const path = batchFilePath(layout, file);
  const bytes = await readFile(path);
  for (let at = 0; ; ) {
    const passed = skipBatch(bytes, at);
    if (passed === undefined) return undefined;
    if (seq < passed.nextSeq) {
      const record = readBatch(bytes, at);
      if (typeof record !== 'string') return record;
      throw new JournalFault('body-damaged', `${path}, byte ${at}: a batch was altered`);
    }
    at = passed.end;
  }
}
