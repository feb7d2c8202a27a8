/** PostgreSQL's parse tree names → the words of `SqlFacts.statements`. */
const statementWords: Readonly<Record<string, string>> = {
  SelectStmt: 'select',
  InsertStmt: 'insert',
  UpdateStmt: 'update',
  DeleteStmt: 'delete',
  MergeStmt: 'merge',
  TruncateStmt: 'truncate',
  CopyStmt: 'copy',
  DropStmt: 'drop',
  DropdbStmt: 'drop',
  DropRoleStmt: 'drop',
  GrantStmt: 'grant',
  GrantRoleStmt: 'grant',
  ExplainStmt: 'explain',
  VariableShowStmt: 'show',
  TransactionStmt: 'transaction',
};

/** The rest by how their names begin. */
export function statementWord(name: string): string {
  const known = Object.hasOwn(statementWords, name) ? statementWords[name] : undefined;
  if (known !== undefined) return known;
  if (/^(?:Create|Define|IndexStmt|ViewStmt|RuleStmt)/.test(name)) return 'create';
  if (/^(?:Alter|Rename|Comment|SecLabel|Reassign)/.test(name)) return 'alter';
  if (/^Drop/.test(name)) return 'drop';
  return 'other';
}

/** Words that read and do nothing else, whatever stands in them apart from what is looked at on its own. */
export const readingWords: ReadonlySet<string> = new Set(['select', 'explain', 'show']);

export const definingWords: ReadonlySet<string> = new Set(['create', 'alter', 'drop', 'grant']);

/** Statements whose very purpose lies outside the tables: server programs, libraries, sessions, code. */
export const outsideStatements: ReadonlySet<string> = new Set([
  'LoadStmt',
  'DoStmt',
  'CallStmt',
  'NotifyStmt',
  'AlterSystemStmt',
  'CreateExtensionStmt',
  'CreateFdwStmt',
  'CreateForeignServerStmt',
  'CreateSubscriptionStmt',
  'CreatePLangStmt',
  'VariableSetStmt',
]);

/** Words with which a statement of SQL Server begins, and which PostgreSQL takes for another name of a column or table. */
const beginnings: ReadonlySet<string> = new Set(
  `alter backup begin bulk checkpoint close commit create dbcc deallocate declare delete deny disable drop enable exec execute
  get goto grant insert kill merge move print raiserror readtext receive reconfigure restore return revert revoke rollback save
  send set setuser shutdown throw truncate update updatetext use waitfor while writetext`.split(/\s+/),
);

export function isStatementWord(name: unknown): boolean {
  return typeof name === 'string' && beginnings.has(name.toLowerCase());
}
