import type { EntriesQuery } from '@sallyport/core/model/entries-query.ts';
import { column, hashOf } from './rows.ts';
import { ownSubject, type Said } from './said.ts';

/** A number and the columns in which it has to stand. */
interface Wanted {
  readonly column: number;
  readonly hash: number;
}

/** What rows and entries are held against. */
export interface Filter {
  readonly query: EntriesQuery;
  readonly kinds: readonly number[] | undefined;
  readonly wanted: readonly Wanted[];
  readonly server: string | undefined;
  readonly tool: string | undefined;
}

export function filterOf(query: EntriesQuery): Filter {
  const { kinds, agent, task, answer } = query;
  const { server, tool } = query.tool === undefined ? anyTool : wantedTool(query.tool);
  const words = { task, agent, server, tool, answer };
  const wanted = (Object.keys(words) as (keyof typeof words)[])
    .filter(name => words[name] !== undefined)
    .map(name => ({ column: column[name], hash: hashOf(words[name]) }));
  return { query, kinds: kinds?.map(hashOf), wanted, server, tool };
}

const anyTool = { server: undefined, tool: undefined };

function wantedTool(tool: string): Pick<Filter, 'server' | 'tool'> {
  const slash = tool.indexOf('/');
  const [server, name] = slash < 0 ? [tool, '*'] : [tool.slice(0, slash), tool.slice(slash + 1)];
  return { server, tool: name === '*' ? undefined : name };
}

/** Whether the entry of the row at `at` may be one of those asked for. */
export function isCandidate({ kinds, wanted }: Filter, rows: Uint32Array, at: number): boolean {
  for (let index = 0; index < wanted.length; index++) {
    const { column, hash } = wanted[index] as Wanted;
    if (rows[at + column] !== hash) return false;
  }
  return kinds === undefined || kinds.includes(rows[at + column.kind] as number);
}

/** Whether it is: different words may stand in rows as the same number. `decisionOf` gives what an entry follows from. */
export function isMeant(filter: Filter, entry: Said, decisionOf: () => Said | undefined): boolean {
  const { kinds, task, agent, answer } = filter.query;
  if (kinds !== undefined && !kinds.includes(entry.kind)) return false;
  if (task !== undefined && entry.task !== task) return false;
  if (answer !== undefined && entry.answer !== answer) return false;
  if (agent === undefined && filter.server === undefined) return true;
  const decided = entry.decision === undefined ? entry : decisionOf();
  if (decided === undefined) return false;
  const subject = ownSubject(decided);
  if (agent !== undefined && subject.agent !== agent) return false;
  if (filter.server !== undefined && subject.server !== filter.server) return false;
  return filter.tool === undefined || subject.tool === filter.tool;
}
