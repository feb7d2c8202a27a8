import type { AgentId, DecisionId, Instant, TaskId } from '../model/ids.ts';
import type { Risk, SignalName } from '../model/risk.ts';
import type { TaskKind } from '../model/task.ts';

/** What was noticed about one task. */
export interface Finding {
  readonly task: TaskId;
  readonly agent: AgentId;
  readonly kind: TaskKind;
  /** The highest score of one of its actions, and the decision about that one. */
  readonly score: number;
  readonly decision: DecisionId;
  readonly firstAt: Instant;
  readonly at: Instant;
  /** Actions about which something was noticed. */
  readonly actions: number;
  /** Each signal as it was last given. */
  readonly signals: ReadonlyMap<SignalName, string>;
}

/** With what was noticed about one more action. */
export function foundMore(
  before: Finding | undefined,
  risk: Risk,
  place: Pick<Finding, 'task' | 'agent' | 'kind' | 'decision' | 'at'>,
): Finding {
  const isWorst = before === undefined || risk.score > before.score;
  return {
    ...place,
    score: isWorst ? risk.score : before.score,
    decision: isWorst ? place.decision : before.decision,
    firstAt: before?.firstAt ?? place.at,
    actions: (before?.actions ?? 0) + 1,
    signals: new Map([...(before?.signals ?? []), ...risk.signals.map(({ name, text }) => [name, text] as const)]),
  };
}
