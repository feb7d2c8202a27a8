import { rmSync, statSync, truncateSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Batch } from './batch.ts';
import { type DurableFile, hasTooManyFiles, type OpenDurableFile, openDurableFile, renameDurably } from './durable.ts';
import { layOut } from './laid-out.ts';
import { batchFilePath, type Layout } from './layout.ts';

/** A batch file that has reached this size is not added to. */
const batchFileBytesMax = 64 * 1024 * 1024;
/** Nor one that was begun so long ago: whole files are what bodies are pruned by. */
const batchFileMillisMax = 24 * 3_600_000;

/** What is laid out beforehand at once, and how many batches have to make a file longer before it is worth it. */
const laidOutBytes = 8 * 1024 * 1024;
const grownBatchesMax = 32;

/**
 * The files in which batches become durable: the only place that a caller of the journal ever waits for. A file grows
 * with each batch, until one is ready whose zeros are on disk already (laid-out.ts): writing over those takes half the
 * time. The zeros behind the last batch are no part of the journal.
 */
export class BatchFiles {
  readonly #layout: Layout;
  readonly #openFile: OpenDurableFile;
  readonly #closing = new AbortController();
  #file: OpenBatchFile | undefined;
  #grown = 0;
  /** How it stands with the next file. One that could not be laid out is not tried again before the present one ends. */
  #next: 'none' | 'begun' | 'ready' | 'impossible' = 'none';
  #layingOut: Promise<void> | undefined;
  #hasFailed = false;

  /** Goes on in the file that begins with entry `first`, or begins it: where no more files may be opened later, there is one. */
  constructor(layout: Layout, first: number, openFile: OpenDurableFile = openDurableFile) {
    this.#layout = layout;
    this.#openFile = openFile;
    rmSync(layout.nextBatches, { force: true });
    this.#file = this.#open(first);
  }

  /** Resolves once the batch, with its bodies sealed in it, is on disk. One at a time. */
  async append(batch: Batch): Promise<void> {
    const bytes = batch.seal();
    try {
      const file = this.#fitting(bytes.length) ?? (await this.#fileFor(batch.firstSeq));
      await file.appendable.append([bytes]);
      file.end += bytes.length;
      this.#layOutNext(file);
    } catch (thrown) {
      this.#hasFailed = true;
      throw thrown;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    // A disk that failed is not asked for anything more.
    if (!this.#hasFailed) await this.#layingOut;
    if (!this.#hasFailed) rmSync(this.#layout.nextBatches, { force: true });
    this.#closeFile();
  }

  /** The present file, if the batch lies in what is laid out of it. */
  #fitting(bytes: number): OpenBatchFile | undefined {
    const file = this.#file;
    return file !== undefined && file.end + bytes <= file.laidOut && isYoung(file) ? file : undefined;
  }

  /** The present one goes on for as long as no more files may be opened, however large or old it becomes. */
  async #fileFor(firstSeq: number): Promise<OpenBatchFile> {
    const file = this.#file;
    try {
      if (this.#next === 'ready') return await this.#openLaidOut(firstSeq);
      return file !== undefined && file.end < batchFileBytesMax && isYoung(file) ? file : this.#open(firstSeq);
    } catch (thrown) {
      if (file === undefined || !hasTooManyFiles(thrown)) throw thrown;
      return file;
    }
  }

  /** Opened first, and then renamed: nothing has to be opened any more once it has its name. */
  async #openLaidOut(firstSeq: number): Promise<OpenBatchFile> {
    const path = batchFilePath(this.#layout, firstSeq);
    const appendable = this.#openFile(this.#layout.nextBatches, 0);
    try {
      await renameDurably(this.#layout.nextBatches, path, open);
    } catch (thrown) {
      appendable.close();
      throw thrown;
    }
    return this.#goOnIn(path, appendable, laidOutBytes);
  }

  #open(firstSeq: number): OpenBatchFile {
    const path = batchFilePath(this.#layout, firstSeq);
    return this.#goOnIn(path, this.#openFile(path), 0);
  }

  /** `laidOut`: bytes of zeros that it begins with. */
  #goOnIn(path: string, appendable: DurableFile, laidOut: number): OpenBatchFile {
    this.#closeFile();
    const { size, birthtimeMs } = statSync(path);
    // What the file system does not know counts as now.
    const begunAt = laidOut === 0 && birthtimeMs > 0 ? birthtimeMs : Date.now();
    this.#file = { path, appendable, end: laidOut > 0 ? 0 : size, laidOut, begunAt };
    this.#grown = 0;
    if (laidOut > 0 || this.#next === 'impossible') this.#next = 'none';
    return this.#file;
  }

  #closeFile(): void {
    const file = this.#file;
    this.#file = undefined;
    file?.appendable.close();
    if (file === undefined || file.end >= file.laidOut || this.#hasFailed) return;
    try {
      truncateSync(file.path, file.end);
    } catch (thrown) {
      // It opens the file. Zeros that stay cost their place and nothing else.
      if (!hasTooManyFiles(thrown)) throw thrown;
    }
  }

  /** In time for the present file to be full; behind the calls, which go on in a file that grows where it is not. */
  #layOutNext(file: OpenBatchFile): void {
    if (file.end > file.laidOut) this.#grown++;
    const isDue = file.laidOut > 0 ? file.end > file.laidOut / 2 : this.#grown >= grownBatchesMax;
    if (!isDue || this.#next !== 'none') return;
    this.#next = 'begun';
    this.#layingOut = layOut(this.#layout.nextBatches, laidOutBytes, this.#closing.signal).then(isReady => {
      this.#next = isReady ? 'ready' : 'impossible';
    });
  }
}

interface OpenBatchFile {
  readonly path: string;
  readonly appendable: DurableFile;
  /** Where the next batch goes. */
  end: number;
  readonly laidOut: number;
  readonly begunAt: number;
}

function isYoung({ begunAt }: OpenBatchFile): boolean {
  return Date.now() - begunAt < batchFileMillisMax;
}
