import type { BuiltOn } from '@sallyport/core/mediate/ports.ts';
import type { ApprovalId, Instant, TaskId } from '@sallyport/core/model/ids.ts';
import { toolKey } from '@sallyport/core/model/tool.ts';
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

/** An action that may build on others. */
export interface Building {
  readonly task: TaskId;
  /** Its digest. */
  readonly action: string;
  /** `server/name`. */
  readonly tool: string;
  readonly looked: Looked;
}

/**
 * Actions that build on one a person is still asked about (AARM R4: dependents of a deferred action are deferred, independents
 * proceed), or to which the answer was no. They are not asked about: they wait, and share the no, for as long as what they name has been
 * found nowhere else and nothing that was performed has named it. What the dependents themselves coined is in memory; what the
 * question did is in its entry.
 */
export function createDependents(approvals: () => Iterable<Approval>, world: () => string) {
  const byQuestion = new Map<ApprovalId, Dependents>();

  return ({ task, action, tool, looked }: Building, now: Instant): BuiltOn | undefined => {
    const names = looked.ways.filter(isName).map(({ digest }) => digest);
    if (names.length === 0) return undefined;
    let turnedDown: Approval | undefined;
    for (const approval of approvals()) {
      if (approval.task !== task || approval.coined === undefined) continue;
      const state = standing(approval, world(), now);
      if (state === 'waits' && names.some(name => brings(approval, name))) {
        const kind = add(approval.id, action, looked) ? 'waits' : 'too-many';
        return { kind, ...named(approval) };
      }
      if (!looked.coined.some(name => brings(approval, name))) continue;
      // The newest counts, and a yes after a no makes it good. The same tool again is another attempt, not a dependent.
      turnedDown = state === 'turned-down' && tool !== toolKey(approval.server, approval.tool) ? approval : undefined;
    }
    if (turnedDown === undefined) return undefined;
    return { kind: turnedDown.state === 'refused' ? 'refused' : 'lapsed', ...named(turnedDown) };
  };

  function brings({ id, coined }: Approval, name: string): boolean {
    return coined?.includes(name) === true || byQuestion.get(id)?.coined.has(name) === true;
  }

  function add(id: ApprovalId, action: string, { coined }: Looked): boolean {
    if (!byQuestion.has(id)) forget();
    const all = byQuestion.get(id) ?? { actions: new Set(), coined: new Set() };
    byQuestion.set(id, all);
    if (!all.actions.has(action) && all.actions.size >= dependentsMax) return false;
    all.actions.add(action);
    for (const name of coined) all.coined.add(name);
    return true;
  }

  /** Those of questions to which the answer was yes, and of those that are remembered no more. */
  function forget(): void {
    const kept = new Set([...approvals()].filter(isUnsaid).map(({ id }) => id));
    for (const id of byQuestion.keys()) if (!kept.has(id)) byQuestion.delete(id);
  }
}

function named({ id, server, tool }: Approval): Pick<BuiltOn, 'approval' | 'tool'> {
  return { approval: id, tool: toolKey(server, tool) };
}

function isUnsaid({ state }: Approval): boolean {
  return state === 'pending' || state === 'refused';
}

/** What was asked in another world cannot be said yes to any more: like a question whose time is over. */
function standing(approval: Approval, world: string, now: Instant): 'waits' | 'turned-down' | 'done' {
  if (!isUnsaid(approval)) return 'done';
  const isOpen = approval.state === 'pending' && isLive(approval, now) && approval.world === world;
  return isOpen ? 'waits' : 'turned-down';
}
