import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Answered, Entry } from '@sallyport/core/model/entry.ts';
import type { ApprovalId, DecisionId } from '@sallyport/core/model/ids.ts';
import { Backlog, type Unfiled } from './backlog.ts';
import { type OpenDatabase, openDatabase } from './database.ts';
import { type EntryQuery, querySql } from './query.ts';
import { ownSubject, RecentDecisions, type Subject } from './rows.ts';

export type Found =
  | { readonly kind: 'found'; readonly entry: Entry }
  /** No entry has this id, or several begin with it. */
  | { readonly kind: 'none' | 'many' };

/** Entries are filed when nothing new has come for so long: a gateway at work has better things to do. */
const restMillis = 100;
/** What may wait while calls go on, about 1,500 entries; beyond, they are filed in slices between the calls. */
const waitingBytesMax = 1024 * 1024;
/** What may wait for a disk that refuses. */
const refusedBytesMax = 64 * 1024 * 1024;
/** About 100 entries, a millisecond or two. */
const sliceBytes = 64 * 1024;
/** Slices share a transaction up to here, some 3,000 entries: ids are random, and each transaction writes most of their index. */
const transactionBytesMax = 2 * 1024 * 1024;

/**
 * The index over the journal: what `tail`, `why` and `tasks` ask. It holds nothing that the journal does not, and is
 * fed in slices when there is time; whoever asks is answered with everything that is durable at that moment.
 */
export class EntryIndex {
  readonly #opened: OpenDatabase;
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #byId: StatementSync;
  readonly #byPrefix: StatementSync;
  readonly #byDecision: StatementSync;
  readonly #answer: StatementSync;
  readonly #recent = new RecentDecisions();
  readonly #backlog = new Backlog();
  readonly #watchers = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #addedAt = 0;
  #appliedSeq: number;
  /** The newest entry that was filed for good. */
  #committedSeq: number;
  #closed = false;

  constructor(file: string) {
    this.#opened = openDatabase(file);
    this.#database = this.#opened.database;
    const columns = 'seq, id, kind, task, agent, server, tool, answer, decided, approval, entry';
    this.#insert = this.#database.prepare(`INSERT INTO entries (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#byId = this.#database.prepare(
      'SELECT entry, seq AS decided, agent, server, tool FROM entries WHERE id = ? ORDER BY seq LIMIT 1',
    );
    this.#byPrefix = this.#database.prepare('SELECT entry FROM entries WHERE id >= ? AND id < ? ORDER BY seq LIMIT 2');
    this.#byDecision = this.#database.prepare(
      'SELECT entry FROM entries WHERE decided = (SELECT seq FROM entries WHERE id = ?) ORDER BY seq',
    );
    this.#answer = this.#database.prepare(
      "SELECT entry FROM entries WHERE approval = ? AND kind = 'answered' ORDER BY seq LIMIT 1",
    );
    const last = this.#database.prepare('SELECT max(seq) AS seq FROM entries').get() as { seq: number | null };
    this.#appliedSeq = last.seq ?? -1;
    this.#committedSeq = this.#appliedSeq;
  }

  /** The newest entry that is filed; −1 if none is. */
  get appliedSeq(): number {
    return this.#appliedSeq;
  }

  /** Whether what is filed last is `entry`, the journal's own of the same number. If not, another journal was filed. */
  agreesWith(entry: Entry | undefined): boolean {
    const filed = entry === undefined ? undefined : this.#find(entry.id);
    return filed !== undefined && (JSON.parse(filed) as Entry).seq === entry?.seq;
  }

  /** Files what is missing of a list of the journal's entries. */
  catchUp(entries: readonly Entry[]): void {
    const missing = entries.filter(entry => entry.seq > this.#appliedSeq);
    this.#safely(() => {
      this.#file(missing.map(entry => ({ entry, text: JSON.stringify(entry) })));
      this.#commit();
    });
  }

  clear(): void {
    this.#database.exec('DELETE FROM entries');
    [this.#appliedSeq, this.#committedSeq] = [-1, -1];
  }

  /** Takes note of durable entries, framed as in the journal's segments; they are filed later. */
  add(frames: Buffer): void {
    this.#backlog.add(frames);
    this.#addedAt = performance.now();
    this.#timer ??= this.#lookIn(restMillis);
    for (const wake of this.#watchers) wake();
  }

  /** Files everything that waits. Throws if the disk refuses; what waits then goes on waiting. */
  flush(): void {
    this.#slice(Number.POSITIVE_INFINITY);
  }

  /** Files a slice if it is time, and looks again. */
  #look(): void {
    const isResting = performance.now() - this.#addedAt >= restMillis;
    const isFiled = (isResting || this.#backlog.bytes > waitingBytesMax) && this.#fileQuietly(sliceBytes);
    this.#timer = this.#backlog.bytes === 0 ? undefined : this.#lookIn(isFiled ? 0 : restMillis);
  }

  #lookIn(millis: number): NodeJS.Timeout {
    return setTimeout(() => this.#look(), millis).unref();
  }

  /** That the index falls behind is no reason to stop: the journal holds everything, and a restart files the rest. */
  #fileQuietly(bytes: number): boolean {
    try {
      this.#slice(bytes);
      return true;
    } catch {
      if (this.#backlog.bytes > refusedBytesMax) this.#backlog.clear();
      return false;
    }
  }

  #slice(bytes: number): void {
    this.#safely(() => {
      this.#file(this.#backlog.take(bytes));
      if (this.#backlog.bytes === 0 || this.#backlog.takenBytes > transactionBytesMax) this.#commit();
    });
  }

  #commit(): void {
    if (this.#database.isTransaction) this.#database.exec('COMMIT');
    this.#backlog.drop();
    this.#committedSeq = this.#appliedSeq;
  }

  /** What was filed and not committed waits again if anything fails. */
  #safely(work: () => void): void {
    try {
      work();
    } catch (thrown) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      this.#backlog.putBack();
      this.#appliedSeq = this.#committedSeq;
      throw thrown;
    }
  }

  /** By id, or by a prefix that only one id has. */
  find(id: string): Found {
    this.flush();
    const exact = this.#find(id);
    if (exact !== undefined) return { kind: 'found', entry: JSON.parse(exact) as Entry };
    const rows = this.#byPrefix.all(id, `${id}\u{10ffff}`) as { entry: string }[];
    const [first, second] = rows.map(({ entry }) => JSON.parse(entry) as Entry);
    if (first === undefined) return { kind: 'none' };
    return second === undefined ? { kind: 'found', entry: first } : { kind: 'many' };
  }

  /** The outcome of a decision, and the question it led to. */
  following(decision: DecisionId): readonly Entry[] {
    this.flush();
    return (this.#byDecision.all(decision) as { entry: string }[]).map(({ entry }) => JSON.parse(entry) as Entry);
  }

  answerTo(approval: ApprovalId): (Entry & Answered) | undefined {
    this.flush();
    const row = this.#answer.get(approval) as { entry: string } | undefined;
    return row === undefined ? undefined : (JSON.parse(row.entry) as Entry & Answered);
  }

  /** Oldest first. */
  page(query: EntryQuery): readonly Entry[] {
    this.flush();
    const { text, values } = querySql(query);
    const rows = this.#database.prepare(text).all(...values) as { entry: string }[];
    const entries = rows.map(({ entry }) => JSON.parse(entry) as Entry);
    return query.after === undefined ? entries.reverse() : entries;
  }

  /** What `page` answers, and then each entry that matches, once it is durable; ends when `signal` is aborted. */
  async *follow(query: EntryQuery, signal: AbortSignal): AsyncGenerator<Entry> {
    let next = query;
    while (!signal.aborted && !this.#closed) {
      const changed = this.#change(signal);
      const entries = this.page(next);
      for (const entry of entries) yield entry;
      next = {
        ...query,
        after: Math.max(next.after ?? -1, entries.at(-1)?.seq ?? (next.after === undefined ? this.#appliedSeq : -1)),
      };
      if (entries.length < query.limit) await changed;
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#fileQuietly(Number.POSITIVE_INFINITY);
    this.#closed = true;
    for (const wake of this.#watchers) wake();
    this.#opened.close();
  }

  #find(id: string): string | undefined {
    return (this.#byId.get(id) as { entry: string } | undefined)?.entry;
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

  #file(entries: readonly Unfiled[]): void {
    if (entries.length === 0) return;
    // A gap would be taken for all there was: the file is begun anew at the next start.
    if (entries[0]?.entry.seq !== this.#appliedSeq + 1) throw new Error('the index has a gap');
    if (!this.#database.isTransaction) this.#database.exec('BEGIN');
    for (const { entry, text } of entries) this.#row(entry, text);
    this.#appliedSeq = entries.at(-1)?.entry.seq ?? this.#appliedSeq;
  }

  #row(entry: Entry, text: string): void {
    const subject = this.#subjectOf(entry);
    const approval = 'approval' in entry ? (entry.approval ?? null) : null;
    const task = 'task' in entry ? (entry.task ?? null) : null;
    const answer = entry.kind === 'decided' ? entry.answer : null;
    if (entry.kind === 'decided') this.#recent.set(entry.id, { ...subject, decided: entry.seq });
    const { decided, agent, server, tool } = subject;
    this.#insert.run(entry.seq, entry.id, entry.kind, task, agent, server, tool, answer, decided, approval, text);
  }

  #subjectOf(entry: Entry): Subject {
    const own = ownSubject(entry);
    if (own !== undefined || !('decision' in entry)) return own ?? nobody;
    return this.#recent.get(entry.decision) ?? (this.#byId.get(entry.decision) as Subject | undefined) ?? nobody;
  }
}

const nobody: Subject = { decided: null, agent: null, server: null, tool: null };
