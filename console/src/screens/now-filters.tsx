import { useMemo, useState } from 'preact/hooks';
import { short } from '../data/format.ts';
import type { Row } from '../data/record.ts';
import { go, query, setQuery } from '../data/route.ts';
import { type FilterName, type FilterValues, valuesOf } from './now-filter.ts';

const shown: readonly { readonly name: FilterName; readonly text: string }[] = [
  { name: 'agent', text: 'agent' },
  { name: 'task', text: 'task' },
  { name: 'tool', text: 'tool' },
  { name: 'answer', text: 'decision' },
  { name: 'rule', text: 'rule' },
  { name: 'label', text: 'label' },
  { name: 'mode', text: 'mode' },
];
const choicesMax = 200;
const key = 'sallyport-views';

/** One list of values for each thing to filter by, made of what has been seen. */
export function Filters({ rows, filters }: { rows: readonly Row[]; filters: FilterValues }) {
  const seen = useMemo(() => seenIn(rows), [Math.floor(rows.length / 50), rows.length < 50 ? rows.length : 0]);
  const any = Object.keys(filters).length > 0;
  return (
    <div class="filters" role="search" aria-label="Filters">
      {shown.map(({ name, text }) => (
        <label key={name} class={filters[name] === undefined ? '' : 'is-set'}>
          <span>{text}</span>
          <select value={filters[name] ?? ''} onChange={event => setQuery(name, event.currentTarget.value)}>
            <option value="">any</option>
            {[...new Set([...(filters[name] === undefined ? [] : [filters[name]]), ...(seen.get(name) ?? [])])].map(
              value => (
                <option key={value} value={value}>
                  {name === 'task' ? short(value) : value}
                </option>
              ),
            )}
          </select>
        </label>
      ))}
      {filters.would !== undefined && (
        <button type="button" class="is-set" onClick={() => setQuery('would', '')}>
          would have stopped ×
        </button>
      )}
      {any && (
        <button type="button" class="link" onClick={() => go('/now', 'replace')} title="key Escape">
          clear
        </button>
      )}
      <SavedViews any={any} />
    </div>
  );
}

function seenIn(rows: readonly Row[]): ReadonlyMap<FilterName, readonly string[]> {
  const found = new Map<FilterName, Map<string, number>>(shown.map(({ name }) => [name, new Map()]));
  for (const row of rows)
    for (const [name, counts] of found)
      for (const value of valuesOf(row, name)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return new Map(
    [...found].map(([name, counts]) => [
      name,
      [...counts]
        .sort((a, b) => b[1] - a[1])
        .slice(0, choicesMax)
        .map(([value]) => value),
    ]),
  );
}

/** Names and filters of views that somebody kept. They hold nothing of the record but what was chosen. */
function SavedViews({ any }: { any: boolean }) {
  const [views, setViews] = useState(readViews);
  const keep = (next: Readonly<Record<string, string>>): void => {
    localStorage.setItem(key, JSON.stringify(next));
    setViews(next);
  };
  const save = (): void => {
    const name = prompt('A name for this view')?.trim().slice(0, 60);
    if (name !== undefined && name !== '') keep({ ...views, [name]: query.value.toString() });
  };
  const names = Object.keys(views);
  return (
    <span class="views">
      {names.map(name => (
        <span key={name} class="view">
          <a href={`/now?${views[name]}`}>{name}</a>
          <button
            type="button"
            class="link"
            aria-label={`forget the view ${name}`}
            onClick={() => keep(Object.fromEntries(Object.entries(views).filter(([other]) => other !== name)))}
          >
            ×
          </button>
        </span>
      ))}
      {any && (
        <button type="button" class="link" onClick={save}>
          save view
        </button>
      )}
    </span>
  );
}

function readViews(): Readonly<Record<string, string>> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '{}');
    return Object.fromEntries(Object.entries(kept ?? {}).filter(([, value]) => typeof value === 'string'));
  } catch {
    return {};
  }
}
