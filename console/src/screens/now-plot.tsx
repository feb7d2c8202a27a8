import { clock } from '../data/format.ts';
import type { Row } from '../data/record.ts';

const barsMax = 90;
const height = 56;
const kinds = ['permit', 'ask', 'deny'] as const;

interface Bar {
  readonly from: number;
  readonly counts: Record<(typeof kinds)[number], number>;
  would: number;
}

/** Counts over the time that is shown. What passed although policy said no is hatched. */
export function Plot({ rows }: { rows: readonly Row[] }) {
  const bars = barsOf(rows);
  const most = Math.max(1, ...bars.map(({ counts }) => counts.permit + counts.ask + counts.deny));
  const first = rows[0];
  const last = rows.at(-1);
  if (first === undefined || last === undefined) return <div class="plot plot-empty" />;
  return (
    <figure class="plot">
      <svg
        viewBox={`0 0 ${barsMax * 10} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={sentence(rows, bars)}
      >
        <defs>
          <pattern id="hatch" width="3" height="3" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <path class="hatch" d="M0 0v3" />
          </pattern>
        </defs>
        {bars.map((bar, index) => (
          <Stack key={index} bar={bar} x={index * 10} most={most} />
        ))}
      </svg>
      <figcaption>
        <span>{clock(first.at)}</span>
        <span>
          at most {most} in {spanWords((last.at - first.at) / barsMax)}
        </span>
        <span>{clock(last.at)}</span>
      </figcaption>
    </figure>
  );
}

function Stack({ bar, x, most }: { bar: Bar; x: number; most: number }) {
  let y = height;
  const unit = (height - 2) / most;
  return (
    <g>
      {kinds.map(kind => {
        const count = bar.counts[kind];
        if (count === 0) return null;
        const tall = Math.max(1.5, count * unit);
        y -= tall;
        return <rect key={kind} class={`bar bar-${kind}`} x={x + 1} y={y} width={8} height={tall} />;
      })}
      {bar.would > 0 && (
        <rect fill="url(#hatch)" x={x + 1} y={height - bar.would * unit} width={8} height={bar.would * unit} />
      )}
    </g>
  );
}

function barsOf(rows: readonly Row[]): Bar[] {
  const from = rows[0]?.at ?? 0;
  const wide = Math.max(1, ((rows.at(-1)?.at ?? from) - from + 1) / barsMax);
  const bars = Array.from({ length: barsMax }, (_, index) => ({
    from: from + index * wide,
    counts: { permit: 0, ask: 0, deny: 0 },
    would: 0,
  }));
  for (const { at, entry } of rows) {
    const bar = bars[Math.min(barsMax - 1, Math.max(0, Math.floor((at - from) / wide)))];
    if (bar === undefined) continue;
    bar.counts[entry.kind === 'decided' ? entry.answer : 'deny'] += 1;
    if (entry.kind === 'decided' && entry.verdict === 'pass' && entry.answer !== 'permit') bar.would += 1;
  }
  return bars;
}

function sentence(rows: readonly Row[], bars: readonly Bar[]): string {
  const sum = (kind: (typeof kinds)[number]): number => bars.reduce((total, { counts }) => total + counts[kind], 0);
  return `${rows.length} decisions over time: ${sum('permit')} permitted, ${sum('ask')} asked, ${sum('deny')} denied`;
}

function spanWords(millis: number): string {
  if (millis < 1_000) return `${Math.max(1, Math.round(millis))} ms`;
  const seconds = millis / 1_000;
  return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
