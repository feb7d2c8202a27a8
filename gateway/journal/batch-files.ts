import { statSync } from 'node:fs';
import type { Batch } from './batch.ts';
import { type DurableFile, type OpenDurableFile, openDurableFile } from './durable.ts';
import { batchFilePath, type Layout } from './layout.ts';

/** A batch file that has reached this size is not added to. */
const batchFileBytesMax = 64 * 1024 * 1024;
/** Nor one that was begun so long ago: whole files are what bodies are pruned by. */
const batchFileMillisMax = 24 * 3_600_000;

/** The files in which batches become durable: the only place that a caller of the journal ever waits for. */
export class BatchFiles {
  readonly #layout: Layout;
  readonly #openFile: OpenDurableFile;
  #file: DurableFile | undefined;
  #bytes = 0;
  #begunAt = 0;

  /** Goes on in the file that begins with entry `last`, if there is one. */
  constructor(layout: Layout, last: number | undefined, openFile: OpenDurableFile = openDurableFile) {
    this.#layout = layout;
    this.#openFile = openFile;
    if (last !== undefined) this.#open(last);
  }

  /** Resolves once the batch with the sealed bodies `frames` is on disk. */
  async append(batch: Batch, frames: readonly Buffer[]): Promise<void> {
    const file = this.#fileFor(batch);
    const parts = batch.seal(frames);
    for (const part of parts) this.#bytes += part.length;
    await file.append(parts);
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #fileFor(batch: Batch): DurableFile {
    const isYoung = Date.now() - this.#begunAt < batchFileMillisMax;
    if (this.#file !== undefined && this.#bytes < batchFileBytesMax && isYoung) return this.#file;
    return this.#open(batch.firstSeq);
  }

  #open(firstSeq: number): DurableFile {
    this.close();
    const path = batchFilePath(this.#layout, firstSeq);
    const file = this.#openFile(path);
    const { size, birthtimeMs } = statSync(path);
    this.#bytes = size;
    // What the file system does not know counts as now.
    this.#begunAt = birthtimeMs > 0 ? birthtimeMs : Date.now();
    this.#file = file;
    return file;
  }
}
