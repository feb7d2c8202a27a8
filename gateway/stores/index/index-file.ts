import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Entry } from '@sallyport/core/model/entry.ts';
import type { DurableEntries } from '../../journal/batch.ts';
import type { Place } from '../../journal/placed-entries.ts';
import type { EntryList } from '../../journal/read.ts';
import { type OpenDatabase, openDatabase } from './database.ts';
import { EntryRows } from './entry-rows.ts';
import { FiledIndex } from './filed.ts';
import { FiledAnew, isSpoilt } from './index-fault.ts';

export interface IndexedJournal {
  /** The entry that lies in some place; throws if it is not there. */
  readonly entryAt: (place: Place) => Entry;
  /** All that is durable from entry `from` on, oldest first. */
  readonly entryLists: (from: number) => AsyncIterable<EntryList>;
}

/** For the operator's log: nothing is lost, and something may be wrong with the disk. */
const madeAnew = 'index.sqlite was not as it was written, and is made again from the journal';

/**
 * The rows of a journal in their file, as long as the file can be believed. Where it shows that it cannot, it is taken away and
 * made again from the journal; whoever asks waits for that, and nobody is answered from a part.
 */
export class IndexFile {
  readonly #file: string;
  readonly #journal: IndexedJournal;
  readonly #notice: (line: string) => void;
  #opened: OpenDatabase;
  #rows: EntryRows;
  /** Settles once everything durable is filed again; undefined while nobody has to wait. */
  #anew: Promise<void> | undefined;
  /** Once a run. If places are wrong then too, it is the journal that is not as it was. */
  #wasMadeAnew = false;
  #isClosed = false;

  constructor(file: string, journal: IndexedJournal, notice: (line: string) => void) {
    this.#file = file;
    this.#journal = journal;
    this.#notice = notice;
    this.#opened = openDatabase(file);
    try {
      this.#rows = this.#load();
    } catch (thrown) {
      if (!isSpoilt(thrown)) throw thrown;
      notice(madeAnew);
      this.#rows = this.#empty();
    }
  }

  get rows(): EntryRows {
    return this.#rows;
  }

  /** What is missing is read from the journal, piece by piece; `anew`: all of it, and nothing is kept that is filed. */
  fileLater(anew = false): void {
    this.#anew = this.#fileRest(anew).finally(() => {
      this.#anew = undefined;
    });
  }

  get isBehind(): boolean {
    return this.#anew !== undefined;
  }

  clear(): void {
    this.#rows = this.#empty();
  }

  /** Takes in durable entries, those that are missing of them. */
  take(batch: DurableEntries): void {
    // What lies between is read of the journal, and these after it.
    if (this.#anew !== undefined && batch.firstSeq > this.#rows.size) return;
    try {
      if (this.#anew === undefined) this.believing(() => this.#take(batch));
      else this.#take(batch);
    } catch (thrown) {
      if (!(thrown instanceof FiledAnew)) throw thrown;
    }
  }

  /** What `ask` answers, unless it meets what shows that the file is not to be believed: throws `FiledAnew` then, and meanwhile. */
  believing<T>(ask: () => T): T {
    if (this.#anew !== undefined) throw new FiledAnew();
    try {
      return ask();
    } catch (thrown) {
      if (!isSpoilt(thrown) || this.#wasMadeAnew) throw thrown;
      this.#wasMadeAnew = true;
      this.#notice(madeAnew);
      this.fileLater(true);
      throw new FiledAnew();
    }
  }

  /** What `ask` answers; where the file is being made anew, once it has been. */
  async asked<T>(ask: () => T | Promise<T>): Promise<T> {
    await this.#anew;
    try {
      return await ask();
    } catch (thrown) {
      if (!(thrown instanceof FiledAnew)) throw thrown;
      await this.#anew;
      return await ask();
    }
  }

  /** That the file falls behind is no reason to stop: the journal holds everything, and a restart files the rest. */
  fileQuietly(all = false): void {
    try {
      this.#rows.file(all);
    } catch {
      // What could not be filed is held, and tried again with the next block.
    }
  }

  close(): void {
    this.#isClosed = true;
    this.fileQuietly(true);
    this.#opened.close();
  }

  #take({ firstSeq, entries, ends }: DurableEntries): void {
    // A gap would be taken for all there was: what is missing is filed at the next start.
    if (firstSeq > this.#rows.size) throw new Error('the index has a gap');
    for (let at = this.#rows.size - firstSeq; at < entries.length; at++) {
      const entry = entries[at];
      if (entry !== undefined) this.#rows.add(entry, (ends[at] ?? 0) - (ends[at - 1] ?? 0));
    }
    if (this.#rows.isDue) this.fileQuietly();
  }

  /** Where that cannot be, nobody is answered until the next start. */
  async #fileRest(anew: boolean): Promise<void> {
    try {
      if (anew) this.clear();
      for (let before = -1; before < this.#rows.size; ) {
        before = this.#rows.size;
        for await (const list of this.#journal.entryLists(before)) {
          if (this.#isClosed) return;
          this.#take(list);
          // What was waiting comes first.
          await nextTurn();
        }
      }
    } catch (thrown) {
      if (!isSpoilt(thrown) || this.#wasMadeAnew) return this.#rows.giveUp();
      this.#wasMadeAnew = true;
      this.#notice(madeAnew);
      await this.#fileRest(true);
    }
  }

  #empty(): EntryRows {
    this.#opened.discard();
    this.#opened = openDatabase(this.#file);
    return this.#load();
  }

  #load(): EntryRows {
    return new EntryRows(new FiledIndex(this.#opened.database), this.#journal.entryAt);
  }
}
