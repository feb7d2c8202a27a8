import { statSync } from 'node:fs';
import type { Batch } from './batch.ts';
import { type DurableFile, type OpenDurableFile, openDurableFile } from './durable.ts';
import { batchFilePath, type Layout } from './layout.ts';

/** A batch file that has reached this size is not added to. */
const batchFileBytesMax = 64 * 1024 * 1024;

/** The files in which batches become durable: the only place that a caller of the journal ever waits for. */
export class BatchFiles {
  readonly #layout: Layout;
  readonly #openFile: OpenDurableFile;
  #file: DurableFile | undefined;
  #bytes = 0;

  /** Goes on in the file that begins with entry `last`, if there is one. */
  constructor(layout: Layout, last: number | undefined, openFile: OpenDurableFile = openDurableFile) {
    this.#layout = layout;
    this.#openFile = openFile;
    if (last !== undefined) this.#open(last);
  }

  async append(batch: Batch): Promise<void> {
    if (this.#file === undefined || this.#bytes >= batchFileBytesMax) this.#open(batch.firstSeq);
    this.#bytes += batch.bytes;
    await this.#file?.append(batch.seal());
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #open(firstSeq: number): void {
    this.close();
    const path = batchFilePath(this.#layout, firstSeq);
    this.#file = this.#openFile(path);
    this.#bytes = statSync(path).size;
  }
}
