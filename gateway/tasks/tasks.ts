import type { PlacingJournal, Tasks } from '@sallyport/core/mediate/ports.ts';
import { type Acted, byGateway } from '@sallyport/core/model/acted.ts';
import type { Actor, Agent } from '@sallyport/core/model/agent.ts';
import type { KillScope, TaskEnded, TaskOpened } from '@sallyport/core/model/entry.ts';
import type { AgentId, ServerId, TaskId } from '@sallyport/core/model/ids.ts';
import { type Refusal, refused } from '@sallyport/core/model/refusal.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { declassifyTask } from '@sallyport/core/task/declassify.ts';
import { endorseTask } from '@sallyport/core/task/endorse.ts';
import { descent, lineage } from '@sallyport/core/task/lineage.ts';
import { suspendTask } from '@sallyport/core/task/pause.ts';
import { raiseTask, reachTask } from '@sallyport/core/task/raise.ts';
import { isIdle, isOver, type Standing, standingOf } from '@sallyport/core/task/standing.ts';
import { endedAbove, endTask, enterSegment, forgetEnded, openTask, touchTask } from '@sallyport/core/task/task.ts';
import { secretHash } from '../secret/secret.ts';
import { type AmbientPorts, createAmbientTasks } from './ambient.ts';
import { createInOrder, type InOrder } from './in-order.ts';
import { createReservations, type Reservations } from './reservations.ts';

export interface TaskPorts extends AmbientPorts {
  /** Entries become durable in the order in which they were handed over. */
  readonly journal: Pick<PlacingJournal, 'record' | 'append' | 'place'>;
  /** An agent as it is configured: who delegated is asked about as such. */
  readonly agentOf: (id: AgentId) => Agent | undefined;
  /** These tasks have ended: what hangs on them outside this room ends too. Called before it is durable. */
  readonly onEnded?: (tasks: readonly TaskId[]) => void;
  /** This was stopped by a person, and may be released again. Called before it is durable. */
  readonly onKilled?: (scope: KillScope) => void;
}

/** The line's port, and what the operator's side of this room needs of it. */
export interface TaskRoom extends Pick<InOrder, 'atOnce' | 'onceDurable'> {
  readonly tasks: Tasks;
  readonly reservations: Reservations;
  /** Durable, and in force, once it resolves. */
  readonly begin: (draft: TaskOpened, purpose: string) => Promise<Task>;
  /** The same for an ambient task in place of the one there is. A call that comes meanwhile waits for it. */
  readonly replaceAmbient: (draft: TaskOpened, by: Acted) => Promise<Task>;
  /** Open, suspended or over their time: not ended. */
  readonly openTasks: () => readonly Task[];
  /** Whether this agent may act in this task now: one with a call under way does not rest. */
  readonly standing: Tasks['standing'];
  /** Ends the tasks whose time is over, and those that idled too long. */
  readonly endOverdue: () => Promise<void>;
  /**
   * A message of `from` reaches `task`, with all that `from` has read. In force at once, durable once it resolves; false: the task
   * has ended, and is reached by nothing.
   */
  readonly reach: (task: TaskId, from: Task) => Promise<boolean>;
  /** In force at once, durable once it resolves. */
  readonly end: (task: TaskId, by: Acted, why: string) => Promise<void>;
}

/** The tasks of this node: truth in memory, rebuilt from the journal. What tightens acts before it is durable. */
export function createTasks(ports: TaskPorts): TaskRoom {
  const { state, now } = ports;
  const { atOnce, onceDurable, isLoosening } = createInOrder(ports.journal);
  const reservations = createReservations(state, {
    standing: id => standing(id, state.tasks.get(id)?.task.agent ?? ''),
    // An answer is work as well: rest begins after it.
    committed: id => touchTask(state, id, now()),
  });

  const ambient = createAmbientTasks(ports, { begin, end, atWork });

  function atWork(id: TaskId): boolean {
    return reservations.reserved(id).calls > 0;
  }

  function standing(id: TaskId | undefined, agent: AgentId, server?: ServerId): Standing {
    return standingOf(state, id, agent, now(), server, atWork);
  }

  async function begin(draft: TaskOpened, purpose: string): Promise<Task> {
    const bodies = { purpose: JSON.stringify(purpose) };
    await onceDurable(draft, at => openTask(state, draft, at, purpose), bodies);
    const record = state.tasks.get(draft.task);
    if (record === undefined) throw new Error('a task that was just opened is not there');
    return record.task;
  }

  async function end(task: TaskId, by: Acted, why: string): Promise<void> {
    const open = descent(state, task).filter(id => state.tasks.get(id)?.task.state.kind === 'open');
    const drafts = open.map((id): TaskEnded => {
      const draft = { kind: 'task.ended' as const, id: ports.newId('e'), task: id, ...by };
      return { ...draft, why: id === task ? why : endedAbove };
    });
    // Before, so that whoever ends them can be shown how they stand.
    forgetEnded(state, atWork);
    const placed = drafts.map(draft => ({ draft, ...ports.journal.place(draft) }));
    // Again after what is just being opened below them: it ends with them.
    for (const { draft, at } of placed) atOnce(() => endTask(state, draft, at));
    reservations.recheck();
    ports.onEnded?.(open);
    await Promise.all(placed.map(({ durable }) => durable));
  }

  async function suspend(task: TaskId, policy: string): Promise<void> {
    // Unless a person may just be resuming it: they have not seen this one.
    if (state.tasks.get(task)?.task.suspended !== undefined && !isLoosening()) return;
    const why = `the policy ${policy} suspended it; look at it, and resume or end it`;
    const draft = { kind: 'task.suspended' as const, id: ports.newId('e'), task, by: `policy:${policy}`, why };
    const { at, durable } = ports.journal.place(draft);
    atOnce(() => suspendTask(state, draft, at));
    reservations.recheck();
    await durable;
  }

  async function reach(task: TaskId, { id: from, sources: labels }: Task): Promise<boolean> {
    await endOverdue();
    if (state.tasks.get(task)?.task.state.kind !== 'open') return false;
    if (labels.length === 0) return true;
    atOnce(() => reachTask(state, task, from, labels));
    await ports.journal.record({ kind: 'task.reached', id: ports.newId('e'), task, from, labels });
    return true;
  }

  function openTasks(): readonly Task[] {
    return [...state.tasks.values()].map(({ task }) => task).filter(task => task.state.kind === 'open');
  }

  /** A call that is under way is work, however long it takes; an ambient task is ended by the call that follows it. */
  async function endOverdue(): Promise<void> {
    const ended = [...state.tasks.values()].flatMap(record => {
      const { task } = record;
      if (task.kind === 'ambient' || task.state.kind !== 'open') return [];
      if (isOver(task, now())) return [end(task.id, byGateway, 'its time was over')];
      return isIdle(record, now(), atWork) ? [end(task.id, byGateway, 'nothing was done in it for too long')] : [];
    });
    await Promise.all(ended);
  }

  /** The task `id`, named by a token or by nobody, if this agent may act in it. */
  function standingIn(id: TaskId | undefined, agent: Agent, isNamed: boolean): Standing {
    // A token that was issued for one task is no use for another.
    const other = agent.task !== undefined && id !== agent.task;
    const unfit = other || isOfAnother(agent, id === undefined ? undefined : state.tasks.get(id)?.task);
    const found = standing(unfit ? undefined : id, agent.id);
    if (!found.ok) return found;
    if (isNamed && state.tasks.get(found.value.id)?.tokenRevoked === true)
      return { ...refused(tokenRevoked), task: found.value.id };
    touchTask(state, found.value.id, now());
    return found;
  }

  /** The ambient task has to be opened first. Stopped agents open nothing. */
  async function standingInNew(agent: Agent): Promise<Standing> {
    const stopped = standing(undefined, agent.id);
    if (!stopped.ok && stopped.refusal.code === 'agent-killed') return stopped;
    return standingIn(await ambient.open(agent), agent, false);
  }

  return {
    tasks: {
      require: (agent, token) => {
        if (token !== undefined) return standingIn(state.tokens.get(secretHash(token)), agent, true);
        // The task that the agent's own token was issued for, or else the ambient one.
        if (agent.task !== undefined) return standingIn(agent.task, agent, true);
        const task = ambient.current(agent);
        return task === undefined ? standingInNew(agent) : standingIn(task.id, agent, false);
      },
      reserve: reservations.reserve,
      standing,
      actors: task => (task.parent === undefined ? [] : actorsAbove(task, ports)),
      enter: (task, segment) => enterSegment(state, task, segment),
      suspend,
      raise: (task, sources) => atOnce(() => raiseTask(state, task, sources)),
      loosen: (act, at) =>
        act.kind === 'task.endorsed' ? endorseTask(state, act, at) : declassifyTask(state, act, at),
    },
    reservations,
    atOnce,
    onceDurable,
    begin,
    replaceAmbient: ambient.replace,
    openTasks,
    standing,
    endOverdue,
    reach,
    end,
  };
}

/** An agent that is not configured any more cannot be asked about: the action is not decided. */
function actorsAbove(task: Task, { state, agentOf }: Pick<TaskPorts, 'state' | 'agentOf'>): readonly Actor[] {
  const chain = lineage(state, task.id);
  return chain.slice(1).map(({ agent }, below) => {
    const known = agentOf(agent);
    if (known === undefined) throw new Error('an agent that delegated is not configured');
    return chain[below]?.asked === true ? { ...known, asks: true } : known;
  });
}

/**
 * A shared agent whose proof says for whom it acts may not act in the task of somebody else: whoever talks to it must not
 * reach another's data through a token that it holds as well.
 */
function isOfAnother(agent: Agent, task: Task | undefined): boolean {
  const saysForWhom = agent.shared && agent.chain?.some(({ kind }) => kind === 'access-token') === true;
  return saysForWhom && task !== undefined && task.principal !== agent.principal;
}

const tokenRevoked: Refusal = {
  code: 'task-unknown',
  what: 'task',
  why: 'this task token was revoked when the task was stopped',
  fix: 'ask whoever opened the task to renew it',
};
