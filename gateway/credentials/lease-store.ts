import { type FileHandle, open } from 'node:fs/promises';
import type { Lease } from '@sallyport/core/lease/lease.ts';
import { readPrivate, writePrivate } from '../secret/private-file.ts';

/** Which leases are open, on disk: what a crash leaves behind is found by it. It holds no secret. */
export interface LeaseStore {
  readonly all: () => readonly Lease[];
  /** Durable once it resolves; later ones with the same id replace it. Leases that are put at once share one wait. */
  readonly put: (lease: Lease) => Promise<void>;
  /** Written soon: what a crash forgets of it is ended once more at the next start. */
  readonly remove: (id: string) => void;
  readonly close: () => Promise<void>;
}

/** The file is written anew once it holds so many lines that say nothing any more. */
const idleLinesMax = 1_000;

/**
 * One line for each change: `{ v, put }` or `{ v, removed }`. Written off the main thread. Throws `PrivateFileError` if
 * others could write the file, `SyntaxError` if it is not what was written here.
 */
export async function openLeaseStore(file: string): Promise<LeaseStore> {
  const leases = parsed(readPrivate(file) ?? '');
  let handle = await afresh(file, leases);
  let lines = leases.size;
  let batch: string[] = [];
  let next: Promise<void> | undefined;
  let writing: Promise<void> = Promise.resolve();

  function append(change: object): Promise<void> {
    batch.push(lineOf(change));
    next ??= begin();
    return next;
  }

  /** After whatever is being written now: until then, others join. */
  function begin(): Promise<void> {
    const turn = writing.then(async () => {
      next = undefined;
      await write();
    });
    writing = turn.catch(() => {
      // Half a line may stand there: nothing is written behind it.
      lines = Number.POSITIVE_INFINITY;
    });
    return turn;
  }

  async function write(): Promise<void> {
    const changes = batch;
    batch = [];
    if (lines > leases.size + idleLinesMax) {
      await handle.close().catch(() => undefined);
      handle = await afresh(file, leases);
      lines = leases.size;
    } else {
      await handle.appendFile(changes.join(''));
      await handle.datasync();
      lines += changes.length;
    }
  }

  return {
    all: () => [...leases.values()],
    put: lease => {
      leases.set(lease.id, lease);
      return append({ put: lease });
    },
    remove: id => {
      if (leases.delete(id)) append({ removed: id }).catch(() => undefined);
    },
    close: async () => {
      await next?.catch(() => undefined);
      await writing;
      await handle.close();
    },
  };
}

/** The file with the leases that there are, and nothing else; open for what comes. */
async function afresh(file: string, leases: ReadonlyMap<string, Lease>): Promise<FileHandle> {
  writePrivate(file, [...leases.values()].map(lease => lineOf({ put: lease })).join(''));
  return await open(file, 'a', 0o600);
}

function lineOf(change: object): string {
  return `${JSON.stringify({ v: 1, ...change })}\n`;
}

/** A last line without an end was being written when everything stopped: nobody was told that it is there. */
function parsed(text: string): Map<string, Lease> {
  const leases = new Map<string, Lease>();
  for (const line of text.split('\n').slice(0, -1)) {
    const { v, put, removed } = changeIn(line);
    if (v !== 1 || (put === undefined) === (removed === undefined))
      throw new SyntaxError('the list of open credentials is not readable; see docs');
    if (put !== undefined) leases.set(put.id, put);
    else leases.delete(removed ?? '');
  }
  return leases;
}

function changeIn(line: string): { readonly v?: unknown; readonly put?: Lease; readonly removed?: string } {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}
