/**
 * What an SQL text would do, as far as its text shows. Tables and columns are in lower case, `schema.table` where the
 * text says the schema.
 *
 * `readOnly` is an allow-list: one understood text of plain queries, without a function or clause that is known to
 * write, lock or reach out. What a view, a trigger or a function of the database's own does is not in the text.
 */
export interface SqlFacts {
  /** Some argument of this action is SQL. */
  readonly present: boolean;
  /** It does not parse, or dialects read it differently: it may do anything. */
  readonly unclear: boolean;
  readonly readOnly: boolean;
  /** `select`, `insert`, `update`, `delete`, `merge`, `create`, `alter`, `drop`, `truncate`, `grant`, `copy`, `other`. */
  readonly statements: readonly string[];
  readonly count: number;
  /** Names of `WITH` queries are among them: such a name may hide a table in one place and not in another. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** Columns that are named, `table.column` where the text says the table. */
  readonly columns: readonly string[];
  /** All columns are asked for, by `*`. */
  readonly everyColumn: boolean;
  /** An update or a delete without a condition, or a truncate. */
  readonly unbounded: boolean;
  /** Changes tables, users or rights. */
  readonly definition: boolean;
  /** Reaches the server's files, programs or other machines: `COPY … PROGRAM`, `pg_read_file`, `dblink`, `LOAD`. */
  readonly outside: boolean;
}

export const noSql: SqlFacts = {
  present: false,
  unclear: false,
  readOnly: false,
  statements: [],
  count: 0,
  reads: [],
  writes: [],
  columns: [],
  everyColumn: false,
  unbounded: false,
  definition: false,
  outside: false,
};

/** SQL of which nothing is known but that it is there. */
export const unclearSql: SqlFacts = { ...noSql, present: true, unclear: true };

/** Two texts of one action: what either does is done. */
export function bothSql(one: SqlFacts, other: SqlFacts): SqlFacts {
  if (!one.present) return other;
  if (!other.present) return one;
  const union = (left: readonly string[], right: readonly string[]) => [...new Set([...left, ...right])];
  return {
    present: true,
    unclear: one.unclear || other.unclear,
    readOnly: one.readOnly && other.readOnly,
    statements: union(one.statements, other.statements),
    count: one.count + other.count,
    reads: union(one.reads, other.reads),
    writes: union(one.writes, other.writes),
    columns: union(one.columns, other.columns),
    everyColumn: one.everyColumn || other.everyColumn,
    unbounded: one.unbounded || other.unbounded,
    definition: one.definition || other.definition,
    outside: one.outside || other.outside,
  };
}
