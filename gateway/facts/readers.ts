import type { LanguageReaders } from '@sallyport/core/facts/content.ts';
import { unclearSql } from '@sallyport/core/facts/sql.ts';
import { readShell } from './shell/read-shell.ts';
import { type ParseSql, readSql } from './sql/read-sql.ts';

let parseSql: ParseSql | undefined;

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

export const languageReaders: LanguageReaders = {
  shell: readShell,
  sql: text => (parseSql === undefined ? unclearSql : readSql(text, parseSql)),
};
