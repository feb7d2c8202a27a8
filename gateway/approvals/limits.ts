import type { AgentId, Instant } from '@sallyport/core/model/ids.ts';
import type { Refusal } from '@sallyport/core/model/refusal.ts';
import { type Approval, isLive } from '@sallyport/core/task/approval.ts';

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

export interface AskBudget {
  /** Why a new question of this agent and task is one too many, or undefined; then it is counted. */
  readonly take: (
    asker: Pick<Approval, 'agent' | 'task'>,
    approvals: Iterable<Approval>,
    now: Instant,
  ) => string | undefined;
}

export function createAskBudget(limits: ApprovalLimits): AskBudget {
  const asked = new Map<AgentId, Instant[]>();
  return {
    take: ({ agent, task }, approvals, now) => {
      let ofTask = 0;
      let ofAgent = 0;
      for (const approval of approvals) {
        if (approval.state !== 'pending' || approval.agent !== agent || !isLive(approval, now)) continue;
        ofAgent += 1;
        if (approval.task === task) ofTask += 1;
      }
      if (ofTask >= limits.pendingPerTaskMax) return `${ofTask} questions of this task wait for a person already`;
      if (ofAgent >= limits.pendingPerAgentMax) return `${ofAgent} questions of this agent wait for a person already`;
      const recent = (asked.get(agent) ?? []).filter(at => now - at < 60_000);
      asked.set(agent, recent);
      if (recent.length >= limits.asksPerAgentMinuteMax)
        return `this agent asked ${recent.length} questions within a minute`;
      recent.push(now);
      return undefined;
    },
  };
}

export function tooManyAsked(what: string, why: string): Refusal {
  return {
    code: 'overloaded',
    what,
    why: `${why}, so nobody was asked about this`,
    fix: 'wait until they are answered, or do something that needs no approval',
  };
}
