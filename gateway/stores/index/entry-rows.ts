import type { Entry, EntryDraft } from '@sallyport/core/model/entry.ts';
import { segmentEntriesMax } from '../../journal/layout.ts';
import type { Place } from '../../journal/placed-entries.ts';
import type { FiledIndex, NamesOfBucket } from './filed.ts';
import { IndexFault } from './index-fault.ts';
import { type NameRange, nameOf, namesLike } from './name.ts';
import { bucketsOf, bucketsOfSegment, placesIn, type Role, role, SegmentNames } from './names.ts';
import {
  addRow,
  type Block,
  blockEntriesMax,
  blocksOfSegment,
  column,
  filled,
  newBlock,
  type RowSubject,
  rowNumbers,
  subjectAt,
} from './rows.ts';
import { type Said, said } from './said.ts';
import { nobody, ownRow, RecentDecisions } from './subject.ts';

/** Blocks that are written in one transaction. A segment is a multiple of them. */
const filedBlocks = 4;
/** Blocks that are kept of those read, 150 kB. */
const keptBlocks = 16;
/** Of a segment that is full, so many go into the file at once: a millisecond or less, until all have after 32 times. */
const filedBuckets = bucketsOfSegment / 32;
/** Blocks that may wait for a disk that refuses: a million entries, 50 MB. */
const heldBlocksMax = 4_096;

/** A block in memory. Its names begin at `namesFrom` of those of its segment. */
interface Held {
  readonly block: Block;
  readonly names: SegmentNames;
  readonly namesFrom: number;
}

/**
 * The rows of all entries, and whom they name. The newest blocks are in memory until they are filed, names until their segment is full,
 * and answers are made from there as from the file.
 */
export class EntryRows {
  readonly #filed: FiledIndex;
  readonly #entryAt: (place: Place) => Entry;
  /** Blocks as they were read of the file, each in the slot of its number. */
  #kept: { readonly number: number; readonly rows: Uint32Array }[] = [];
  /** The newest blocks, oldest first; the last may have room. */
  #held: Held[] = [];
  #names = new SegmentNames(0);
  /** Of segments that are full and not filed by bucket, oldest first; of the first the buckets before `#bucket` are. */
  #full: SegmentNames[] = [];
  #bucket = 0;
  readonly #recent = new RecentDecisions();
  /** Those that the newest block names. */
  readonly #tasks = new Set<string>();
  #size = 0;
  /** Where the next entry begins in its segment. */
  #start = 0;
  #isDue = false;
  #hasGap = false;

  constructor(filed: FiledIndex, entryAt: (place: Place) => Entry) {
    this.#filed = filed;
    this.#entryAt = entryAt;
    this.#load();
  }

  /** Entries that are known. */
  get size(): number {
    return this.#size;
  }

  /** As many blocks as are filed at once have become full since it was last tried. */
  get isDue(): boolean {
    return this.#isDue;
  }

  /** Takes in the next entry, whose frame has so many bytes. */
  add(draft: EntryDraft, bytes: number): void {
    if (this.#hasGap) return;
    const entry = said(draft);
    const { block } = this.#open();
    const subject = this.#subjectOf(entry);
    addRow(block, entry, subject, this.#start, bytes);
    this.#addNames(entry);
    this.#size++;
    this.#start += bytes;
    if (entry.kind === 'decided') this.#recent.set(entry.id, { ...subject, decided: this.#size });
    if (block.size === blockEntriesMax) this.#close();
  }

  /**
   * Writes the blocks that are full, or `all`. Throws if the disk refuses: what is held is then held on, up to a bound, beyond
   * which there is a gap until the next start.
   */
  file(all = false): void {
    this.#isDue = false;
    const due = all ? this.#held : this.#held.filter(({ block }) => block.size === blockEntriesMax);
    if (due.length === 0) return;
    const [names] = this.#full;
    // In proportion: else names of full segments would pile up where much is filed at once.
    const share = filedBuckets * Math.ceil(due.length / filedBlocks);
    const buckets = names && { names, from: this.#bucket, end: Math.min(bucketsOfSegment, this.#bucket + share) };
    try {
      this.#filed.write({ blocks: due.map(held => this.#filing(held)), buckets });
    } catch (thrown) {
      if (this.#held.length > heldBlocksMax) this.giveUp();
      throw thrown;
    }
    this.#held = this.#held.filter(({ block }) => block.size < blockEntriesMax);
    this.#bucket = (buckets?.end ?? 0) % bucketsOfSegment;
    if (buckets?.end === bucketsOfSegment) this.#full.shift();
  }

  /** Nothing more is taken in, and nobody is answered: the next start makes up for it. */
  giveUp(): void {
    [this.#held, this.#full, this.#names] = [[], [], new SegmentNames(0)];
    this.#hasGap = true;
  }

  /** The rows of one block, as far as it is filled. */
  block(number: number): Uint32Array {
    // It would be taken for all there was.
    if (this.#hasGap) throw new Error('the index has a gap');
    const held = this.#held[number - (this.#held[0]?.block.number ?? 0)]?.block;
    if (held?.number === number) return filled(held);
    const kept = this.#kept[number % keptBlocks];
    if (kept?.number === number) return kept.rows;
    const rows = this.#filed.rows(number);
    this.#kept[number % keptBlocks] = { number, rows };
    return rows;
  }

  /** The entries that may name something in `range` like this, one in each block for a task. In each bucket the newest first. */
  *naming(range: NameRange, as: Role): Generator<number> {
    if (this.#hasGap) throw new Error('the index has a gap');
    const held = [this.#names, ...this.#full.toReversed()];
    const oldest = held.at(-1)?.segment ?? 0;
    for (const bucket of bucketsOf(range)) {
      for (const names of held) yield* seqsIn({ segment: names.segment, pairs: names.bucket(bucket) }, range, as);
      // A segment of which only some buckets are filed is among those held.
      for (const found of oldest === 0 ? [] : this.#filed.bucket(bucket))
        if (found.segment < oldest) yield* seqsIn(found, range, as);
    }
  }

  /** The entry itself, as it stands in the journal. */
  entry(seq: number): Entry {
    const rows = this.block(Math.floor(seq / blockEntriesMax));
    const at = (seq % blockEntriesMax) * rowNumbers;
    return this.#entryAt({ seq, start: rows[at + column.start] as number, bytes: rows[at + column.bytes] as number });
  }

  /** The entry with this very id. */
  find(id: string): Entry | undefined {
    for (const seq of this.naming(namesLike(nameOf(id)), role.self)) {
      const entry = this.entry(seq);
      if (entry.id === id) return entry;
    }
    return undefined;
  }

  #load(): void {
    const last = this.#filed.last();
    if (last === undefined) return;
    const end = (last.size - 1) * rowNumbers;
    const [start, bytes] = [last.rows[end + column.start] as number, last.rows[end + column.bytes] as number];
    this.#size = last.number * blockEntriesMax + last.size;
    this.#start = this.#size % segmentEntriesMax === 0 ? 0 : start + bytes;
    this.#names = new SegmentNames(Math.floor(this.#size / segmentEntriesMax));
    let next: number | undefined;
    for (const { block, pairs } of this.#filed.newNames()) {
      if (block !== (next ?? block - (block % blocksOfSegment))) throw new IndexFault('names are missing');
      next = block + 1;
      const names = this.#namesOf(Math.floor(block / blocksOfSegment));
      if (block === last.number && last.size < blockEntriesMax)
        this.#held = [{ block: last, names, namesFrom: names.size }];
      names.addPairs(pairs);
    }
    const isAll = next === last.number + 1 || (next === undefined && this.#size % segmentEntriesMax === 0);
    if (last.size === 0 || !isAll) throw new IndexFault('names are missing');
  }

  /** To load them into. Those of a segment that is full are filed by bucket anew, from the first on. */
  #namesOf(segment: number): SegmentNames {
    if (segment === this.#names.segment) return this.#names;
    const last = this.#full.at(-1);
    if (last?.segment === segment) return last;
    const names = new SegmentNames(segment);
    this.#full.push(names);
    return names;
  }

  /** The block with room for the next entry. */
  #open(): Held {
    const last = this.#held.at(-1);
    if (last !== undefined && last.block.size < blockEntriesMax) return last;
    const block = newBlock(this.#size / blockEntriesMax);
    const held = { block, names: this.#names, namesFrom: this.#names.size };
    this.#held.push(held);
    return held;
  }

  /** The newest block is full, and perhaps its segment. */
  #close(): void {
    this.#tasks.clear();
    if ((this.#size / blockEntriesMax) % filedBlocks === 0) this.#isDue = true;
    if (this.#size % segmentEntriesMax !== 0) return;
    this.#full.push(this.#names);
    this.#names = new SegmentNames(this.#size / segmentEntriesMax);
    this.#start = 0;
  }

  #filing({ block, names, namesFrom }: Held): { readonly block: Block; readonly names: Uint32Array } {
    const next = this.#held.find(held => held.block.number === block.number + 1 && held.names === names);
    return { block, names: names.pairs(namesFrom, next?.namesFrom ?? names.size) };
  }

  #addNames({ id, kind, decision, approval, task }: Said): void {
    const place = this.#size % segmentEntriesMax;
    this.#names.add(nameOf(id), role.self, place);
    if (decision !== undefined) this.#names.add(nameOf(decision), role.decision, place);
    if (approval !== undefined && kind === 'answered') this.#names.add(nameOf(approval), role.approval, place);
    if (task === undefined || this.#tasks.has(task)) return;
    this.#tasks.add(task);
    this.#names.add(nameOf(task), role.task, place);
  }

  #subjectOf(entry: Said): RowSubject {
    if (entry.decision === undefined) return ownRow(entry);
    const recent = this.#recent.get(entry.decision);
    if (recent !== undefined) return recent;
    const seq = this.find(entry.decision)?.seq;
    if (seq === undefined) return nobody;
    const subject = subjectAt(this.block(Math.floor(seq / blockEntriesMax)), (seq % blockEntriesMax) * rowNumbers);
    return { ...subject, decided: seq + 1 };
  }
}

function seqsIn({ segment, pairs }: NamesOfBucket, range: NameRange, as: Role): number[] {
  return placesIn(pairs, range, as).map(place => segment * segmentEntriesMax + place);
}
