import type { Instant } from '@sallyport/core/model/ids.ts';
import type { Refusal } from '@sallyport/core/model/refusal.ts';
import { type Approval, type ApprovalBond, isBoundTo, isLive } from '@sallyport/core/task/approval.ts';

/** How much one agent may ask of people (E-5). Others are not affected: every limit is per agent or per task. */
export interface ApprovalLimits {
  readonly pendingPerTaskMax: number;
  readonly pendingPerAgentMax: number;
  /** New questions; the same question asked again is not new. */
  readonly asksPerAgentMinuteMax: number;
}

export const approvalLimitsDefault: ApprovalLimits = {
  pendingPerTaskMax: 8,
  pendingPerAgentMax: 24,
  asksPerAgentMinuteMax: 30,
};

/**
 * Why a new question about this is one too many, or undefined. One about the same closes with it, and does not count as waiting. Counted
 * from the questions themselves, which the journal makes, so that a restart gives nobody more.
 */
export function overBudget(
  limits: ApprovalLimits,
  bond: ApprovalBond,
  approvals: Iterable<Approval>,
  now: Instant,
): string | undefined {
  let [ofTask, ofAgent, recent] = [0, 0, 0];
  for (const approval of approvals) {
    if (approval.agent !== bond.agent) continue;
    if (now - approval.askedAt < 60_000) recent += 1;
    if (approval.state !== 'pending' || !isLive(approval, now) || isBoundTo(approval, bond)) continue;
    ofAgent += 1;
    if (approval.task === bond.task) ofTask += 1;
  }
  if (ofTask >= limits.pendingPerTaskMax) return `${ofTask} questions of this task wait for a person already`;
  if (ofAgent >= limits.pendingPerAgentMax) return `${ofAgent} questions of this agent wait for a person already`;
  return recent < limits.asksPerAgentMinuteMax ? undefined : `this agent asked ${recent} questions within a minute`;
}

export function tooManyAsked(what: string, why: string): Refusal {
  return {
    code: 'overloaded',
    what,
    why: `${why}, so nobody was asked about this`,
    fix: 'wait until they are answered, or do something that needs no approval',
  };
}
