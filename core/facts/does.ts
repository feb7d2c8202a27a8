import type { ActionClass } from '../model/tool.ts';
import type { CallClasses } from '../policy/classify/by-call.ts';
import type { SqlFacts } from './sql.ts';

/** The classes of this very call, where the tool's are those of all its calls; `context.does`. */
export type DoesFacts = Readonly<Record<ActionClass | 'unclear' | 'bare', boolean>>;

/**
 * A query that only reads is a read, and one that changes rows is a change like any other: what makes SQL `code` is that it
 * may reach further, which its parser can exclude.
 */
export function doesFacts({ classes, unclear, program, bare }: CallClasses, sql: SqlFacts): DoesFacts {
  const found = classes.includes('code') && !program ? withSql(classes, sql) : classes;
  return {
    read: found.includes('read'),
    write: found.includes('write'),
    money: found.includes('money'),
    destructive: found.includes('destructive'),
    egress: found.includes('egress'),
    code: found.includes('code'),
    message: found.includes('message'),
    admin: found.includes('admin'),
    unclear,
    bare,
  };
}

function withSql(classes: readonly ActionClass[], sql: SqlFacts): readonly ActionClass[] {
  if (!sql.present || sql.unclear || sql.outside) return classes;
  if (sql.readOnly) return ['read', ...classes.filter(name => name !== 'code' && name !== 'write')];
  const changesRows = sql.statements.every(name => rows.has(name)) && !sql.unbounded;
  return changesRows ? classes.filter(name => name !== 'code') : classes;
}

const rows = new Set(['select', 'insert', 'update']);
