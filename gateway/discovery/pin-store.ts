import { readFileSync } from 'node:fs';
import { type PinBook, pinBookText, readPinBook } from '@sallyport/core/catalogue/pin-text.ts';
import { writeFileDurably } from '../journal/durable.ts';

/** Where the pins outlive the process. */
export interface PinStore {
  /** Empty if nothing was ever saved. Throws if something was and cannot be read: pins are never guessed. */
  readonly load: () => PinBook;
  /** Resolves once the book is durable, whole, and in place of the one before. One call at a time. */
  readonly save: (book: PinBook) => Promise<void>;
}

/** A file of JSON that is replaced as a whole. */
export function filePinStore(file: string): PinStore {
  return { load: () => load(file), save: book => writeFileDurably(file, pinBookText(book)) };
}

export function memoryPinStore(): PinStore {
  let book: PinBook = new Map();
  return {
    load: () => book,
    save: async saved => {
      book = saved;
    },
  };
}

function load(file: string): PinBook {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOENT') return new Map();
    throw new Error(`the pins in ${file} cannot be read (${code})`);
  }
  const read = readPinBook(text);
  if (read.ok) return read.book;
  throw new Error(
    `the pins in ${file} are damaged: ${read.why}. Restore the file, or move it away to pin every server anew`,
  );
}
