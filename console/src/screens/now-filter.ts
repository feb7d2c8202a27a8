import type { Row } from '../data/record.ts';

export const filterNames = ['agent', 'task', 'tool', 'answer', 'rule', 'label', 'mode', 'would'] as const;
export type FilterName = (typeof filterNames)[number];
export type FilterValues = Readonly<Partial<Record<FilterName, string>>>;

export function filtersOf(query: URLSearchParams): FilterValues {
  return Object.fromEntries(
    filterNames.flatMap(name => {
      const value = query.get(name);
      return value === null || value === '' ? [] : [[name, value]];
    }),
  );
}

/** What a row has under the name of a filter: none, one or several. */
export function valuesOf({ entry }: Row, name: FilterName): readonly string[] {
  if (entry.kind === 'rejected') {
    if (name === 'answer') return ['rejected'];
    if (name === 'rule') return [entry.code];
    const value = name === 'agent' ? entry.agent : name === 'task' ? entry.task : undefined;
    return value === undefined ? [] : [value];
  }
  switch (name) {
    case 'agent':
      return [entry.agent];
    case 'task':
      return [entry.task];
    case 'tool':
      return [`${entry.action.server}/${entry.action.tool}`];
    case 'answer':
      return [entry.answer];
    case 'rule':
      return entry.reasons.map(({ rule }) => rule);
    case 'label':
      return entry.labels.map(({ label }) => label);
    case 'mode':
      return [entry.mode];
    case 'would':
      return entry.verdict === 'pass' && entry.answer !== 'permit' ? ['1'] : [];
  }
}

export function matches(row: Row, filters: FilterValues): boolean {
  for (const name of filterNames) {
    const wanted = filters[name];
    if (wanted === undefined) continue;
    const has = valuesOf(row, name);
    const isTask = name === 'task';
    if (!has.some(value => value === wanted || (isTask && value.startsWith(wanted)))) return false;
  }
  return true;
}
