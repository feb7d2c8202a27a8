import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const migrations = join(import.meta.dirname, 'migrations');
/** At the start, while an earlier run may still be closing it. */
const openMillisMax = 5_000;
/** Whoever else holds a lock on the file, calls do not wait for it: what could not be filed is filed the next time. */
const lockMillisMax = 20;
/** Beyond it pages are read from the system's own cache: 2 to 3 µs an entry, for 14 MB less. */
const cacheKibibytes = 2 * 1024;

export interface OpenDatabase {
  readonly database: DatabaseSync;
  readonly close: () => void;
}

/**
 * Opens the index file at its newest schema. It can always be made again from the journal, so it never waits for the
 * disk (`synchronous = OFF`): a process that dies leaves it whole, a power cut may not. A file beside it says in which
 * run of the machine it was last open; after another one, or if it is damaged or newer than this version, it is removed
 * and begun anew.
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
    return migrated(file);
  } catch {
    remove(file);
    return migrated(file);
  }
}

function remove(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-open']) rmSync(`${file}${suffix}`, { force: true });
}

function migrated(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: openMillisMax });
  try {
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -${cacheKibibytes};`);
    const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
    const files = readdirSync(migrations).sort();
    if (version > files.length) throw new Error('the index was made by a newer version');
    for (const [step, name] of files.entries()) if (step >= version) apply(database, name, step + 1);
    database.exec(`PRAGMA busy_timeout = ${lockMillisMax}`);
    return database;
  } catch (thrown) {
    database.close();
    throw thrown;
  }
}

function apply(database: DatabaseSync, name: string, version: number): void {
  const sql = readFileSync(join(migrations, name), 'utf8');
  database.exec(`BEGIN; ${sql} PRAGMA user_version = ${version}; COMMIT;`);
}
