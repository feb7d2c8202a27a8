import { JournalFault } from '../../journal/fault.ts';

/** The file is not as it was written: nothing is believed of it any more. */
export class IndexFault extends Error {
  override readonly name = 'IndexFault';
}

/** Whoever asks meanwhile has to ask again, or wait. */
export class FiledAnew extends Error {
  override readonly name = 'FiledAnew';
  constructor() {
    super('index.sqlite was not as it was written; it is made again from the journal. Ask again in a moment');
  }
}

/** SQLITE_CORRUPT and SQLITE_NOTADB, without what the upper bits add. */
const spoiltCodes: readonly number[] = [11, 26];

/** Whether what was thrown says that the file is not to be believed. That a disk refuses, or somebody holds a lock, says nothing. */
export function isSpoilt(thrown: unknown): boolean {
  if (thrown instanceof IndexFault) return true;
  // The place it gave is not that of the entry.
  if (thrown instanceof JournalFault) return thrown.code === 'damaged';
  const { errcode } = thrown as { readonly errcode?: unknown };
  return typeof errcode === 'number' && spoiltCodes.includes(errcode & 0xff);
}
