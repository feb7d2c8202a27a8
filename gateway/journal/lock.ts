import { chmodSync, closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { JournalFault } from './fault.ts';

export interface Lock {
  readonly release: () => void;
}

/**
 * One writer a journal. The lock is the operating system's (SQLite's exclusive lock on an empty database), so it goes
 * with the process however that dies: there is no stale lock and nothing to take over, and a reused process id cannot
 * be mistaken for the owner. The file beside it only says who holds it.
 */
export function lockJournal(path: string): Lock {
  const note = `${path}.holder`;
  let db: DatabaseSync | undefined;
  try {
    // Only where there is none: whoever closes a file lets go of all locks that his process has on it (fcntl(2)).
    if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
    db = new DatabaseSync(path);
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE');
  } catch (thrown) {
    db?.close();
    if (!isBusy(thrown)) {
      const { code, errstr } = thrown as NodeJS.ErrnoException & { errstr?: string };
      const why = `the journal's lock ${path} cannot be opened (${errstr ?? code}); check its disk and who owns it`;
      throw new JournalFault('down', why, thrown);
    }
    throw new JournalFault(
      'locked',
      `the journal is written by another process (${holder(note)}); stop it first: sallyport down`,
      thrown,
    );
  }
  const held = db;
  writeFileSync(note, `${process.pid}\n`, { mode: 0o600 });
  return { release: () => held.close() };
}

function isBusy(thrown: unknown): boolean {
  return (thrown as { errcode?: unknown }).errcode === 5;
}

function holder(note: string): string {
  try {
    const pid = readFileSync(note, 'utf8').trim();
    return /^[0-9]{1,10}$/.test(pid) ? `process ${pid}` : 'unknown';
  } catch {
    return 'unknown';
  }
}
