import type { Instant } from '@sallyport/core/model/ids.ts';
import { type Approval, isLive } from '@sallyport/core/task/approval.ts';

/** What whoever comes second is told: who said what, and whether it still counts. Not for a question that is open, or void. */
export function settledBefore(approval: Approval, now: Instant): string {
  const by = byWhom(approval);
  if (approval.state === 'used') return `it was approved already, by ${by}, and used`;
  if (isLive(approval, now)) return `it was ${approval.state} already, by ${by}`;
  const over = approval.state === 'approved' ? 'and the yes ran out unused' : 'and the no holds no longer';
  return `it was ${approval.state} by ${by}, ${over}; if the agent tries again, it asks again`;
}

/** What a yes is worth of somebody who may no longer give one (E-3), and what then happens. `names`: all of them, at least one. */
export function lapsedYes(names: readonly string[]): string {
  return `${names.join(' and ')}, who said yes, may not any more: the yes counts for nothing; if the agent tries again, it is asked anew`;
}

/** A yes may be that of several people; a no is one person's, whoever said yes before. */
function byWhom({ state, seconds, answered }: Approval): string {
  const said = [...(state === 'refused' ? [] : seconds), ...(answered === undefined ? [] : [answered])];
  return said.length === 0 ? 'somebody' : said.map(({ by }) => by).join(' and ');
}

/** What can still be done about an answer; undefined where its words say it. */
export function afterwards(approval: Approval, now: Instant): string | undefined {
  if (approval.state === 'used') return `see: sallyport why ${approval.decision}`;
  if (approval.state === 'void') return 'what waits now: sallyport approvals';
  if (!isLive(approval, now)) return undefined;
  if (approval.state === 'approved') return `to take the yes back, stop its task: sallyport kill task:${approval.task}`;
  if (approval.state === 'refused') return 'the agent can ask again once the no has run out';
  return undefined;
}
