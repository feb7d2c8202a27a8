import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { copyJournal, copyTree, syncNow } from '../../journal/copy.ts';

/** What is of one run alone, or is made again. The index may know more than the record that was copied before it, and children are none of a copy's. */
const leftOut = /^(?:index\.sqlite.*|gateway\.json|children|\.cache)$/;

/**
 * Copies a state directory, also while a gateway runs on it, to `to`, which must not be there. It stands there whole or not at all. The
 * record goes first: what else there is then knows of all that it says. Answers with what is not in the copy because it could not be
 * read, which is only ever of the folders that servers run in.
 */
export function copyState(from: string, to: string): readonly string[] {
  const passedOver: string[] = [];
  // A name that is nobody's: neither another copy that is being made, nor anything that somebody keeps there.
  const making = mkdtempSync(`${to}.incomplete-`);
  try {
    copyJournal(join(from, 'journal'), join(making, 'journal'));
    for (const name of readdirSync(from).sort()) {
      const [file, copy] = [join(from, name), join(making, name)];
      if (name === 'tokens.sqlite') copyDatabase(file, copy);
      else if (name === 'servers') copyTree(file, copy, path => passedOver.push(path));
      else if (name !== 'journal' && name !== 'tokens.sqlite-journal' && !leftOut.test(name)) copyTree(file, copy);
    }
    syncNow(making);
    renameSync(making, to);
    syncNow(dirname(to));
  } catch (thrown) {
    rmSync(making, { recursive: true, force: true });
    throw thrown;
  }
  return passedOver;
}

/** As of one moment, whoever writes it. */
function copyDatabase(from: string, to: string): void {
  writeFileSync(to, '', { mode: 0o600, flag: 'wx' });
  const database = new DatabaseSync(from, { timeout: 5_000 });
  try {
    database.prepare('VACUUM INTO ?').run(to);
  } finally {
    database.close();
  }
  syncNow(to);
}
