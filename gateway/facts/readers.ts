import type { LanguageReaders } from '@sallyport/core/facts/content.ts';
import type { ReadPersonal } from '@sallyport/core/facts/personal.ts';
import { unclearSql } from '@sallyport/core/facts/sql.ts';
import { type NumberBooks, readPersonal } from './personal/read-personal.ts';
import { readShell } from './shell/read-shell.ts';
import { type ParseSql, readSql } from './sql/read-sql.ts';

let parseSql: ParseSql | undefined;
let numberBooks: NumberBooks | undefined;

/**
 * Loads PostgreSQL's grammar (WebAssembly, about 30 MB of memory), once. Until then every SQL text is `unclear`, so
 * whoever loads policies that mention SQL waits for this first.
 */
export async function loadSqlGrammar(): Promise<void> {
  if (parseSql !== undefined) return;
  const grammar = await import('libpg-query');
  await grammar.loadModule();
  parseSql = grammar.parseSync;
}

/** The same for what is known of people's numbers (about 25 MB): until then nothing can be searched for them, and it throws. */
export async function loadNumberBooks(): Promise<void> {
  numberBooks ??= (await import('./personal/number-books.ts')).numberBooks;
}

/** False: no policy that was loaded names them, and whoever tells all facts leaves these out. */
export function canReadPersonal(): boolean {
  return numberBooks !== undefined;
}

export const personalReader: ReadPersonal = (text, name) => {
  if (numberBooks === undefined) throw new Error('what is known of people’s numbers was not loaded');
  return readPersonal(text, name, numberBooks);
};

export const languageReaders: LanguageReaders = {
  shell: readShell,
  sql: text => (parseSql === undefined ? unclearSql : readSql(text, parseSql)),
  personal: personalReader,
};
