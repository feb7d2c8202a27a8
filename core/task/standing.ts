import type { AgentId, Instant, TaskId } from '../model/ids.ts';
import { type Checked, passed, type Refusal, refused } from '../model/refusal.ts';
import type { Task } from '../model/task.ts';
import { killOf } from './kill.ts';
import type { Kill, State } from './state.ts';

/**
 * Whether this agent may act in this task at this instant (design §2 step 2, and again at step 9). Modes have no part
 * in it. A task that does not exist and one of another agent are refused in the same words (D-12, K-10).
 */
export function standingOf(state: State, id: TaskId | undefined, agent: AgentId, now: Instant): Checked<Task> {
  const kill = killOf(state, agent, id);
  if (kill !== undefined && kill.scope.kind !== 'task') return refused(killRefusal(kill));
  const task = id === undefined ? undefined : state.tasks.get(id)?.task;
  if (task === undefined || task.agent !== agent) return refused(taskUnknown);
  if (kill !== undefined) return refused(killRefusal(kill));
  if (task.state.kind === 'ended') return refused(ended(task.state.why));
  if (isOver(task, now)) return refused(overTime);
  return passed(task);
}

export function isOver(task: Task, now: Instant): boolean {
  return now >= endsAt(task);
}

export function endsAt(task: Task): Instant {
  return task.openedAt + task.limits.secondsMax * 1000;
}

export const taskUnknown: Refusal = {
  code: 'task-unknown',
  what: 'task',
  why: 'this task token names no task of this agent',
  fix: 'use the token that was handed out when the task was opened, or send none',
};

const overTime: Refusal = {
  code: 'limit-seconds',
  what: 'task',
  why: 'the time of this task is over',
  fix: 'ask whoever opened it for a new one',
};

function ended(why: string): Refusal {
  return {
    code: 'task-ended',
    what: 'task',
    why: `this task has ended: ${why}`,
    fix: 'ask whoever opened it for a new one',
  };
}

/** What an operator wrote about a kill is for people, not for the agent. */
function killRefusal({ scope }: Kill): Refusal {
  const fix = 'stop, and tell the person you work for';
  switch (scope.kind) {
    case 'all':
      return { code: 'agent-killed', what: 'agent', why: 'an operator has stopped every agent', fix };
    case 'agent':
      return { code: 'agent-killed', what: 'agent', why: 'an operator has stopped this agent', fix };
    case 'task':
      return { code: 'task-ended', what: 'task', why: 'an operator has stopped this task', fix };
  }
}
