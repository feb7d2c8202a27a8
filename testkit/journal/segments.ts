import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { layoutOf, makeDirs, segmentEntriesMax, segmentPath } from '@sallyport/gateway/journal/layout.ts';
import { type Place, PlacedEntries } from '@sallyport/gateway/journal/placed-entries.ts';
import { type EntryList, readEntryLists } from '@sallyport/gateway/journal/read.ts';

/** The segments of a journal, without the journal. */
export class SegmentFiles {
  readonly dir = mkdtempSync(join(tmpdir(), 'sallyport-index-'));
  readonly #layout = layoutOf(this.dir);
  readonly #placed = new PlacedEntries(this.#layout);
  #size = 0;

  constructor() {
    makeDirs(this.#layout);
  }

  readonly entryAt = (place: Place): Entry => this.#placed.read(place);

  readonly entryLists = (from: number): AsyncIterable<EntryList> => readEntryLists(this.#layout, from, this.#size);

  /** Writes the next entries, all into one segment. */
  write(entries: readonly Entry[]): EntryList {
    const firstSeq = this.#size;
    const frames = entries.map(framed);
    appendFileSync(segmentPath(this.#layout, Math.floor(firstSeq / segmentEntriesMax)), Buffer.concat(frames));
    this.#size += entries.length;
    let end = 0;
    return { firstSeq, entries, ends: frames.map(({ length }) => (end += length)) };
  }

  [Symbol.dispose](): void {
    this.#placed.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

function framed(entry: Entry): Buffer {
  const text = Buffer.from(JSON.stringify(entry));
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([length, text]);
}
