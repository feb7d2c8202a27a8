import type { Decided, Entry } from '@sallyport/core/model/entry.ts';
import type { ActionClass } from '@sallyport/core/model/tool.ts';
import { table } from './columns.ts';
import { decisionOf } from './entry-row.ts';
import { short } from './ids.ts';
import type { Paint } from './paint.ts';
import { safeLine } from './safe.ts';
import { clock } from './time.ts';

/** What becomes a row of `actsText`: the newest of them, and what became of each. */
export const actKinds = [
  'decided',
  'performed',
  'reported',
  'refused',
  'withheld',
  'faulted',
  'indeterminate',
  'asked',
  'answered',
] as const;

type Decision = Entry & Decided;

const gravestFirst: readonly ActionClass[] = [
  'money',
  'admin',
  'destructive',
  'code',
  'message',
  'egress',
  'write',
  'read',
];

/** All that a task did, a line for each tool, what weighs most first; then each question that was answered, and by whom. */
export function actsText(entries: readonly Entry[], paint: Paint): string {
  const outcomes = new Map(entries.flatMap(entry => [[decisionOf(entry) ?? '', entry] as const]));
  const decided = entries.filter((entry): entry is Decision => entry.kind === 'decided');
  const byTool = [...Map.groupBy(decided, ({ action }) => `${action.server}/${action.tool}`)];
  const rows = byTool
    .sort(([, a], [, b]) => weightOf(a) - weightOf(b))
    .map(([tool, calls]) => {
      const done = calls.filter(({ id }) => isDone(outcomes.get(id)));
      const stopped = calls.filter(({ verdict }) => verdict !== 'pass');
      const would = calls.filter(({ verdict, answer }) => verdict === 'pass' && answer !== 'permit');
      const observed = would.length === 0 ? '' : paint.warn(`${would.length} had it been enforced`);
      const turnedAway = stopped.length === 0 ? '' : paint.warn(String(stopped.length));
      const newest = stopped.at(-1) ?? would.at(-1) ?? calls.at(-1);
      return [
        paint.bold(safeLine(tool)),
        [...new Set(calls.flatMap(({ action }) => action.classes))].join(' '),
        String(done.length),
        [turnedAway, observed].filter(text => text !== '').join(', ') || '·',
        `${clock(calls[0]?.at ?? 0)} – ${clock(calls.at(-1)?.at ?? 0)}`,
        short(newest?.id ?? ''),
      ];
    });
  const heads = ['tool', 'does', 'done', 'stopped', 'from – to', 'newest stopped, or newest'];
  return [table(heads, rows, paint.faint), ...answersIn(entries)].join('\n');
}

function weightOf(calls: readonly Decision[]): number {
  return Math.min(...calls.flatMap(({ action }) => action.classes.map(name => gravestFirst.indexOf(name))));
}

/** It may have happened: what is not known counts. */
function isDone(outcome: Entry | undefined): boolean {
  return outcome !== undefined && ['performed', 'reported', 'withheld', 'indeterminate'].includes(outcome.kind);
}

function answersIn(entries: readonly Entry[]): string[] {
  const asked = new Map(
    entries.flatMap(entry => (entry.kind === 'asked' ? [[entry.id as string, entry] as const] : [])),
  );
  const answered = entries.flatMap(entry => {
    if (entry.kind !== 'answered') return [];
    const about = asked.get(entry.approval);
    const what = about === undefined ? short(entry.approval) : `${about.server}/${about.tool}`;
    asked.delete(entry.approval);
    return [
      `  ${clock(entry.at)}  ${safeLine(what)}: ${entry.answer} by ${safeLine(entry.by)}  ${short(entry.approval)}`,
    ];
  });
  const open = [...asked.values()].map(
    ({ id, at, server, tool, approvers }) =>
      `  ${clock(at)}  ${safeLine(`${server}/${tool}`)}: asked of ${safeLine(approvers.join(', '))}, not answered  ${short(id)}`,
  );
  return answered.length + open.length === 0 ? [] : ['', 'people', ...answered, ...open];
}
