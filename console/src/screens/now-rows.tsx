import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { clock } from '../data/format.ts';
import type { Row } from '../data/record.ts';
import { go } from '../data/route.ts';
import { Became } from '../parts/became.tsx';
import { useKeys } from '../parts/keys.ts';
import { AnswerMark, ToolName } from '../parts/marks.tsx';
import { Foreign } from '../parts/text.tsx';

const around = 12;

/**
 * Thousands of rows, of which only those in sight exist. Newest first; who has scrolled down stays where they read,
 * also while new ones come in above.
 */
export function Rows({ rows }: { rows: readonly Row[] }) {
  const pane = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [tall, setTall] = useState(600);
  const [rowHeight, setRowHeight] = useState(36);
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  const before = useRef(rows.length);

  useEffect(() => {
    const element = pane.current;
    if (element === null) return;
    const measure = (): void => {
      setTall(element.clientHeight);
      setRowHeight(matchMedia('(max-width: 760px)').matches ? 58 : 36);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const element = pane.current;
    const grown = rows.length - before.current;
    before.current = rows.length;
    if (element !== null && grown > 0 && element.scrollTop > rowHeight) element.scrollTop += grown * rowHeight;
  }, [rows.length]);

  const at = chosen === undefined ? -1 : rows.length - 1 - rows.findIndex(row => row.seq === chosen);
  const choose = (index: number): void => {
    const bounded = Math.max(0, Math.min(rows.length - 1, index));
    setChosen(rows[rows.length - 1 - bounded]?.seq);
    const element = pane.current;
    if (element === null) return;
    if (bounded * rowHeight < element.scrollTop) element.scrollTop = bounded * rowHeight;
    if ((bounded + 1) * rowHeight > element.scrollTop + tall) element.scrollTop = (bounded + 1) * rowHeight - tall;
  };
  const move = (by: number): void => choose(chosen === undefined ? 0 : at + by);
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    PageDown: () => move(Math.floor(tall / rowHeight)),
    PageUp: () => move(-Math.floor(tall / rowHeight)),
    Home: () => choose(0),
    End: () => choose(rows.length - 1),
    Enter: () => open(rows.find(row => row.seq === chosen)),
  });

  const first = Math.max(0, Math.floor(top / rowHeight) - around);
  const last = Math.min(rows.length, Math.ceil((top + tall) / rowHeight) + around);
  const inSight = Array.from(
    { length: Math.max(0, last - first) },
    (_, index) => rows[rows.length - 1 - first - index],
  );
  return (
    <div class="rows" role="table" aria-label="Decisions, newest first" aria-rowcount={rows.length}>
      <div class="row row-head" role="row">
        {['time', 'decision', 'tool', 'why', 'agent', 'what became of it'].map(name => (
          <span key={name} role="columnheader">
            {name}
          </span>
        ))}
      </div>
      <div
        class="pane"
        ref={pane}
        tabIndex={0}
        role="rowgroup"
        onScroll={event => setTop(event.currentTarget.scrollTop)}
      >
        <div class="all" role="presentation" style={{ height: `${rows.length * rowHeight}px` }}>
          {inSight.map(
            (row, index) =>
              row !== undefined && (
                <OneRow
                  key={row.seq}
                  row={row}
                  y={(first + index) * rowHeight}
                  height={rowHeight}
                  isChosen={row.seq === chosen}
                />
              ),
          )}
        </div>
        {rows.length === 0 && (
          <p class="nothing">Nothing has been decided here yet. Let an agent act, or loosen the filters.</p>
        )}
      </div>
    </div>
  );
}

function open(row: Row | undefined): void {
  if (row?.entry.kind === 'decided') go(`/why/${row.entry.id}`);
}

interface RowProps {
  readonly row: Row;
  readonly y: number;
  readonly height: number;
  readonly isChosen: boolean;
}

function OneRow({ row, y, height, isChosen }: RowProps) {
  const { entry } = row;
  const style = { transform: `translateY(${y}px)`, height: `${height}px` };
  if (entry.kind === 'rejected')
    return (
      <div class="row" role="row" style={style}>
        <span role="cell" class="time">
          {clock(row.at)}
        </span>
        <span role="cell">
          <AnswerMark answer="rejected" word />
        </span>
        <span role="cell" class="tool">
          <Foreign text={entry.what} max={120} />
        </span>
        <span role="cell" class="rule">
          {entry.code}
        </span>
        <span role="cell" class="agent">
          <Foreign text={entry.agent ?? 'unproven'} max={64} />
        </span>
        <span role="cell" class="did">
          turned away
        </span>
      </div>
    );
  const [reason] = entry.reasons;
  return (
    <div class={`row is-${entry.answer}${isChosen ? ' is-chosen' : ''}`} role="row" style={style}>
      <span role="cell" class="time">
        {clock(row.at)}
      </span>
      <span role="cell">
        <AnswerMark answer={entry.answer} word />
      </span>
      <span role="cell" class="what">
        <a class="row-link" tabIndex={-1} href={`/why/${entry.id}`}>
          <ToolName tool={`${entry.action.server}/${entry.action.tool}`} />
        </a>
      </span>
      <span role="cell" class="rule" title={reason?.text}>
        {reason === undefined ? (
          ''
        ) : entry.answer === 'permit' ? (
          reason.rule
        ) : (
          <>
            <b>{reason.rule}</b> <Foreign text={reason.text} max={200} />
          </>
        )}
      </span>
      <span role="cell" class="agent">
        <Foreign text={entry.agent} max={64} />
        {entry.labels.length > 0 && (
          <span
            class="read-dot"
            role="img"
            aria-label={`after reading: ${entry.labels.map(({ label }) => label).join(', ')}`}
            title={`after reading: ${entry.labels.map(({ label }) => label).join(', ')}`}
          />
        )}
      </span>
      <span role="cell" class="did">
        <Became row={row} />
      </span>
    </div>
  );
}
