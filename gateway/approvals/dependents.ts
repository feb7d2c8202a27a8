import type { Awaited } from '@sallyport/core/mediate/ports.ts';
import type { ApprovalId, Instant, TaskId } from '@sallyport/core/model/ids.ts';
import { toolKey } from '@sallyport/core/model/tool.ts';
import type { Way } from '@sallyport/core/model/way.ts';
import { isName } from '@sallyport/core/provenance/coined.ts';
import type { Looked } from '@sallyport/core/provenance/memories.ts';
import { type Approval, isLive } from '@sallyport/core/task/approval.ts';

/** Actions that wait for one question, each counted once. */
export const dependentsMax = 32;

interface Dependents {
  /** Digests of actions. */
  readonly actions: Set<string>;
  /** What they would bring about themselves: what names it builds on the question as well. */
  readonly coined: Set<string>;
}

/**
 * Actions that build on one a person is still asked about (AARM R4: dependents of a deferred action are deferred, independents
 * proceed). They are not asked about: they wait, and are decided anew once the question is answered. What the dependents themselves
 * coined is in memory; what the question did is in its entry.
 */
export function createDependents(approvals: () => Iterable<Approval>, world: () => string) {
  const byQuestion = new Map<ApprovalId, Dependents>();

  return (task: TaskId, action: string, { ways, coined }: Looked, now: Instant): Awaited | undefined => {
    for (const approval of approvals()) {
      if (approval.state !== 'pending' || approval.task !== task || !isLive(approval, now)) continue;
      // What was asked in another world cannot be said yes to any more.
      if (approval.world !== world()) continue;
      const known = byQuestion.get(approval.id);
      const builds = ({ digest }: Way): boolean =>
        approval.coined?.includes(digest) || known?.coined.has(digest) === true;
      if (!ways.some(way => isName(way) && builds(way))) continue;
      return { approval: approval.id, tool: toolKey(approval.server, approval.tool), isFull: !add(approval.id) };
    }
    return undefined;

    function add(id: ApprovalId): boolean {
      if (!byQuestion.has(id)) forget();
      const all = byQuestion.get(id) ?? { actions: new Set(), coined: new Set() };
      byQuestion.set(id, all);
      if (!all.actions.has(action) && all.actions.size >= dependentsMax) return false;
      all.actions.add(action);
      for (const name of coined) all.coined.add(name);
      return true;
    }
  };

  /** Those of questions that are not open any more. */
  function forget(): void {
    const open = new Set([...approvals()].filter(({ state }) => state === 'pending').map(({ id }) => id));
    for (const id of byQuestion.keys()) if (!open.has(id)) byQuestion.delete(id);
  }
}
