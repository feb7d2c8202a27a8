import type { PlacingJournal, Tasks } from '@sallyport/core/mediate/ports.ts';
import type { Acted } from '@sallyport/core/model/acted.ts';
import type { Actor, Agent } from '@sallyport/core/model/agent.ts';
import type { KillScope, TaskOpened } from '@sallyport/core/model/entry.ts';
import type { AgentId, ServerId, TaskId } from '@sallyport/core/model/ids.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { declassifyTask } from '@sallyport/core/task/declassify.ts';
import { endorseTask } from '@sallyport/core/task/endorse.ts';
import { lineage } from '@sallyport/core/task/lineage.ts';
import { suspendTask } from '@sallyport/core/task/pause.ts';
import { raiseTask, reachTask } from '@sallyport/core/task/raise.ts';
import { type Standing, standingOf } from '@sallyport/core/task/standing.ts';
import { enterSegment, openTask, touchTask } from '@sallyport/core/task/task.ts';
import { type AmbientPorts, createAmbientTasks } from './ambient.ts';
import { createEnding, type Ending, type EndingPorts } from './ending.ts';
import { createInOrder, type InOrder } from './in-order.ts';
import { createRequire } from './require.ts';
import { createReservations, type Reservations } from './reservations.ts';

export interface TaskPorts extends AmbientPorts, EndingPorts {
  /** Entries become durable in the order in which they were handed over. */
  readonly journal: Pick<PlacingJournal, 'record' | 'append' | 'place'>;
  /** An agent as it is configured: who delegated is asked about as such. */
  readonly agentOf: (id: AgentId) => Agent | undefined;
  /** This was stopped by a person, and may be released again. Called before it is durable. */
  readonly onKilled?: (scope: KillScope) => void;
}

/** The line's port, and what the operator's side of this room needs of it. */
export interface TaskRoom extends Pick<InOrder, 'atOnce' | 'onceDurable'>, Ending {
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
  /**
   * A message of `from` reaches `task`, with all that `from` has read. In force at once, durable once it resolves; false: the task
   * has ended, and is reached by nothing.
   */
  readonly reach: (task: TaskId, from: Task) => Promise<boolean>;
}

/** The tasks of this node: truth in memory, rebuilt from the journal. What tightens acts before it is durable. */
export function createTasks(ports: TaskPorts): TaskRoom {
  const { state, now } = ports;
  const inOrder = createInOrder(ports.journal);
  const { atOnce, onceDurable, isLoosening } = inOrder;
  const reservations = createReservations(state, {
    standing: id => standing(id, state.tasks.get(id)?.task.agent ?? ''),
    // An answer is work as well: rest begins after it.
    committed: id => touchTask(state, id, now()),
  });
  const { end, endOverdue } = createEnding(ports, inOrder, reservations, atWork);
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

  return {
    tasks: {
      require: createRequire(ports, standing, ambient),
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
