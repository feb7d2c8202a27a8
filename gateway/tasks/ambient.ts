import { type Acted, byGateway } from '@sallyport/core/model/acted.ts';
import type { Agent } from '@sallyport/core/model/agent.ts';
import type { TaskOpened } from '@sallyport/core/model/entry.ts';
import type { Instant, NewId, TaskId } from '@sallyport/core/model/ids.ts';
import { noManifest, type Task, type TaskLimits } from '@sallyport/core/model/task.ts';
import { type AtWork, hasRested, isOver } from '@sallyport/core/task/standing.ts';
import { pairKey, type State, type TaskRecord } from '@sallyport/core/task/state.ts';

/** An ambient task of a shared agent ends after this long without a call, where the configuration says nothing. */
export const sharedIdleSecondsMax = 900;

export interface AmbientPorts {
  /** What `rebuildState` made of the journal; this room and the approvals' move it on. */
  readonly state: State;
  readonly newId: NewId;
  readonly now: () => Instant;
  /** Limits of ambient tasks, and the most that an opened task may get. */
  readonly limits: TaskLimits;
  /** After this long without a call an ambient task is ended; its successor inherits its labels. Undefined: never. */
  readonly ambientIdleSecondsMax?: number | undefined;
}

/** How tasks begin and end, durably. */
export interface Moves {
  readonly begin: (draft: TaskOpened, purpose: string) => Promise<Task>;
  readonly end: (task: TaskId, by: Acted, why: string) => Promise<void>;
  readonly atWork: AtWork;
}

/** The tasks without a token: an agent and its principal share one, and reconnecting does not wash it. */
export interface AmbientTasks {
  /** The one in force, if there is one that has not idled too long. */
  readonly current: (agent: Agent) => Task | undefined;
  /** One in place of what is no longer in force: it inherits its labels. However many ask at once, they get one, durable. */
  readonly open: (agent: Agent) => Promise<TaskId>;
  /** This one in place of the one there is. Whoever asks for one meanwhile waits for it. */
  readonly replace: (draft: TaskOpened, by: Acted) => Promise<Task>;
}

export function createAmbientTasks(
  { state, now, newId, limits, ambientIdleSecondsMax }: AmbientPorts,
  { begin, end, atWork }: Moves,
): AmbientTasks {
  const openings = new Map<string, Promise<TaskId>>();

  function newest(key: string): TaskRecord | undefined {
    const id = state.ambient.get(key);
    return id === undefined ? undefined : state.tasks.get(id);
  }

  async function succeed(agent: Agent): Promise<TaskId> {
    const before = newest(pairKey(agent.id, agent.principal))?.task;
    if (before?.state.kind === 'open') {
      const why = isOver(before, now()) ? 'its time was over' : 'nothing was done in it for too long';
      await end(before.id, byGateway, why);
    }
    const id = newId('t');
    const draft: TaskOpened = {
      kind: 'task.opened',
      id,
      task: id,
      agent: agent.id,
      principal: agent.principal,
      taskKind: 'ambient',
      opener: 'gateway',
      manifest: noManifest,
      limits,
      labels: before?.sources ?? [],
    };
    return (await begin(draft, '')).id;
  }

  /** Known until it is over. What went wrong with it is thrown to those who wait for it. */
  function underWay(key: string, opening: Promise<TaskId>): Promise<TaskId> {
    const known = opening.finally(() => openings.delete(key));
    known.catch(() => undefined);
    openings.set(key, known);
    return known;
  }

  return {
    current: agent => {
      const record = newest(pairKey(agent.id, agent.principal));
      if (record === undefined || record.task.state.kind === 'ended' || isOver(record.task, now())) return undefined;
      const idleMax = ambientIdleSecondsMax ?? (agent.shared ? sharedIdleSecondsMax : undefined);
      return hasRested(record, idleMax, now(), atWork) ? undefined : record.task;
    },
    open: agent => {
      const key = pairKey(agent.id, agent.principal);
      return openings.get(key) ?? underWay(key, succeed(agent));
    },
    replace: async (draft, by) => {
      const key = pairKey(draft.agent, draft.principal);
      while (openings.has(key)) await openings.get(key)?.catch(() => undefined);
      const replacing = (async () => {
        const before = newest(key)?.task;
        if (before?.state.kind === 'open') await end(before.id, by, 'replaced by a new one');
        return await begin(draft, '');
      })();
      void underWay(
        key,
        replacing.then(({ id }) => id),
      );
      return await replacing;
    },
  };
}
