import type { Digest } from '@sallyport/core/model/action.ts';
import type { TaskOpened } from '@sallyport/core/model/entry.ts';
import { idPattern, type TaskId } from '@sallyport/core/model/ids.ts';
import { noManifest, type Task } from '@sallyport/core/model/task.ts';
import { lineage } from '@sallyport/core/task/lineage.ts';
import { isStated } from '@sallyport/core/task/manifest.ts';
import type { State } from '@sallyport/core/task/state.ts';
import { actedBy, type Caller } from '../api/caller.ts';
import type { ApiError, Done, TaskControl, TaskOrder } from '../api/control.ts';
import type { TaskView } from '../api/view/task.ts';
import { declassify } from './declassify.ts';
import { findOpenTask, findTask } from './find-task.ts';
import { createNarrowing } from './narrow.ts';
import { type Opening, type OpeningFacts, openTasksMax, tooMany } from './open.ts';
import { checkManifest, checkOrder, limitsFor } from './order.ts';
import { createPauses, type PauseFacts } from './pause.ts';
import type { TaskPorts, TaskRoom } from './tasks.ts';
import { taskView } from './view.ts';

export interface TaskControlFacts extends OpeningFacts, PauseFacts {
  /** Keyed: what the journal holds of a value. */
  readonly digest: Digest;
  readonly exportTask: TaskControl['export'];
  /** Makes a task's bodies unreadable for good; answers how many keys there were. */
  readonly eraseBodies: (task: TaskId) => number;
  /** Keeps a task that hangs on a connection going; undefined: there are too many already. */
  readonly hold: (task: TaskId, signal: AbortSignal) => AsyncIterable<string> | undefined;
  /** From the bodies; undefined where it is gone. Only open tasks have theirs in memory. */
  readonly purposeOf: (task: TaskId) => Promise<string | undefined>;
}

/** The operator's side of the tasks. No agent reaches it: opening and ending are not among the doors' methods. */
export function createTaskControl(
  room: TaskRoom,
  ports: TaskPorts,
  facts: TaskControlFacts,
  opening: Opening,
): TaskControl {
  const { state } = ports;
  const view = (task: Task): TaskView => taskView(task, room.reservations.reserved(task.id), state, ports.now());
  /** Of a task that had ended before the start the purpose is read from its body. */
  const viewWithPurpose = async (task: Task): Promise<TaskView> => {
    const { purpose, kind, id } = task;
    const read = purpose === '' && kind !== 'ambient' ? await facts.purposeOf(id) : undefined;
    return { ...view(task), purpose: read ?? purpose };
  };

  async function open(order: TaskOrder, by: Caller): Promise<Done<{ task: TaskView; token?: string }>> {
    if (order.kind === 'ambient') {
      const cleaned = await clean(order, by, room, ports, facts);
      return cleaned.ok ? { ok: true, value: { task: view(cleaned.value) } } : cleaned;
    }
    const parent = order.parent === undefined ? undefined : findOpenTask(state, order.parent);
    if (parent !== undefined && !parent.ok) return { ok: false, error: { ...parent.error, field: 'parent' } };
    const placed = parent === undefined ? order : { ...order, parent: parent.value.id };
    const opened = await opening(placed, { kind: 'operator', acted: actedBy(by) });
    return opened.ok ? { ok: true, value: { task: view(opened.value.task), token: opened.value.token } } : opened;
  }

  return {
    list: async ({ agent, state: wanted, parent, limit }) => {
      const tasks = [...state.tasks.values()]
        .map(({ task }) => task)
        .filter(task => agent === undefined || task.agent === agent)
        .filter(task => parent === undefined || task.parent === parent)
        .filter(task => wanted === 'all' || (task.state.kind === 'ended') === (wanted === 'ended'));
      return await Promise.all(tasks.reverse().slice(0, limit).map(viewWithPurpose));
    },
    find: async id => {
      const found = findTask(state, id);
      return found.ok ? { ok: true, value: await viewWithPurpose(found.value) } : found;
    },
    open,
    export: facts.exportTask,
    ...createChanges(room, ports, facts, view),
    hold: (id, signal) => {
      const found = findOpenTask(state, id);
      if (!found.ok) return found;
      const held = found.value.endsWith === 'connection' ? facts.hold(found.value.id, signal) : undefined;
      return held === undefined ? { ok: false, error: notHeld } : { ok: true, value: held };
    },
    erase: (id, why, by) => erase(id, why, by, ports, facts.eraseBodies),
  };
}

/** What is done to a task that is open. `view`: how it is shown. */
function createChanges(
  room: TaskRoom,
  ports: TaskPorts,
  facts: TaskControlFacts,
  view: (task: Task) => TaskView,
): Pick<TaskControl, 'end' | 'narrow' | 'suspend' | 'resume' | 'declassify' | 'renew'> {
  const { state } = ports;
  const pauses = createPauses(room, ports, facts);
  const narrowing = createNarrowing(room, ports);
  const now = (task: Task): TaskView => view(state.tasks.get(task.id)?.task ?? task);

  /** Answers as it is then; or why that could not be done. */
  async function changed(id: string, change: (task: Task) => Promise<ApiError | undefined>): Promise<Done<TaskView>> {
    const found = findOpenTask(state, id);
    if (!found.ok) return found;
    const error = await change(found.value);
    return error === undefined ? { ok: true, value: now(found.value) } : { ok: false, error };
  }

  return {
    end: (id, why, by) =>
      changed(id, async task => {
        await room.end(task.id, actedBy(by), why === '' ? `${by.name} ended it` : why);
        return undefined;
      }),
    narrow: (id, manifest, why, by) =>
      changed(id, async task => {
        const error = isStated(manifest) ? checkManifest(manifest, facts) : nothingStated;
        if (error !== undefined) return error;
        await narrowing.narrow(task, manifest, why === '' ? `${by.name} narrowed it` : why, actedBy(by));
        return undefined;
      }),
    suspend: (id, why, by) =>
      changed(id, async task => {
        await pauses.suspend(task, why, by);
        return undefined;
      }),
    resume: (id, by) =>
      changed(id, async task => {
        if (task.suspended === undefined) return notSuspended(task, state, view(task).state);
        await pauses.resume(task, by);
        return undefined;
      }),
    declassify: (id, order, by) =>
      changed(id, async task => {
        const lowered = await declassify(task, order, by, room, { ...ports, digest: facts.digest });
        return lowered.ok ? undefined : lowered.error;
      }),
    renew: async (id, access, by) => {
      const found = findOpenTask(state, id);
      if (!found.ok) return found;
      const renewed = await pauses.renew(found.value, access, by);
      return renewed.ok ? { ok: true, value: { task: now(found.value), ...renewed.value } } : renewed;
    },
  };
}

/** An ambient task that has read nothing, in place of the one there is. */
async function clean(
  order: TaskOrder,
  by: Caller,
  room: TaskRoom,
  ports: TaskPorts,
  facts: OpeningFacts,
): Promise<Done<Task>> {
  const checked = checkOrder(order, facts);
  if (!checked.ok) return checked;
  const limits = limitsFor('ambient', order.limits, facts.limits);
  if (!limits.ok) return limits;
  if (room.openTasks().length >= openTasksMax) return { ok: false, error: tooMany };
  const { agent, principal } = checked.value;
  const id = ports.newId('t');
  const draft: TaskOpened = {
    ...{ kind: 'task.opened', id, task: id, agent, principal, taskKind: 'ambient', opener: 'operator' },
    ...{ manifest: noManifest, limits: limits.value, labels: [], ...actedBy(by) },
    ...(order.ceiling === undefined ? {} : { ceiling: order.ceiling }),
    ...(order.segments === undefined ? {} : { segments: order.segments }),
  };
  return { ok: true, value: await room.replaceAmbient(draft, actedBy(by)) };
}

/** Why there is nothing to resume. `as`: how it is shown. */
function notSuspended(task: Task, state: State, as: TaskView['state']): ApiError {
  const above = lineage(state, task.id).find(({ suspended }) => suspended !== undefined);
  if (above !== undefined) {
    const message = 'this task is not suspended itself: the one above it is';
    return { code: 'conflict', field: 'id', message, fix: `resume that one: sallyport task resume ${above.id}` };
  }
  const message = `this task is not suspended: ${as === 'open' ? 'it was running already' : `it is ${as}`}`;
  return { code: 'conflict', field: 'id', message, fix: `see: sallyport ${as === 'killed' ? 'status' : 'tasks'}` };
}

/** Of a task that is known no longer, too: its bodies are there all the same. */
async function erase(
  id: string,
  why: string,
  by: Caller,
  { state, journal, newId }: TaskPorts,
  eraseBodies: TaskControlFacts['eraseBodies'],
): ReturnType<TaskControl['erase']> {
  const found = findTask(state, id);
  const task = found.ok ? found.value.id : (id as TaskId);
  if (!found.ok && (found.error.code === 'ambiguous' || !idPattern.test(id) || !id.startsWith('t_'))) return found;
  // Written down first: what cannot be recorded is not done.
  await journal.record({
    kind: 'erased',
    id: newId('e'),
    task,
    ...actedBy(by),
    why: why === '' ? 'no reason given' : why,
  });
  const keys = eraseBodies(task);
  const record = state.tasks.get(task);
  if (record !== undefined) state.tasks.set(task, { ...record, task: { ...record.task, purpose: '' } });
  return { ok: true, value: { task, keys } };
}

const notHeld: ApiError = {
  code: 'conflict',
  field: 'id',
  message: 'this task does not hang on a connection, or too many hold it already',
  fix: 'open it with --ends-with connection',
};
const nothingStated: ApiError = {
  code: 'malformed',
  field: 'tools',
  message: 'must be given, or else resources or destinations',
};
