import { readFile } from 'node:fs/promises';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { type BatchRecord, readBatch, skipBatch } from './batch.ts';
import { JournalFault } from './fault.ts';
import { batchFilePath, type Layout } from './layout.ts';
import { isCommittedTo } from './opened-body.ts';
import { type StoredBody, unpackBody } from './packed-body.ts';
import { keyOwner } from './read.ts';
import { batchFiles } from './replay.ts';
import { findFrame, keyRecordOf, openFrame } from './sealed-frames.ts';
import type { TaskKeys } from './task-keys.ts';

/**
 * Reads bodies as they were kept. The batch file that it read last stays with it, up to 64 MiB: whoever asks for many, oldest
 * first, reads each file once. For one run of questions, not to be kept.
 */
export class StoredBodies {
  readonly #layout: Layout;
  readonly #keys: Pick<TaskKeys, 'read'>;
  #last: BatchFileRead | undefined;

  constructor(layout: Layout, keys: Pick<TaskKeys, 'read'>) {
    this.#layout = layout;
    this.#keys = keys;
  }

  /** Every field is held against the commitment in the entry. */
  async of(entry: Entry): Promise<StoredBody> {
    const { seq, tenant } = entry;
    if (entry.commitments === undefined) return { fields: {}, marks: {} };
    const task = keyOwner(entry);
    const batch = await this.#batchOf(seq);
    const frame = batch && findFrame(batch.bodies, task);
    if (batch === undefined || frame === undefined)
      throw new JournalFault('body-missing', `the body of entry ${seq} is not kept any more`);
    const key = this.#keys.read(keyRecordOf(frame), task);
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

  async #batchOf(seq: number): Promise<BatchRecord | undefined> {
    const kept = this.#last;
    if (kept !== undefined && seq >= kept.nextSeq && seq < kept.endSeq) {
      const found = batchIn(kept, seq);
      // Nothing is added to a file that another comes after: what is not in it is not kept.
      if (found !== undefined || kept.endSeq < Number.POSITIVE_INFINITY) return found;
    }
    this.#last = await readFileWith(this.#layout, seq);
    return this.#last && batchIn(this.#last, seq);
  }
}

async function readFileWith(layout: Layout, seq: number): Promise<BatchFileRead | undefined> {
  const files = batchFiles(layout);
  const index = files.findLastIndex(first => first <= seq);
  const first = files[index];
  if (first === undefined) return undefined;
  const path = batchFilePath(layout, first);
  const endSeq = files[index + 1] ?? Number.POSITIVE_INFINITY;
  return { path, bytes: await readFile(path), endSeq, at: 0, nextSeq: first };
}

interface BatchFileRead {
  readonly path: string;
  readonly bytes: Buffer;
  /** The file after it begins with this entry. */
  readonly endSeq: number;
  /** How far it was passed by: byte `at` begins the batch with entry `nextSeq`. */
  at: number;
  nextSeq: number;
}

/** Goes on from where it came to. */
function batchIn(file: BatchFileRead, seq: number): BatchRecord | undefined {
  for (;;) {
    const passed = skipBatch(file.bytes, file.at);
    if (passed === undefined) return undefined;
    if (seq < passed.nextSeq) {
      const record = readBatch(file.bytes, file.at);
      if (typeof record !== 'string') return record;
      throw new JournalFault('body-damaged', `${file.path}, byte ${file.at}: a batch was altered`);
    }
    [file.at, file.nextSeq] = [passed.end, passed.nextSeq];
  }
}
