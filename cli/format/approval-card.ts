import { byEntry, labelWord } from '@sallyport/core/model/label.ts';
import type { ApprovalView } from '@sallyport/gateway/api/view/approval.ts';
import { facts } from './columns.ts';
import { costLines } from './cost.ts';
import { short } from './ids.ts';
import type { Paint } from './paint.ts';
import { reasonLines } from './reasons.ts';
import { requestLines } from './request.ts';
import { quotedWords, safeLine } from './safe.ts';
import { signalLines } from './signals.ts';
import { clock, duration } from './time.ts';
import { valueLines } from './value-lines.ts';

/** Everything a person has to see before saying yes: what exactly would be permitted, for whom, and why it is asked. */
export function approvalCard(view: ApprovalView, now: number, cwd: string, paint: Paint): string {
  const head = facts(
    [
      ['approval', `${short(view.id)}  ${stateText(view, now, paint)}`],
      ['agent', `${safeLine(view.agent)} for ${safeLine(view.principal)}`],
      [
        'task',
        `${short(view.task)}  ${view.purpose === '' ? 'no purpose was stated' : quotedWords(view.purpose, purposeCharsMax)}`,
      ],
      ['opened by', openedBy(view)],
      ['asked of', askedOf(view, now)],
      view.seconds === undefined ? undefined : ['yes', paint.warn(yesesOf(view))],
    ],
    paint.faint,
  );
  const read = byEntry(view.labels).map(
    ({ labels, server, tool, at }) =>
      `  ${safeLine(`${server}/${tool}`)} at ${clock(at)}: ${labels.map(labelWord).join(' ')}`,
  );
  return [
    `${paint.bold(safeLine(view.tool))}`,
    head,
    '',
    paint.bold('exactly this would be permitted, once'),
    ...requestLines(view.arguments, paint),
    '',
    paint.bold('asked because'),
    ...reasonLines(inTheWay(view).map(withoutFix), cwd, paint),
    ...titled('values', valueLines(view, paint), paint),
    ...titled('unusual', view.risk === undefined ? [] : signalLines(view.risk), paint),
    ...titled('the task has read', [...read, ...costLines(view.facts, paint)], paint),
    '',
    paint.bold('a yes'),
    `  holds for ${duration(view.expiresAt - view.askedAt)} from when it is given, for exactly this, once; if an argument, the tool, the policies or the task differ by then it is void, and everything is decided again when it is used`,
  ].join('\n');
}

/** Those who may answer, and who else once nobody did for so long. */
function askedOf({ approvers, escalation, state }: ApprovalView, now: number): string {
  const asked = approvers.map(safeLine).join(', ');
  if (escalation === undefined || state !== 'pending' || escalation.at <= now) return asked;
  return `${asked}; in ${duration(escalation.at - now)} also of ${escalation.approvers.map(safeLine).join(', ')}`;
}

/** Several people have to say yes, and not all of them did. */
export function waitsForMore({ state, seconds }: ApprovalView): boolean {
  return state === 'pending' && seconds !== undefined;
}

/** How many people have to say yes, of whom, and who did. */
export function yesesOf({ people = 1, quorums, seconds = [] }: ApprovalView): string {
  const all = quorums ?? [{ people, yes: seconds.map(({ by }) => by) }];
  return all
    .map(quorum => {
      const { people: wanted, yes } = quorum;
      const of = 'approvers' in quorum ? `${quorum.approvers.map(safeLine).join(', ')}: ` : '';
      const by = yes.length === 0 ? '' : ` (${yes.map(safeLine).join(', ')})`;
      return `${of}${yes.length} of ${wanted} people said yes${by}`;
    })
    .join('; ');
}

const purposeCharsMax = 400;

/** What the agent is told to do instead is nothing that whoever is asked could do. */
function withoutFix(reason: ApprovalView['reasons'][number]): ApprovalView['reasons'][number] {
  return { ...reason, fix: undefined };
}

function titled(title: string, lines: readonly string[], paint: Paint): string[] {
  return lines.length === 0 ? [] : ['', paint.bold(title), ...lines];
}

const openers: Readonly<Record<string, string>> = {
  operator: 'the operator, who stated what it is for',
  gateway: 'nobody in particular: it is what this agent does for this principal',
  claimed: 'the agent itself: what it says it is for counts for nothing',
};

function openedBy({ opener }: ApprovalView): string {
  return opener === undefined ? 'not known any more' : safeLine(openers[opener] ?? opener);
}

/** What would then permit it is not why anybody is asked. */
function inTheWay({ reasons }: ApprovalView): ApprovalView['reasons'] {
  const forbids = reasons.filter(({ effect }) => effect !== 'permit');
  return forbids.length > 0 ? forbids : reasons;
}

function stateText({ state, expiresAt, answered, why }: ApprovalView, now: number, paint: Paint): string {
  switch (state) {
    case 'pending':
      return paint.warn(`pending, ${duration(expiresAt - now)} left, until ${clock(expiresAt)}`);
    case 'approved':
      return paint.good(`approved by ${safeLine(answered?.by ?? '?')}, can be used for ${duration(expiresAt - now)}`);
    case 'refused':
      return paint.bad(`refused by ${safeLine(answered?.by ?? '?')}`);
    case 'expired':
      return answered === undefined
        ? 'expired: nobody answered'
        : `approved by ${safeLine(answered.by)}, and ran out unused`;
    default:
      return `${state}${why === undefined ? '' : ` (${safeLine(why)})`}`;
  }
}
