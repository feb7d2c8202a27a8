import { type SqlFacts, unclearSql } from '@sallyport/core/facts/sql.ts';
import { readsDifferently } from './dialects.ts';
import { isHarmless, isKnownOperator, reachesOut } from './functions.ts';
import { definingWords, isStatementWord, outsideStatements, readingWords, statementWord } from './statements.ts';

const sqlCharsMax = 65_536;
/** Open brackets inside brackets: the grammar's own stack is not to be tried. */
const nestedMax = 200;

/** Text → PostgreSQL's parse tree as JSON; throws where it does not parse. */
export type ParseSql = (text: string) => unknown;

/**
 * The facts of an SQL text, from the tree of PostgreSQL's own grammar. Only what the common databases read alike is
 * understood: another dialect's spellings make it `unclear`. Never throws.
 */
export function readSql(text: string, parse: ParseSql): SqlFacts {
  if (text.length > sqlCharsMax || nesting(text) > nestedMax || readsDifferently(text)) return unclearSql;
  try {
    const found = emptyFindings();
    const tree = parse(text);
    for (const statement of arrayOf(memberOf(tree, 'stmts'))) readStatement(memberOf(statement, 'stmt'), found);
    return factsOf(found);
  } catch {
    return unclearSql;
  }
}

interface Findings {
  readonly statements: string[];
  readonly reads: Set<string>;
  readonly writes: Set<string>;
  readonly columns: Set<string>;
  /** Other names of tables, by the name that stands for them. */
  readonly aliases: Map<string, string>;
  everyColumn: boolean;
  unbounded: boolean;
  outside: boolean;
  locks: boolean;
  strange: boolean;
}

function emptyFindings(): Findings {
  return {
    statements: [],
    reads: new Set(),
    writes: new Set(),
    columns: new Set(),
    aliases: new Map(),
    everyColumn: false,
    unbounded: false,
    outside: false,
    locks: false,
    strange: false,
  };
}

function readStatement(node: unknown, found: Findings): void {
  if (!isRecord(node)) throw new Error('not a statement');
  children('', node, found);
}

/** Statements nested in others (`WITH x AS (DELETE …)`, `EXPLAIN ANALYZE DELETE …`) count like those at the top. */
function visit(name: string, body: unknown, found: Findings): void {
  if (outsideStatements.has(name)) found.outside = true;
  if (name.endsWith('Stmt')) readParts(name, body, found);
  if (name === 'RangeVar') addTable(body, found.reads, found);
  if (name === 'FuncCall') addFunction(body, found);
  if (isStrange(name, body)) found.strange = true;
  if (name === 'ColumnRef') addColumn(body, found);
  if (name === 'LockingClause') found.locks = true;
  children(name, body, found);
}

function children(name: string, node: unknown, found: Findings): void {
  if (Array.isArray(node)) {
    for (const item of node) children(name, item, found);
    return;
  }
  if (!isRecord(node)) return;
  for (const [key, value] of Object.entries(node)) {
    if (targets.has(`${name}.${key}`)) {
      for (const table of Array.isArray(value) ? value : [value])
        addTable(memberOf(table, 'RangeVar') ?? table, found.writes, found);
      continue;
    }
    // A member in capitals is a node of that kind; any other is a part of the node it stands in.
    if (!/^[A-Z]/.test(key)) {
      children(name, value, found);
      continue;
    }
    if (key.endsWith('Stmt')) found.statements.push(statementWord(key));
    visit(key, value, found);
  }
}

/** Where a statement's tree holds the table that it changes, and not one that it reads. */
const targets: ReadonlySet<string> = new Set([
  'InsertStmt.relation',
  'UpdateStmt.relation',
  'DeleteStmt.relation',
  'MergeStmt.relation',
  'CreateStmt.relation',
  'AlterTableStmt.relation',
  'IndexStmt.relation',
  'ViewStmt.view',
  'RenameStmt.relation',
  'CreateTrigStmt.relation',
  'SelectStmt.rel',
  'CreateTableAsStmt.rel',
  'TruncateStmt.relations',
]);

function readParts(name: string, body: unknown, found: Findings): void {
  const bounded = memberOf(body, 'whereClause') !== undefined;
  if ((name === 'UpdateStmt' || name === 'DeleteStmt') && !bounded) found.unbounded = true;
  if (name === 'TruncateStmt') found.unbounded = true;
  if (name === 'DropStmt') for (const object of arrayOf(memberOf(body, 'objects'))) found.writes.add(nameOf(object));
  if (name === 'SelectStmt' && memberOf(body, 'intoClause') !== undefined) found.statements.push('create');
  if (name !== 'CopyStmt') return;
  const file = memberOf(body, 'filename');
  if (memberOf(body, 'is_program') === true || (typeof file === 'string' && file !== '')) found.outside = true;
  addTable(memberOf(body, 'relation'), memberOf(body, 'is_from') === true ? found.writes : found.reads, found);
}

function addTable(node: unknown, into: Set<string>, found: Findings): void {
  const table = memberOf(node, 'relname');
  if (typeof table !== 'string') return;
  const schema = memberOf(node, 'schemaname');
  const database = memberOf(node, 'catalogname');
  const name = [database, schema, table]
    .filter(part => typeof part === 'string')
    .join('.')
    .toLowerCase();
  // A file or an address, where a database reads those as tables.
  if (!/^[\p{L}\p{N}_$ -]+$/u.test(table)) found.outside = true;
  const alias = memberOf(memberOf(node, 'alias'), 'aliasname');
  if (typeof alias === 'string') found.aliases.set(alias.toLowerCase(), name);
  into.add(name);
}

function addFunction(node: unknown, found: Findings): void {
  const path = arrayOf(memberOf(node, 'funcname')).map(stringOf);
  const name = path.at(-1)?.toLowerCase() ?? '';
  if (reachesOut(name)) found.outside = true;
  else if (!isHarmless(name) || !isBuiltIn(path)) found.strange = true;
}

/** Where a tree names the operator that it applies. */
const operatorsOf: Readonly<Record<string, string>> = { A_Expr: 'name', SortBy: 'useOp', SubLink: 'operName' };

/** What may run a function of the database's own, or is another statement in another dialect. */
function isStrange(kind: string, node: unknown): boolean {
  const operator = arrayOf(memberOf(node, operatorsOf[kind] ?? '')).map(stringOf);
  if (operator.length > 0) return !isKnownOperator(operator.at(-1) ?? '') || !isBuiltIn(operator);
  if (kind === 'RangeTableSample')
    return !/^(?:system|bernoulli)$/.test(arrayOf(memberOf(node, 'method')).map(stringOf).join('.'));
  // SQL Server needs no semicolon: `select 1 shutdown` are two statements there.
  const name = kind === 'ResTarget' ? memberOf(node, 'name') : memberOf(memberOf(node, 'alias'), 'aliasname');
  return isStatementWord(name);
}

/** Without a schema, or in the one of what comes with the database. */
function isBuiltIn(path: readonly string[]): boolean {
  return path.length < 2 || (path.length === 2 && path[0] === 'pg_catalog');
}

function addColumn(node: unknown, found: Findings): void {
  const fields = arrayOf(memberOf(node, 'fields'));
  if (fields.some(field => memberOf(field, 'A_Star') !== undefined)) found.everyColumn = true;
  const names = fields.map(stringOf).filter(name => name !== '');
  if (names.length > 0) found.columns.add(names.join('.').toLowerCase());
}

function factsOf(found: Findings): SqlFacts {
  const { statements, outside, strange, locks, unbounded, everyColumn } = found;
  const reads = [...found.reads];
  const writes = [...found.writes];
  const reading = statements.length > 0 && statements.every(word => readingWords.has(word));
  return {
    present: true,
    unclear: false,
    readOnly: reading && writes.length === 0 && !outside && !strange && !locks,
    statements: [...new Set(statements)],
    count: statements.length,
    reads,
    writes,
    columns: [...found.columns].map(column => columnOf(column, found.aliases)),
    everyColumn,
    unbounded,
    definition: statements.some(word => definingWords.has(word)),
    outside,
  };
}

function columnOf(column: string, aliases: ReadonlyMap<string, string>): string {
  const dot = column.indexOf('.');
  const table = dot < 0 ? undefined : aliases.get(column.slice(0, dot));
  return table === undefined ? column : `${table}${column.slice(dot)}`;
}

function nameOf(node: unknown): string {
  const items = arrayOf(memberOf(memberOf(node, 'List'), 'items'));
  return items
    .map(stringOf)
    .filter(name => name !== '')
    .join('.')
    .toLowerCase();
}

function stringOf(node: unknown): string {
  const text = memberOf(memberOf(node, 'String'), 'sval');
  return typeof text === 'string' ? text : '';
}

function nesting(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const char of text) {
    if (char === '(' || char === '[') deepest = Math.max(deepest, ++depth);
    else if (char === ')' || char === ']') depth--;
  }
  return deepest;
}

function memberOf(node: unknown, name: string): unknown {
  return isRecord(node) && Object.hasOwn(node, name) ? node[name] : undefined;
}

function arrayOf(node: unknown): readonly unknown[] {
  return Array.isArray(node) ? node : [];
}

function isRecord(node: unknown): node is Record<string, unknown> {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}
