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
