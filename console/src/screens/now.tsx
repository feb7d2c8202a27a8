import { useMemo, useState } from 'preact/hooks';
import { plural } from '../data/format.ts';
import { allRows, type Row, recordVersion, wouldHaveStopped } from '../data/record.ts';
import { query, setQuery } from '../data/route.ts';
import { useKeys } from '../parts/keys.ts';
import { quoted, Twin } from '../parts/twin.tsx';
import { type FilterValues, filterNames, filtersOf, matches } from './now-filter.ts';
import { Filters } from './now-filters.tsx';
import { Plot } from './now-plot.tsx';
import { Rows } from './now-rows.tsx';
import { Working } from './now-working.tsx';

/** Every decision as it is made. The address holds the filters, so that a view can be sent to somebody. */
export function Now() {
  const [held, setHeld] = useState<readonly Row[] | undefined>(undefined);
  const filters = filtersOf(query.value);
  const version = recordVersion.value;
  const all = held ?? allRows();
  const shown = useMemo(() => all.filter(row => matches(row, filters)), [version, held, query.value]);
  const pause = (): void => setHeld(held === undefined ? [...allRows()] : undefined);
  useKeys({ p: pause, Escape: () => clear() });
  const counts = countsOf(shown);
  const missed = held === undefined ? 0 : allRows().length - held.length;
  const relaxed = shown.filter(wouldHaveStopped);
  return (
    <section class="now">
      <div class="heading">
        <h1>Now</h1>
        <p class="counts" aria-live="off">
          <span>{plural(shown.length, 'decision')}</span>
          <span class="answer-permit">{counts.permit.toLocaleString('en-GB')} permitted</span>
          <span class="answer-ask">{counts.ask.toLocaleString('en-GB')} asked</span>
          <span class="answer-deny">{(counts.deny + counts.rejected).toLocaleString('en-GB')} denied</span>
        </p>
        <button
          type="button"
          class={held === undefined ? '' : 'primary'}
          onClick={pause}
          title="key P"
          aria-pressed={held !== undefined}
        >
          {held === undefined ? 'Pause' : missed > 0 ? `Go on, ${missed} new` : 'Go on'}
        </button>
      </div>
      {Object.keys(filters).length === 0 && <Working />}
      <Plot rows={shown} />
      {relaxed.length > 0 && query.value.get('would') === null && (
        <p class="shadow-note">
          <strong>{plural(relaxed.length, 'call')}</strong> passed that enforcing would have refused or asked about.{' '}
          <button type="button" class="link" onClick={() => setQuery('would', '1')}>
            Show them
          </button>
        </p>
      )}
      <Filters rows={all} filters={filters} />
      <Rows rows={shown} />
      <Twin line={twinOf(filters)} />
    </section>
  );
}

function clear(): void {
  for (const name of [...query.value.keys()]) setQuery(name, '');
}

function countsOf(rows: readonly Row[]): Record<'permit' | 'deny' | 'ask' | 'rejected', number> {
  const counts = { permit: 0, deny: 0, ask: 0, rejected: 0 };
  for (const { entry } of rows) counts[entry.kind === 'decided' ? entry.answer : 'rejected'] += 1;
  return counts;
}

function twinOf(filters: FilterValues): string {
  const known = filterNames.flatMap(name => {
    const value = filters[name];
    return value === undefined ? [] : [name === 'would' ? '--would' : `--${name} ${quoted(value)}`];
  });
  return ['sallyport tail --follow', ...known].join(' ');
}
