import { type ActionClass, actionClasses } from '../model/tool.ts';
import type { CallClasses } from '../policy/classify/by-call.ts';
import type { SqlFacts } from './sql.ts';

/** The classes of this very call, where the tool's are those of all its calls; `context.does`. */
export type DoesFacts = Readonly<Record<ActionClass | 'unclear' | 'bare', boolean>>;

/**
 * A query that only reads is a read, and one that changes rows is a change like any other: what makes SQL `code` is that it
 * may reach further, which its parser can exclude.
 */
export function doesFacts({ classes, unclear, program, bare }: CallClasses, sql: SqlFacts): DoesFacts {
  const found = new Set(classes);
  if (found.has('code') && !program && sql.present && !sql.unclear && !sql.outside) {
    if (sql.readOnly) {
      found.delete('code');
      found.delete('write');
      found.add('read');
    } else if (sql.statements.every(name => rows.has(name)) && !sql.unbounded) found.delete('code');
  }
  const does: { -readonly [name in keyof DoesFacts]?: boolean } = {};
  for (const name of actionClasses) does[name] = found.has(name);
  does.unclear = unclear;
  does.bare = bare;
  return does as DoesFacts;
}

const rows = new Set(['select', 'insert', 'update']);
