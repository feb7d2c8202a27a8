import { byEntry, labelWord } from '@sallyport/core/model/label.ts';
import type { TaskView } from '@sallyport/gateway/api/view/task.ts';
import { columns, facts, table } from './columns.ts';
import { grouped } from './counted.ts';
import { short } from './ids.ts';
import type { Paint } from './paint.ts';
import { cut, quotedWords, safeLine } from './safe.ts';
import { bytes, clock, duration, moment } from './time.ts';

const purposeCharsMax = 60;
/** As long as one may be. */
const purposeShownMax = 4_000;

export function tasksTable(tasks: readonly TaskView[], paint: Paint): string {
  const rows = tasks.map(task => [
    short(task.id),
    stateText(task, paint),
    safeLine(task.agent),
    safeLine(task.principal),
    task.kind,
    `${grouped(task.used.calls)}/${grouped(task.limits.callsMax)}`,
    task.labels.map(source => labelWord(source.label)).join(' ') || '–',
    cut(safeLine(task.purpose), purposeCharsMax),
  ]);
  return table(['id', 'state', 'agent', 'principal', 'kind', 'calls', 'labels', 'purpose'], rows, paint.faint);
}

function untilEnd(millis: number): string {
  return millis > 0 ? `in ${duration(millis)}` : `${duration(-millis)} ago`;
}

export function taskText(task: TaskView, now: number, paint: Paint): string {
  const lines = facts(
    [
      ['task', `${task.id}  ${stateText(task, paint)}`],
      ['purpose', purposeText(task, paint)],
      ['agent', `${safeLine(task.agent)} for ${safeLine(task.principal)}`],
      ['opened', `${moment(task.openedAt)} by ${safeLine(task.opener)} (${task.kind})`],
      task.ended === undefined
        ? ['ends', `${moment(task.endsAt)}, ${untilEnd(task.endsAt - now)}`]
        : ['ended', `${moment(task.ended.at)} by ${safeLine(task.ended.by)}: ${safeLine(task.ended.why)}`],
      ['tools', task.tools === undefined ? paint.faint('not stated') : task.tools.map(safeLine).join(', ') || 'none'],
      ...stated(task),
      ['calls', `${grouped(task.used.calls)} of ${grouped(task.limits.callsMax)}${inFlight(task.reserved.calls)}`],
      ['bytes', `${bytes(task.used.bytes)} of ${bytes(task.limits.bytesMax)}`],
    ],
    paint.faint,
  );
  const shown = task.labels.length === 0 ? lines : `${lines}\n\n${paint.bold('labels')}\n${labels(task)}`;
  return [
    shown,
    ...titled('declassified', (task.declassified ?? []).map(loweredLine), paint),
    ...titled('endorsed', (task.endorsed ?? []).map(endorsedLine), paint),
  ].join('\n');
}

/** Only an ambient task is opened without one. */
function purposeText({ purpose, kind }: TaskView, paint: Paint): string {
  if (purpose !== '') return quotedWords(purpose, purposeShownMax);
  return paint.faint(kind === 'ambient' ? 'none was stated' : 'is no longer kept');
}

const actsShownMax = 12;

/** Policies act with each call: the newest are shown. */
function titled(title: string, lines: readonly string[], paint: Paint): string[] {
  if (lines.length === 0) return [];
  const before = lines.length - actsShownMax;
  const more = before > 0 ? [paint.faint(`  and ${before} before them`)] : [];
  return ['', paint.bold(title), ...lines.slice(-actsShownMax), ...more];
}

export function endorsedLine({
  endorsed,
  reach,
  by,
  why,
  at,
  until,
}: NonNullable<TaskView['endorsed']>[number]): string {
  const named = endorsedWords(endorsed);
  const held = until === undefined ? '' : `, until ${clock(until)}`;
  return `  ${named} up to ${reach}${held}, says ${safeLine(by)} at ${clock(at)}: ${safeLine(why)}`;
}

/** What is read later counts again, so of a whole task it is said which labels still do not. */
export function loweredLine({ what, to, lowers, by, why, at }: NonNullable<TaskView['declassified']>[number]): string {
  const all = lowers.map(labelWord).join(' ') || 'nothing any more';
  const named = what.kind === 'entry' ? `what ${short(what.entry)} brought` : what.kind === 'task' ? all : 'a value';
  return `  ${named} counts as ${to}, says ${safeLine(by)} at ${clock(at)}: ${safeLine(why)}`;
}

function endorsedWords(endorsed: NonNullable<TaskView['endorsed']>[number]['endorsed']): string {
  switch (endorsed.kind) {
    case 'value':
      return 'a value';
    case 'tool':
      return safeLine(`${endorsed.server}/${endorsed.tool}`);
    case 'source':
      return `what one call of ${safeLine(`${endorsed.server}/${endorsed.tool}`)} returns`;
    case 'outcome':
      return `what ${short(endorsed.entry)} brought`;
  }
}

/** What only some tasks have. */
function stated(task: TaskView): [string, string][] {
  const words = (list: readonly string[] | undefined): string => list?.map(safeLine).join(', ') || 'none';
  return [
    ...(task.resources === undefined ? [] : [['resources', words(task.resources)] as [string, string]]),
    ...(task.destinations === undefined ? [] : [['destinations', words(task.destinations)] as [string, string]]),
    ...(task.ceiling === 'secret' ? [] : [['ceiling', task.ceiling] as [string, string]]),
    ...(task.endsWith === undefined ? [] : [['ends with', safeLine(task.endsWith)] as [string, string]]),
    ...(task.segments === undefined ? [] : [['segments', words(task.segments)] as [string, string]]),
    ...(task.audience === undefined ? [] : [['servers', words(task.audience)] as [string, string]]),
    ...(task.parent === undefined ? [] : [['delegated', `from ${short(task.parent)}`] as [string, string]]),
    ...(task.limits.spendCentsMax === 0 || task.used.spendCents > 0
      ? [['spent', `${task.used.spendCents / 100} of ${task.limits.spendCentsMax / 100}`] as [string, string]]
      : []),
    ...(task.suspended === undefined
      ? []
      : [['suspended', `${moment(task.suspended.at)}: ${safeLine(task.suspended.why)}`] as [string, string]]),
  ];
}

function labels(task: TaskView): string {
  return columns(
    byEntry(task.labels).map(({ labels, server, tool, at, entry }) => [
      `  ${labels.map(labelWord).join(' ')}`,
      `from ${safeLine(`${server}/${tool}`)}`,
      clock(at),
      `sallyport why ${short(entry)}`,
    ]),
  );
}

function inFlight(calls: number): string {
  return calls === 0 ? '' : `, ${calls} in flight`;
}

function stateText({ state }: TaskView, paint: Paint): string {
  const paints = {
    open: paint.good,
    killed: paint.bad,
    suspended: paint.warn,
    expired: paint.warn,
    ended: paint.faint,
  };
  return paints[state](state);
}
