import type { Tasks } from '@sallyport/core/mediate/ports.ts';
import type { Answered } from '@sallyport/core/model/entry.ts';
import type { Instant } from '@sallyport/core/model/ids.ts';
import type { Checked } from '@sallyport/core/model/refusal.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { type Approval, isBoundTo, isLive } from '@sallyport/core/task/approval.ts';
import type { State } from '@sallyport/core/task/state.ts';
import type { Caller } from '../api/caller.ts';
import { lapsedYes, settledBefore } from './settled.ts';
import { lapsedIn, stillSaid } from './still-said.ts';
import type { Counting, Who } from './who.ts';

export interface ObstaclePorts {
  readonly state: State;
  readonly now: () => Instant;
  readonly standing: Tasks['standing'];
  /** Digest of the world in force. */
  readonly world: () => string;
}

/** Why a word to a question would count for nothing now, in words; undefined: it counts. */
export interface Obstacles {
  /** Whoever says it. */
  readonly toWord: (approval: Approval, word: Answered['answer']) => string | undefined;
  /** This person's no. */
  readonly toNo: (approval: Approval, by: Caller) => string | undefined;
  /** This person's yes. */
  readonly toYes: (approval: Approval, by: Caller) => string | undefined;
  /** What this person's yes would count for, if a yes counts. */
  readonly yesOf: (approval: Approval, by: Caller) => Counting;
}

export function createObstacles({ state, now, standing, world }: ObstaclePorts, who: Who): Obstacles {
  function toWord(approval: Approval, word: Answered['answer']): string | undefined {
    if (approval.state === 'void') return askedAnew(approval) ?? voidBecause(standing(approval.task, approval.agent));
    const lapsed = isLive(approval, now()) ? lapsedIn(approval, who) : [];
    if (lapsed.length > 0) return lapsedYes(lapsed);
    if (approval.state !== 'pending') return settledBefore(approval, now());
    if (!isLive(approval, now())) return 'it has expired; if the agent tries again, it asks again';
    if (word === 'refused') return undefined;
    const stands = standing(approval.task, approval.agent);
    if (!stands.ok) return stands.refusal.why;
    if (approval.world !== world())
      return 'policies or tools have changed since it was asked; if the agent tries again, it is decided anew';
    return undefined;
  }

  function askedAnew(approval: Approval): string | undefined {
    const anew = [...state.approvals.values()].findLast(one => one.state !== 'void' && isBoundTo(one, approval));
    return anew && `it counts no more: the same was asked anew (${anew.id})`;
  }

  function yesOf(approval: Approval, by: Caller): Counting {
    const principal = state.tasks.get(approval.task)?.task.principal ?? '';
    return who.yesOf(by, stillSaid(approval, who), principal, now());
  }

  return {
    toWord,
    toNo: (approval, by) => who.obstacleToNo(by, approval, now()),
    toYes: (approval, by) => {
      const counting = yesOf(approval, by);
      return toWord(approval, 'approved') ?? (counting.ok ? undefined : counting.why);
    },
    yesOf,
  };
}

function voidBecause(standing: Checked<Task>): string {
  return standing.ok ? 'it was cancelled when its task was stopped' : standing.refusal.why;
}
