import type { LifeOfLease } from '@sallyport/gateway/api/view/credential-lives.ts';
import { columns } from './columns.ts';
import { safeLine } from './safe.ts';
import { clock, moment } from './time.ts';

/** What a task's servers were lent, and how that ended; of what goes on elsewhere, until when. */
export function livesText(lives: readonly LifeOfLease[]): string {
  return columns(
    lives.map(({ asked, issued, ended }) => [
      `  ${safeLine(asked.credential)}`,
      safeLine(`for ${asked.server}${asked.scope === '' ? '' : `: ${asked.scope}`}`),
      clock(asked.at),
      safeLine(endOf({ asked, ...(issued && { issued }), ...(ended && { ended }) })),
    ]),
  );
}

function endOf({ issued, ended }: LifeOfLease): string {
  const own = (ended ?? issued)?.expiresAt;
  if (ended?.outcome === 'outlives')
    return `outlives the task ${own === undefined ? 'by nobody knows how long' : `until ${moment(own)}`}: ${ended.why}`;
  if (ended !== undefined) return `${ended.outcome} at ${clock(ended.at)}: ${ended.why}`;
  if (issued === undefined) return 'asked for';
  return own === undefined ? 'lent until the task ends' : `lent until ${moment(own)} at the latest`;
}
