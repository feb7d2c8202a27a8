import type { TaskOpened } from '@sallyport/core/model/entry.ts';
import { idPattern, type TaskId } from '@sallyport/core/model/ids.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { findByPrefix } from '@sallyport/core/task/find.ts';
import { isOver } from '@sallyport/core/task/standing.ts';
import type { ApiError, Done, TaskControl, TaskOrder } from '../api/control.ts';
import type { TaskView } from '../api/views.ts';
import { newSecret, secretHash } from '../secret/secret.ts';
import { type CheckedOrder, checkOrder, type OrderFacts } from './order.ts';
import type { TaskPorts, TaskRoom } from './tasks.ts';
import { taskView } from './view.ts';

export const openTasksMax = 10_000;

export interface TaskControlFacts extends Omit<OrderFacts, 'limits'> {
  /** Makes a task's bodies unreadable for good; answers how many keys there were. */
  readonly eraseBodies: (task: TaskId) => number;
  /** From the bodies; undefined where it is gone. Only open tasks have theirs in memory. */
  readonly purposeOf: (task: TaskId) => Promise<string | undefined>;
}

/** The operator's side of the tasks. No agent reaches it: opening and ending are not among the doors' methods. */
export function createTaskControl(room: TaskRoom, ports: TaskPorts, facts: TaskControlFacts): TaskControl {
  const { state } = ports;
  const view = (task: Task): TaskView => taskView(task, room.reservations.reserved(task.id), state, ports.now());

  function find(id: string): Done<Task> {
    const found = findByPrefix(state.tasks.keys(), id);
    const task = found.kind === 'found' ? state.tasks.get(found.id)?.task : undefined;
    if (task !== undefined) return { ok: true, value: task };
    return { ok: false, error: found.kind === 'many' ? ambiguous : notFound };
  }

  /** Tasks whose time is over hold memory and nothing else. */
  async function endOverdue(): Promise<void> {
    const overdue = openTasks().filter(task => task.kind !== 'ambient' && isOver(task, ports.now()));
    await Promise.all(overdue.map(task => room.end(task.id, 'gateway', 'its time was over')));
  }

  function openTasks(): Task[] {
    return [...state.tasks.values()].map(record => record.task).filter(task => task.state.kind === 'open');
  }

  async function open(order: TaskOrder): Promise<Done<{ task: TaskView; token?: string }>> {
    const checked = checkOrder(order, { ...facts, limits: ports.limits });
    if (!checked.ok) return checked;
    await endOverdue();
    if (openTasks().length >= openTasksMax) return { ok: false, error: tooMany };
    const draft = draftOf(checked.value, order.kind, ports.newId('t'));
    if (order.kind === 'ambient') {
      const task = await room.replaceAmbient(draft, 'operator');
      return { ok: true, value: { task: view(task) } };
    }
    const token = newSecret('spt');
    const task = await room.begin({ ...draft, tokenHash: secretHash(token) }, checked.value.purpose);
    return { ok: true, value: { task: view(task), token } };
  }

  return {
    list: async ({ agent, state: wanted, limit }) =>
      [...state.tasks.values()]
        .map(({ task }) => task)
        .filter(task => agent === undefined || task.agent === agent)
        .filter(task => wanted === 'all' || (task.state.kind === 'ended') === (wanted === 'ended'))
        .reverse()
        .slice(0, limit)
        .map(view),
    find: async id => {
      const found = find(id);
      if (!found.ok) return found;
      const { purpose, kind, id: task } = found.value;
      const read = purpose === '' && kind !== 'ambient' ? await facts.purposeOf(task) : undefined;
      return { ok: true, value: { ...view(found.value), purpose: read ?? purpose } };
    },
    open,
    end: async (id, why) => {
      const found = find(id);
      if (!found.ok) return found;
      const { id: task, state: before } = found.value;
      if (before.kind === 'ended') return { ok: false, error: endedBefore };
      await room.end(task, 'operator', why === '' ? 'the operator ended it' : why);
      return { ok: true, value: view(state.tasks.get(task)?.task ?? found.value) };
    },
    erase: async (id, by, why) => {
      const found = find(id);
      const task = found.ok ? found.value.id : (id as TaskId);
      if (!found.ok && (found.error.code === 'ambiguous' || !idPattern.test(id) || !id.startsWith('t_'))) return found;
      // Written down first: what cannot be recorded is not done.
      await ports.journal.record({
        kind: 'erased',
        id: ports.newId('e'),
        task,
        by,
        why: why === '' ? 'no reason given' : why,
      });
      const keys = facts.eraseBodies(task);
      const record = state.tasks.get(task);
      if (record !== undefined) state.tasks.set(task, { ...record, task: { ...record.task, purpose: '' } });
      return { ok: true, value: { task, keys } };
    },
  };
}

function draftOf(order: CheckedOrder, taskKind: 'opened' | 'ambient', id: TaskId): TaskOpened {
  const { agent, principal, manifest, ceiling, limits } = order;
  return {
    kind: 'task.opened',
    id,
    task: id,
    agent,
    principal,
    taskKind,
    opener: 'operator',
    manifest,
    limits,
    ceiling,
    labels: [],
  };
}

const notFound: ApiError = {
  code: 'not-found',
  field: 'id',
  message: 'there is no such task here; tasks that ended long ago are only in the journal',
  fix: 'see: sallyport tasks',
};
const ambiguous: ApiError = {
  code: 'ambiguous',
  field: 'id',
  message: 'more than one task begins like this',
  fix: 'give more of it',
};
const endedBefore: ApiError = { code: 'conflict', field: 'id', message: 'this task has ended already' };
const tooMany: ApiError = {
  code: 'conflict',
  message: `there are ${openTasksMax} open tasks already`,
  fix: 'end those that are no longer needed',
};
