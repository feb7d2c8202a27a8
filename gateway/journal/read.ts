import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { entriesLevel, tilePath, tileWidth } from '@sallyport/core/journal/tile.ts';
import type { Entry, EntryDraft } from '@sallyport/core/model/entry.ts';
import type { EntryId } from '@sallyport/core/model/ids.ts';
import type { DurableEntries } from './batch.ts';
import { JournalFault } from './fault.ts';
import { FrameSplitter, readFrameLists } from './frames.ts';
import { type Layout, segmentEntriesMax, segmentPath } from './layout.ts';

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

/** Whose key closes the bodies of this entry. */
export function keyOwner(draft: EntryDraft): string {
  return 'task' in draft && draft.task !== undefined ? draft.task : 'no task';
}
