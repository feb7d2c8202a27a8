import type { BuiltOn } from '@sallyport/core/mediate/ports.ts';
import type { Instant, TaskId } from '@sallyport/core/model/ids.ts';
import { toolKey } from '@sallyport/core/model/tool.ts';
import { isName } from '@sallyport/core/provenance/flow/new-names.ts';
import type { Looked } from '@sallyport/core/provenance/memories.ts';
import { type Approval, coinedMax, isLive } from '@sallyport/core/task/approval.ts';
import { dependOn } from '@sallyport/core/task/approve.ts';
import type { State } from '@sallyport/core/task/state.ts';

/** Actions that wait for one question, each counted once. */
export const dependentsMax = 32;

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
 * found nowhere else and nothing that was performed has named it.
 */
export function createDependents(state: State, world: () => string) {
  return ({ task, action, tool, looked }: Building, now: Instant): BuiltOn | undefined => {
    const names = looked.ways.filter(isName).map(({ digest }) => digest);
    if (names.length === 0) return undefined;
    let turnedDown: Approval | undefined;
    for (const approval of state.approvals.values()) {
      if (approval.task !== task || approval.coined === undefined) continue;
      const stands = standing(approval, world(), now);
      if (stands === 'waits' && names.some(name => brings(approval, name))) {
        const kind = add(approval, action, looked) ? 'waits' : 'too-many';
        return { kind, ...named(approval) };
      }
      if (!looked.coined.some(name => brings(approval, name))) continue;
      // The newest counts, and a yes after a no makes it good. The same tool again is another attempt, not a dependent.
      turnedDown = stands === 'turned-down' && tool !== toolKey(approval.server, approval.tool) ? approval : undefined;
    }
    if (turnedDown === undefined) return undefined;
    return { kind: turnedDown.state === 'refused' ? 'refused' : 'lapsed', ...named(turnedDown) };
  };

  /** False if too many do already. */
  function add({ id, dependents }: Approval, action: string, { coined }: Looked): boolean {
    const waits = dependents?.actions.has(action) === true;
    if (!waits && (dependents?.actions.size ?? 0) >= dependentsMax) return false;
    dependOn(state, id, action, coined.slice(0, coinedMax));
    return true;
  }
}

function brings({ coined, dependents }: Approval, name: string): boolean {
  return coined?.includes(name) === true || dependents?.coined.has(name) === true;
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
