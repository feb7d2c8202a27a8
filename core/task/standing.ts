import type { AgentId, Instant, ServerId, TaskId } from '../model/ids.ts';
import { type Checked, passed, type Refusal, refused } from '../model/refusal.ts';
import type { Task } from '../model/task.ts';
import { killOf, killOfServer } from './kill.ts';
import { lineage } from './lineage.ts';
import type { Kill, State, TaskRecord } from './state.ts';

/** A refusal names the task, for the record, where it is one of this agent. */
export type Standing = Checked<Task> & { readonly task?: TaskId };

/**
 * Whether this agent may act in this task at this instant (step 2 of the line, and again at step 9). Modes have no part
 * in it. A task that does not exist and one of another agent are refused in the same words (D-12, K-10). A delegated task
 * stands only while every task above it does. With `server`: whether it may act there. `atWork`: whether a call of a task is
 * under way; then it does not rest, however long that takes.
 */
export function standingOf(
  state: State,
  id: TaskId | undefined,
  agent: AgentId,
  now: Instant,
  server?: ServerId,
  atWork: AtWork = nobody,
): Standing {
  const kill = killOf(state, agent, id);
  if (kill !== undefined && kill.scope.kind !== 'task') return refused(killRefusal(kill));
  const record = id === undefined ? undefined : state.tasks.get(id);
  if (record === undefined || record.task.agent !== agent) return refused(taskUnknown);
  const { task } = record;
  const no = (refusal: Refusal): Standing => ({ ...refused(refusal), task: task.id });
  if (kill !== undefined) return no(killRefusal(kill));
  const unfit = task.parent === undefined ? unfitOf(record, now, atWork) : unfitAbove(state, task, now, atWork);
  if (unfit !== undefined) return no(unfit);
  if (server === undefined) return passed(task);
  if (killOfServer(state, server) !== undefined) return no(serverKilled(server));
  if (task.audience?.includes(server) === false) return no(outsideAudience(server));
  return passed(task);
}

/** Why it, or a task that its authority came from, may not act: itself first. */
function unfitAbove(state: State, task: Task, now: Instant, atWork: AtWork): Refusal | undefined {
  for (const each of lineage(state, task.id)) {
    const unfit = unfitOf(state.tasks.get(each.id), now, atWork);
    if (unfit !== undefined) return unfit;
  }
  return undefined;
}

function unfitOf(record: TaskRecord | undefined, now: Instant, atWork: AtWork): Refusal | undefined {
  if (record === undefined) return taskUnknown;
  const { task } = record;
  if (task.state.kind === 'ended') return ended(task.state.why);
  if (isOver(task, now) || isIdle(record, now, atWork)) return overTime;
  return task.suspended === undefined ? undefined : suspended;
}

export type AtWork = (task: TaskId) => boolean;

const nobody: AtWork = () => false;

/** It rests for longer than it may. */
export function isIdle(record: TaskRecord, now: Instant, atWork: AtWork): boolean {
  return hasRested(record, record.task.limits.idleSecondsMax, now, atWork);
}

/** Nothing was done in it, nor in a task that it delegated to, for longer than this. */
export function hasRested(
  { task, touchedAt }: TaskRecord,
  secondsMax: number | undefined,
  now: Instant,
  atWork: AtWork,
): boolean {
  if (secondsMax === undefined || now - touchedAt <= secondsMax * 1000) return false;
  return task.lent.calls === 0 && !atWork(task.id);
}

export function isOver(task: Task, now: Instant): boolean {
  return now >= endsAt(task);
}

export function endsAt(task: Task): Instant {
  return task.openedAt + task.limits.secondsMax * 1000;
}

const taskUnknown: Refusal = {
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

const suspended: Refusal = {
  code: 'task-suspended',
  what: 'task',
  why: 'this task is suspended',
  fix: 'wait until whoever opened it resumes it',
};

function serverKilled(server: ServerId): Refusal {
  const fix = 'do something else, or tell the person you work for';
  return { code: 'server-killed', what: server, why: 'an operator has stopped every action on this server', fix };
}

function outsideAudience(server: ServerId): Refusal {
  const fix = 'use the servers that it names, or ask whoever opened it for a new one';
  return { code: 'task-audience', what: server, why: 'this task was not opened for this server', fix };
}

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
    case 'server':
      return serverKilled(scope.server);
  }
}
