import type { SQLInputValue } from 'node:sqlite';
import type { Answer } from '@sallyport/core/model/decision.ts';
import type { EntryKind } from '@sallyport/core/model/entry.ts';

/** Which entries, and how many at most. Without `after` the newest, otherwise the oldest after it. */
export interface EntryQuery {
  readonly after: number | undefined;
  readonly limit: number;
  readonly kinds: readonly EntryKind[] | undefined;
  readonly agent: string | undefined;
  readonly task: string | undefined;
  /** `server/name`, or `server/*`. */
  readonly tool: string | undefined;
  readonly answer: Answer | undefined;
}

export interface Sql {
  readonly text: string;
  readonly values: readonly SQLInputValue[];
}

/** Every value is bound, none is spliced in. Rows come oldest first when `after` is given, newest first otherwise. */
export function querySql(query: EntryQuery): Sql {
  const { after, kinds, agent, task, answer } = query;
  const conditions: Sql[] = [];
  if (after !== undefined) conditions.push({ text: 'seq > ?', values: [after] });
  if (kinds !== undefined) conditions.push({ text: `kind IN (${kinds.map(() => '?').join(', ')})`, values: kinds });
  if (agent !== undefined) conditions.push({ text: 'agent = ?', values: [agent] });
  if (task !== undefined) conditions.push({ text: 'task = ?', values: [task] });
  if (answer !== undefined) conditions.push({ text: 'answer = ?', values: [answer] });
  if (query.tool !== undefined) conditions.push(...toolConditions(query.tool));
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.map(({ text }) => text).join(' AND ')}`;
  const order = after === undefined ? 'DESC' : 'ASC';
  return {
    text: `SELECT entry FROM entries${where} ORDER BY seq ${order} LIMIT ?`,
    values: [...conditions.flatMap(({ values }) => values), query.limit],
  };
}

function toolConditions(tool: string): Sql[] {
  const slash = tool.indexOf('/');
  const [server, name] = slash < 0 ? [tool, '*'] : [tool.slice(0, slash), tool.slice(slash + 1)];
  const ofServer = { text: 'server = ?', values: [server] };
  return name === '*' ? [ofServer] : [ofServer, { text: 'tool = ?', values: [name] }];
}
