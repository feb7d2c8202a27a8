import type { Decided, Entry } from '@sallyport/core/model/entry.ts';
import type { RanOut } from '../ran-out.ts';
import type { Terminal } from '../terminal.ts';
import { padded, widthOf } from './columns.ts';
import { decisionHeads, decisionOf, decisionRow, eventText } from './entry-row.ts';
import type { Paint } from './paint.ts';
import { safeLine } from './safe.ts';
import { clock } from './time.ts';

/** Writes entries as they come: a first lot at once, then one by one. */
export interface TailWriter {
  readonly all: (entries: readonly Entry[], ranOut?: readonly RanOut[]) => void;
  readonly one: (entry: Entry) => void;
  readonly ranOut: (what: RanOut) => void;
  /** Nothing more comes: decisions that still wait for their outcome are written without it. */
  readonly end: () => void;
}

/** Every entry as `{"v":1,"entry":{…}}`. Outcomes follow their decisions; whoever reads joins them by `decision`. */
export function jsonTail({ out }: Terminal): TailWriter {
  const decisions = new Set<string>();
  const one = (entry: Entry): void => {
    const decision = decisionOf(entry);
    if (entry.kind === 'decided') decisions.add(entry.id);
    if (decision === undefined || decisions.delete(decision)) out(`${JSON.stringify({ v: 1, entry })}\n`);
  };
  return { all: entries => entries.forEach(one), one, ranOut: () => {}, end: () => {} };
}

/** How long a decision waits for its outcome before its line is written with `…`. */
const outcomeMillisMax = 1_500;

/** One line a decision, with what became of it. Columns keep the widths that the first lot needed. */
export function rowTail({ out }: Terminal, paint: Paint): TailWriter {
  const heads = decisionHeads.map(paint.faint);
  let widths = [8, 10, 26, 7, 10, 11, 26, 10];
  const waiting = new Map<string, { readonly entry: Entry & Decided; readonly timer: NodeJS.Timeout }>();
  const line = (cells: readonly string[]): void => {
    out(
      `${cells
        .map((cell, at) => padded(cell, widths[at] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
  };
  const ranOut = ({ at, text }: RanOut): void =>
    out(`${paint.faint(`${padded(clock(at), widths[0] ?? 0)}  ${safeLine(text)}`)}\n`);
  const event = (entry: Entry): void => {
    const text = eventText(entry);
    if (text !== undefined) ranOut({ at: entry.at, text });
  };
  const settle = (id: string, outcome: Entry | undefined): void => {
    const found = waiting.get(id);
    if (found === undefined) return;
    clearTimeout(found.timer);
    waiting.delete(id);
    line(decisionRow(found.entry, outcome, paint));
  };
  const one = (entry: Entry): void => {
    const decision = decisionOf(entry);
    if (entry.kind === 'decided') {
      const timer = setTimeout(() => settle(entry.id, undefined), outcomeMillisMax);
      waiting.set(entry.id, { entry, timer });
    } else if (decision === undefined) event(entry);
    else settle(decision, entry);
  };
  const all = (entries: readonly Entry[], over: readonly RanOut[] = []): void => {
    const outcomes = new Map(entries.map(entry => [decisionOf(entry), entry]));
    const shown = entries.filter(entry => entry.kind === 'decided' || eventText(entry) !== undefined);
    const rows = new Map<Entry, string[]>(
      shown.flatMap(entry =>
        entry.kind === 'decided' ? [[entry, decisionRow(entry, outcomes.get(entry.id), paint)] as const] : [],
      ),
    );
    for (const row of rows.values()) widths = widths.map((width, at) => Math.max(width, widthOf(row[at] ?? '')));
    const times = [...shown, ...over].map(({ at }) => clock(at).length);
    widths[0] = Math.max(widths[0] ?? 0, ...times);
    if (shown.length > 0) line(heads);
    const left = [...over];
    for (const entry of shown) {
      while (left[0] !== undefined && left[0].at <= entry.at) ranOut(left.shift() as RanOut);
      const row = rows.get(entry);
      if (row === undefined) event(entry);
      else line(row);
    }
    left.forEach(ranOut);
  };
  const end = (): void => {
    for (const id of [...waiting.keys()]) settle(id, undefined);
  };
  return { all, one, ranOut, end };
}
