import { chmodSync, closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** At the start, while an earlier run may still be closing it. */
const openMillisMax = 5_000;
/** Whoever else holds a lock on the file, calls do not wait for it: what could not be filed is filed the next time. */
const lockMillisMax = 20;
/** Beyond it pages are read from the system's own cache. */
const cacheKibibytes = 512;

/** A file of another version is begun anew, so there is nothing to migrate. */
const schemaVersion = 3;
const schema = `
-- 256 entries each, but for the newest: 9 numbers of 32 bits an entry (rows.ts). Each crc is over the key and the numbers.
CREATE TABLE blocks (block INTEGER PRIMARY KEY, rows BLOB NOT NULL, crc INTEGER NOT NULL) STRICT;
-- Whom the entries name, two numbers a name (names.ts): by bucket and segment where it is full, by block for the newest.
CREATE TABLE names (place INTEGER PRIMARY KEY, pairs BLOB NOT NULL, crc INTEGER NOT NULL) STRICT;
CREATE TABLE new_names (block INTEGER PRIMARY KEY, pairs BLOB NOT NULL, crc INTEGER NOT NULL) STRICT;
`;

export interface OpenDatabase {
  readonly database: DatabaseSync;
  readonly close: () => void;
  /** Closes it, and takes the file away. */
  readonly discard: () => void;
}

/**
 * Opens the index file. It can always be made again from the journal, so it never waits for the disk
 * (`synchronous = OFF`): a process that dies leaves it whole, a power cut may not. A file beside it says in which run of
 * the machine it was last open; after another one, or if it is damaged or of another version, it is removed and begun anew.
 */
export function openDatabase(file: string): OpenDatabase {
  const mark = `${file}-open`;
  if (existsSync(mark) && readFileSync(mark, 'utf8') !== bootId()) remove(file);
  const database = opened(file);
  writeFileSync(mark, bootId(), { mode: 0o600 });
  return {
    database,
    close: () => {
      database.close();
      rmSync(mark, { force: true });
    },
    discard: () => {
      database.close();
      remove(file);
    },
  };
}

/** proc(5); empty where there is none, and then no unclean end is forgiven. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return `unknown ${process.pid} ${process.hrtime.bigint()}`;
  }
}

function opened(file: string): DatabaseSync {
  try {
    return ofThisVersion(file);
  } catch {
    remove(file);
    return ofThisVersion(file);
  }
}

function remove(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-open']) rmSync(`${file}${suffix}`, { force: true });
}

/** SQLite would make it with the mode of the process's umask; the files beside it get its own. */
function makePrivate(file: string): void {
  closeSync(openSync(file, 'a', 0o600));
  for (const suffix of ['', '-wal', '-shm']) if (existsSync(`${file}${suffix}`)) chmodSync(`${file}${suffix}`, 0o600);
}

function ofThisVersion(file: string): DatabaseSync {
  makePrivate(file);
  const database = new DatabaseSync(file, { timeout: openMillisMax });
  try {
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -${cacheKibibytes};`);
    const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
    if (version === 0) database.exec(`BEGIN; ${schema} PRAGMA user_version = ${schemaVersion}; COMMIT;`);
    else if (version !== schemaVersion) throw new Error('the index was made by another version');
    database.exec(`PRAGMA busy_timeout = ${lockMillisMax}`);
    return database;
  } catch (thrown) {
    database.close();
    throw thrown;
  }
}
