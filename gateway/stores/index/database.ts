import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const migrations = join(import.meta.dirname, 'migrations');
const lockMillisMax = 5_000;

/**
 * Opens the index file at its newest schema. It can always be made again from the journal, so a file that is damaged or
 * of a newer schema is removed and begun anew, and the writer need not wait for the disk (`synchronous = NORMAL`: after
 * a power cut the newest rows may be missing, and are read from the journal again).
 */
export function openDatabase(file: string): DatabaseSync {
  try {
    return migrated(file);
  } catch {
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
    return migrated(file);
  }
}

function migrated(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: lockMillisMax });
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
    const files = readdirSync(migrations).sort();
    if (version > files.length) throw new Error('the index was made by a newer version');
    for (const [step, name] of files.entries()) if (step >= version) apply(database, name, step + 1);
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
