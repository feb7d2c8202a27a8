import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { quotedWord } from '@sallyport/core/facts/arguments.ts';
import { holdsRecord } from '../../journal/layout.ts';
import { StartError } from '../host/start-error.ts';

/** What a gateway makes once it has a record, and not before. */
const madeLater = ['index.sqlite', 'worlds', 'active-policies.json'];

const unknown = 'without it what was stopped, limited or labelled is not known any more';

/**
 * Unknown means no: where a record would begin beside what an earlier one left, it was lost. Throws `StartError`; nothing is made
 * before, so that a copy can be put back.
 */
export function requireRecord(stateDir: string): void {
  const journal = join(stateDir, 'journal');
  if (holdsRecord(journal)) return;
  const left = madeLater.map(name => join(stateDir, name)).filter(path => existsSync(path));
  if (left.length === 0) return;
  const lost = quotedWord(join(stateDir, 'lost'));
  throw new StartError(
    `${journal} holds no entry, and a gateway ran here before: ${unknown}. Restore it from a copy. To begin a record that knows nothing ` +
      `of before, with the policy files as they are, move away what is left of it: mkdir ${lost} && mv ${left.map(quotedWord).join(' ')} ${lost}`,
  );
}

/** The index is never ahead of what is on disk, and goes with a crash of the machine: what it knows was in the record. */
export function shortened(stateDir: string, entries: number, filed: number): StartError {
  return new StartError(
    `the record in ${join(stateDir, 'journal')} ends before entry ${entries}, and index.sqlite knows ${filed - entries} more: ${unknown}. ` +
      `Restore the newest copy of it. To go on with the record as it is, remove the index, which is made again: rm ${quotedWord(join(stateDir, 'index.sqlite'))}`,
  );
}
