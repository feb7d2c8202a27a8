import { byEntry } from '@sallyport/core/model/label.ts';
import type { ApprovalView } from '@sallyport/gateway/api/view/approval.ts';
import { facts } from './columns.ts';
import { costLines } from './cost.ts';
import { short } from './ids.ts';
import type { Paint } from './paint.ts';
import { reasonLines } from './reasons.ts';
import { requestLines } from './request.ts';
import { safeLine } from './safe.ts';
import { clock, duration } from './time.ts';

/** Everything a person has to see before saying yes: what exactly would be permitted, for whom, and why it is asked. */
export function approvalCard(view: ApprovalView, now: number, cwd: string, paint: Paint): string {
  const head = facts(
    [
      ['approval', `${short(view.id)}  ${stateText(view, now, paint)}`],
      ['agent', `${safeLine(view.agent)} for ${safeLine(view.principal)}`],
      ['task', `${short(view.task)}  ${view.purpose === '' ? 'no purpose was stated' : `“${safeLine(view.purpose)}”`}`],
      ['asked of', view.approvers.map(safeLine).join(', ')],
    ],
    paint.faint,
  );
  const read = byEntry(view.labels).map(
    ({ labels, server, tool, at }) =>
      `  ${labels.join(' ')}: the task read ${safeLine(`${server}/${tool}`)} at ${clock(at)}`,
  );
  return [
    `${paint.bold(safeLine(view.tool))}`,
    head,
    '',
    paint.bold('exactly this would be permitted, once'),
    ...requestLines(view.arguments, paint),
    '',
    paint.bold('asked because'),
    ...reasonLines(inTheWay(view), cwd, paint),
    ...read,
    ...costLines(view.facts, paint),
  ].join('\n');
}

/** What would then permit it is not why anybody is asked. */
function inTheWay({ reasons }: ApprovalView): ApprovalView['reasons'] {
  const forbids = reasons.filter(({ effect }) => effect !== 'permit');
  return forbids.length > 0 ? forbids : reasons;
}

function stateText({ state, expiresAt, answered, why }: ApprovalView, now: number, paint: Paint): string {
  switch (state) {
    case 'pending':
      return paint.warn(`pending, ${duration(expiresAt - now)} left`);
    case 'approved':
      return paint.good(`approved by ${safeLine(answered?.by ?? '?')}, can be used for ${duration(expiresAt - now)}`);
    case 'refused':
      return paint.bad(`refused by ${safeLine(answered?.by ?? '?')}`);
    default:
      return `${state}${why === undefined ? '' : ` (${safeLine(why)})`}`;
  }
}
