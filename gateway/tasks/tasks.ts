import type { Journal, Tasks } from '@sallyport/core/mediate/ports.ts';
import { type Acted, byGateway } from '@sallyport/core/model/acted.ts';
import type { Actor, Agent } from '@sallyport/core/model/agent.ts';
import type { KillScope, TaskEnded, TaskOpened } from '@sallyport/core/model/entry.ts';
import type { AgentId, Instant, NewId, ServerId, TaskId } from '@sallyport/core/model/ids.ts';
import { type Checked, type Refusal, refused } from '@sallyport/core/model/refusal.ts';
import { noManifest, type Task, type TaskLimits } from '@sallyport/core/model/task.ts';
import { declassifyTask } from '@sallyport/core/task/declassify.ts';
import { endorseTask } from '@sallyport/core/task/endorse.ts';
import { descent, lineage } from '@sallyport/core/task/lineage.ts';
import { suspendTask } from '@sallyport/core/task/pause.ts';
import { isIdle, isOver, standingOf } from '@sallyport/core/task/standing.ts';
import { ambientKey, type State } from '@sallyport/core/task/state.ts';
import { endedAbove, endTask, enterSegment, openTask, raiseTask, touchTask } from '@sallyport/core/task/task.ts';
import { secretHash } from '../secret/secret.ts';
import { createReservations, type Reservations } from './reservations.ts';

export interface TaskPorts {
  /** What `rebuildState` made of the journal; this room and the approvals' move it on. */
  readonly state: State;
  /** Entries become durable in the order in which they were handed over. */
  readonly journal: Pick<Journal, 'record' | 'append'>;
  readonly newId: NewId;
  readonly now: () => Instant;
  /** An agent as it is configured: who delegated is asked about as such. */
  readonly agentOf: (id: AgentId) => Agent | undefined;
  /** Limits of ambient tasks, and the most that an opened task may get. */
  readonly limits: TaskLimits;
  /** After this long without a call an ambient task is ended; its successor inherits its labels. Undefined: never. */
  readonly ambientIdleSecondsMax?: number | undefined;
  /** These tasks have ended: what hangs on them outside this room ends too. Called before it is recorded. */
  readonly onEnded?: (tasks: readonly TaskId[]) => void;
  /** This was stopped by a person, and may be released again. Called before it is recorded. */
  readonly onKilled?: (scope: KillScope) => void;
}

/** An ambient task of a shared agent ends after this long without a call, where the configuration says nothing. */
export const sharedIdleSecondsMax = 900;

/** The line's port, and what the operator's side of this room needs of it. */
export interface TaskRoom {
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
  /** In force at once, durable once it resolves. */
  readonly end: (task: TaskId, by: Acted, why: string) => Promise<void>;
}

/** The tasks of this node: truth in memory, rebuilt from the journal. What tightens acts before it is recorded. */
export function createTasks(ports: TaskPorts): TaskRoom {
  const { state, now } = ports;
  const openings = new Map<string, Promise<TaskId>>();
  const reservations = createReservations(state, {
    standing: id => standing(id, state.tasks.get(id)?.task.agent ?? ''),
    // An answer is work as well: rest begins after it.
    committed: id => touchTask(state, id, now()),
  });

  function atWork(id: TaskId): boolean {
    return reservations.reserved(id).calls > 0;
  }

  function standing(id: TaskId | undefined, agent: AgentId, server?: ServerId): Checked<Task> {
    return standingOf(state, id, agent, now(), server, atWork);
  }

  async function begin(draft: TaskOpened, purpose: string): Promise<Task> {
    await ports.journal.record(draft, { purpose: JSON.stringify(purpose) });
    openTask(state, draft, now(), purpose);
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
    for (const draft of drafts) endTask(state, draft, now());
    reservations.recheck();
    ports.onEnded?.(open);
    await Promise.all(drafts.map(draft => ports.journal.record(draft)));
  }

  async function suspend(task: TaskId, policy: string): Promise<void> {
    if (state.tasks.get(task)?.task.suspended !== undefined) return;
    const why = `the policy ${policy} suspended it; look at it, and resume or end it`;
    const draft = { kind: 'task.suspended' as const, id: ports.newId('e'), task, by: `policy:${policy}`, why };
    suspendTask(state, draft, now());
    reservations.recheck();
    await ports.journal.record(draft);
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

  /** The ambient task in force, if there is one that has not idled too long. */
  function current(agent: Agent, key: string): Task | undefined {
    const id = state.ambient.get(key);
    const record = id === undefined ? undefined : state.tasks.get(id);
    if (record === undefined || record.task.state.kind === 'ended' || isOver(record.task, now())) return undefined;
    const idleMax = ports.ambientIdleSecondsMax ?? (agent.shared ? sharedIdleSecondsMax : undefined);
    const idle = idleMax !== undefined && now() - record.touchedAt > idleMax * 1000;
    return idle && !atWork(record.task.id) ? undefined : record.task;
  }

  async function succeed(agent: Agent, key: string): Promise<TaskId> {
    const before = state.tasks.get(state.ambient.get(key) ?? ('' as TaskId))?.task;
    if (before?.state.kind === 'open')
      await end(
        before.id,
        byGateway,
        isOver(before, now()) ? 'its time was over' : 'nothing was done in it for too long',
      );
    const id = ports.newId('t');
    const draft: TaskOpened = {
      kind: 'task.opened',
      id,
      task: id,
      agent: agent.id,
      principal: agent.principal,
      taskKind: 'ambient',
      opener: 'gateway',
      manifest: noManifest,
      limits: ports.limits,
      labels: before?.sources ?? [],
    };
    return (await begin(draft, '')).id;
  }

  async function replaceAmbient(draft: TaskOpened, by: Acted): Promise<Task> {
    const key = ambientKey(draft.agent, draft.principal);
    while (openings.has(key)) await openings.get(key)?.catch(() => undefined);
    const replacing = (async () => {
      const before = state.ambient.get(key);
      if (before !== undefined && state.tasks.get(before)?.task.state.kind === 'open')
        await end(before, by, 'replaced by a new one');
      return await begin(draft, '');
    })();
    openings.set(
      key,
      replacing.then(task => task.id).finally(() => openings.delete(key)),
    );
    return await replacing;
  }

  /** However many first calls come at once, one task is opened and they all wait until it is durable. */
  function openAmbient(agent: Agent, key: string): Promise<TaskId> {
    const opening = openings.get(key) ?? succeed(agent, key).finally(() => openings.delete(key));
    openings.set(key, opening);
    return opening;
  }

  /** The task `id`, named by a token or by nobody, if this agent may act in it. */
  function standingIn(id: TaskId | undefined, agent: Agent, isNamed: boolean): Checked<Task> {
    // A token that was issued for one task is no use for another.
    const other = agent.task !== undefined && id !== agent.task;
    const unfit = other || isOfAnother(agent, id === undefined ? undefined : state.tasks.get(id)?.task);
    const found = standing(unfit ? undefined : id, agent.id);
    if (!found.ok) return found;
    if (isNamed && state.tasks.get(found.value.id)?.tokenRevoked === true) return refused(tokenRevoked);
    touchTask(state, found.value.id, now());
    return found;
  }

  /** The ambient task has to be opened first. Stopped agents open nothing. */
  async function standingInNew(agent: Agent, key: string): Promise<Checked<Task>> {
    const stopped = standing(undefined, agent.id);
    if (!stopped.ok && stopped.refusal.code === 'agent-killed') return stopped;
    return standingIn(await openAmbient(agent, key), agent, false);
  }

  return {
    tasks: {
      require: (agent, token) => {
        if (token !== undefined) return standingIn(state.tokens.get(secretHash(token)), agent, true);
        // The task that the agent's own token was issued for, or else the ambient one.
        if (agent.task !== undefined) return standingIn(agent.task, agent, true);
        const key = ambientKey(agent.id, agent.principal);
        const task = current(agent, key);
        return task === undefined ? standingInNew(agent, key) : standingIn(task.id, agent, false);
      },
      reserve: (task, bytes, replyBytesMax, signal, atOnce, spendCents = 0) =>
        reservations.reserve(task, { bytes, replyBytesMax, spendCents }, signal, atOnce),
      standing,
      actors: task => (task.parent === undefined ? [] : actorsAbove(task, ports)),
      enter: (task, segment) => enterSegment(state, task, segment),
      suspend,
      raise: (task, sources) => raiseTask(state, task, sources),
      loosen: act =>
        act.kind === 'task.endorsed' ? endorseTask(state, act, now()) : declassifyTask(state, act, now()),
    },
    reservations,
    begin,
    replaceAmbient,
    openTasks,
    standing,
    endOverdue,
    end,
  };
}

/** An agent that is not configured any more cannot be asked about: the action is not decided. */
export function actorsAbove(task: Task, { state, agentOf }: Pick<TaskPorts, 'state' | 'agentOf'>): readonly Actor[] {
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
