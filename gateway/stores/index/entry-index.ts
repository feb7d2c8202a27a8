import type { EntriesQuery } from '@sallyport/core/model/entries-query.ts';
import type { Answered, Entry } from '@sallyport/core/model/entry.ts';
import type { ApprovalId, DecisionId } from '@sallyport/core/model/ids.ts';
import type { DurableEntries } from '../../journal/batch.ts';
import type { EntryList } from '../../journal/read.ts';
import type { EntryRows } from './entry-rows.ts';
import { type IndexedJournal, IndexFile } from './index-file.ts';
import { nameOf, namesFrom, namesLike } from './name.ts';
import { type Role, role } from './names.ts';
import { type Filter, filterOf, isCandidate, isMeant } from './query.ts';
import { blockEntriesMax, column, rowNumbers } from './rows.ts';
import { type Said, said } from './said.ts';

/** Entries from one `seq` on, and before another. */
interface Span {
  readonly from: number;
  readonly end: number;
}

export type Found =
  | { readonly kind: 'found'; readonly entry: Entry }
  /** No entry has this id, or several begin with it. */
  | { readonly kind: 'none' | 'many' };

/**
 * The index over the journal: what `tail`, `why` and `tasks` ask. It knows of each entry a few numbers and where it lies;
 * the entry itself is read from the journal. Whoever asks is answered with everything that is durable at that moment.
 */
export class EntryIndex {
  readonly #file: IndexFile;
  readonly #watchers = new Set<() => void>();
  #isClosed = false;

  /** `notice` is told what an operator should know of the file. */
  constructor(file: string, journal: IndexedJournal, notice: (line: string) => void = () => {}) {
    this.#file = new IndexFile(file, journal, notice);
  }

  /** The newest entry that is known; −1 if none is. */
  get appliedSeq(): number {
    return this.#rows.size - 1;
  }

  get #rows(): EntryRows {
    return this.#file.rows;
  }

  /** Whether what is known last is `entry`, the journal's own of the same number. If not, another journal was filed. */
  agreesWith(entry: Entry | undefined): boolean {
    try {
      const filed = this.#rows.entry(this.appliedSeq);
      return filed.seq === entry?.seq && filed.id === entry.id;
    } catch {
      return false;
    }
  }

  clear(): void {
    this.#file.clear();
  }

  /** Everything that is missing is filed from now on, beside whatever else is done; whoever asks waits for it. */
  fileLater(): void {
    this.#file.fileLater();
  }

  /** How much of `all` entries is filed, from 0 to 1; undefined where nobody waits. */
  filing(all: number): number | undefined {
    return this.#file.isBehind ? this.#rows.size / Math.max(1, all) : undefined;
  }

  /** Takes in what is missing of a list of the journal's entries. */
  catchUp(list: EntryList): void {
    this.#file.take(list);
  }

  /** Takes in entries that have become durable. */
  add(batch: DurableEntries): void {
    try {
      this.#file.take(batch);
    } catch {
      this.#rows.giveUp();
    }
    for (const wake of this.#watchers) wake();
  }

  /** What `ask` answers with the index; a question that finds the file spoilt is asked again once that has been made anew. */
  asked<T>(ask: () => T | Promise<T>): Promise<T> {
    return this.#file.asked(ask);
  }

  /** By id, or by a prefix that only one id has. */
  find(id: string): Found {
    return this.#file.believing(() => this.#find(id));
  }

  #find(id: string): Found {
    const range = namesFrom(id);
    // Where the range is wide so many may begin alike that not all are looked at.
    const isWide = range.from < range.to;
    const exact = isWide ? this.#rows.find(id) : undefined;
    if (exact !== undefined) return { kind: 'found', entry: exact };
    let found: Entry | undefined;
    let isMany = false;
    for (const seq of this.#rows.naming(range, role.self)) {
      const entry = this.#rows.entry(seq);
      if (entry.id === id) return { kind: 'found', entry };
      if (!entry.id.startsWith(id) || entry.id === found?.id) continue;
      isMany = found !== undefined;
      if (isMany && isWide) break;
      found = entry;
    }
    if (found === undefined) return { kind: 'none' };
    return isMany ? { kind: 'many' } : { kind: 'found', entry: found };
  }

  /** The outcome of a decision, and the question it led to. */
  following(decision: DecisionId): readonly Entry[] {
    return this.#naming(decision, role.decision).filter(entry => said(entry).decision === decision);
  }

  answerTo(approval: ApprovalId): (Entry & Answered) | undefined {
    const entries = this.#naming(approval, role.approval);
    return entries.find((entry): entry is Entry & Answered => entry.kind === 'answered' && entry.approval === approval);
  }

  /** Those that may name it like this, oldest first. */
  #naming(id: string, as: Role): Entry[] {
    return this.#file.believing(() => {
      const named = [...this.#rows.naming(namesLike(nameOf(id)), as)];
      return named.sort((a, b) => a - b).map(seq => this.#rows.entry(seq));
    });
  }

  /** Oldest first. */
  page(query: EntriesQuery): readonly Entry[] {
    return this.#file.believing(() => this.#page(query));
  }

  #page(query: EntriesQuery): readonly Entry[] {
    const filter = filterOf(query);
    const entries: Entry[] = [];
    const read = this.#reading();
    for (const { seq, decided } of this.#candidates(filter, this.#spanOf(query))) {
      if (entries.length === query.limit) break;
      const entry = read(seq);
      // The decision that it follows from.
      const decisionOf = (): Said | undefined => (decided === 0 ? undefined : said(read(decided - 1)));
      if (isMeant(filter, said(entry), decisionOf)) entries.push(entry);
    }
    return query.after === undefined ? entries.reverse() : entries;
  }

  /** What `page` answers, and then each entry that matches, once it is durable; ends when `signal` is aborted. */
  async *follow(query: EntriesQuery, signal: AbortSignal): AsyncGenerator<Entry> {
    let next = query;
    while (!signal.aborted && !this.#isClosed) {
      // All in one moment: what comes after what is seen is waited for.
      const { changed, seen, entries } = await this.asked(() => ({
        changed: this.#change(signal),
        seen: this.appliedSeq,
        entries: this.page(next),
      }));
      for (const entry of entries) yield entry;
      const isAll = next.after === undefined || entries.length < query.limit;
      next = { ...query, after: Math.max(next.after ?? -1, isAll ? seen : (entries.at(-1)?.seq ?? seen)) };
      if (isAll) await changed;
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const wake of this.#watchers) wake();
    this.#file.close();
  }

  /** Resolves at the next durable entry, or when nobody waits any more. */
  #change(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const wake = (): void => {
        this.#watchers.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#watchers.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  /** The rows that a filter lets pass, in the order in which they are asked for, with what each is decided by. */
  *#candidates(filter: Filter, span: Span): Generator<{ readonly seq: number; readonly decided: number }> {
    const isUpwards = filter.query.after !== undefined;
    for (const block of this.#blocks(filter.query, span)) {
      const rows = this.#rows.block(block);
      const first = block * blockEntriesMax;
      const from = Math.max(0, span.from - first);
      const end = Math.min(rows.length / rowNumbers, span.end - first);
      for (let count = 0; count < end - from; count++) {
        const place = isUpwards ? from + count : end - 1 - count;
        const at = place * rowNumbers;
        if (isCandidate(filter, rows, at)) yield { seq: first + place, decided: rows[at + column.decided] as number };
      }
    }
  }

  /** Where it is looked: between the instants that are asked for, and after `after`. */
  #spanOf({ after = -1, since, until }: EntriesQuery): Span {
    const { size } = this.#rows;
    const least = Math.min(after + 1, size);
    const from = since === undefined ? least : this.#firstSince(since, least);
    return { from, end: until === undefined ? size : this.#firstSince(until, from) };
  }

  /**
   * `seq` of the first entry of `instant` or later, from `least` on; one more than the newest if there is none. No `at` is less
   * than the one before (docs/formats/journal.md), so few are read: 20 of a million.
   */
  #firstSince(instant: number, least: number): number {
    let [low, high] = [least, this.#rows.size];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.#rows.entry(middle).at < instant) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Those in which something may be found, in the order in which they are looked through. */
  #blocks({ after, task }: EntriesQuery, { from, end }: Span): Iterable<number> {
    const last = Math.ceil(end / blockEntriesMax) - 1;
    const first = Math.floor(from / blockEntriesMax);
    if (task !== undefined) {
      const blocks = this.#blocksOf(task, first, last);
      return after === undefined ? blocks : [...blocks].reverse();
    }
    return after === undefined ? downwards(last, first) : upwards(first, last);
  }

  /** Newest first, as names come that lie in one bucket. */
  *#blocksOf(task: string, first: number, last: number): Generator<number> {
    let above = last + 1;
    for (const seq of this.#rows.naming(namesLike(nameOf(task)), role.task)) {
      const block = Math.floor(seq / blockEntriesMax);
      if (block < first) return;
      if (block >= above) continue;
      above = block;
      yield block;
    }
  }

  /** Reads entries, each once. */
  #reading(): (seq: number) => Entry {
    const known = new Map<number, Entry>();
    return seq => {
      const entry = known.get(seq) ?? this.#rows.entry(seq);
      known.set(seq, entry);
      return entry;
    };
  }
}

function* upwards(first: number, last: number): Generator<number> {
  for (let block = first; block <= last; block++) yield block;
}

function* downwards(last: number, first: number): Generator<number> {
  for (let block = last; block >= first; block--) yield block;
}
