import type { TaskEnded, TaskOpened } from '../model/entry.ts';
import type { Instant, TaskId } from '../model/ids.ts';
import type { LabelSource } from '../model/label.ts';
import type { Use } from '../model/task.ts';
import { noUse, plus } from './limits.ts';
import { ambientKey, type State, type TaskRecord } from './state.ts';

/** The moves of one task. Each is made by the fold and by the running gateway alike. */

/**
 * A second opening of the same id changes nothing: manifest and limits never widen. An ambient task that nobody but
 * the gateway began has all labels of the one before it, also those that came while its opening was written down.
 */
export function openTask(state: State, entry: TaskOpened, at: Instant, purpose: string): void {
  if (state.tasks.has(entry.task)) return;
  const { agent, principal, opener, manifest, limits } = entry;
  const key = ambientKey(agent, principal);
  const before = entry.taskKind === 'ambient' ? state.ambient.get(key) : undefined;
  state.tasks.set(entry.task, {
    task: {
      id: entry.task,
      agent,
      principal,
      kind: entry.taskKind,
      opener,
      purpose,
      manifest,
      limits,
      openedAt: at,
      state: { kind: 'open' },
      labels: new Set(entry.labels.map(source => source.label)),
      sources: entry.labels,
      used: noUse,
    },
    tokenHash: entry.tokenHash,
    touchedAt: at,
  });
  if (entry.tokenHash !== undefined) state.tokens.set(entry.tokenHash, entry.task);
  if (entry.taskKind === 'ambient') state.ambient.set(key, entry.task);
  if (before !== undefined && opener === 'gateway')
    raiseTask(state, entry.task, state.tasks.get(before)?.task.sources ?? []);
}

/** Authority ends with the task: its approvals are void, and a kill of it has nothing left to stop. */
export function endTask(state: State, entry: TaskEnded, at: Instant): void {
  const record = state.tasks.get(entry.task);
  if (record === undefined || record.task.state.kind === 'ended') return;
  const { by, why } = entry;
  change(state, record, { task: { ...record.task, state: { kind: 'ended', at, by, why } } });
  state.kills.delete(`task:${entry.task}`);
  for (const approval of state.approvals.values())
    if (approval.task === entry.task && approval.state !== 'used')
      state.approvals.set(approval.id, { ...approval, state: 'void' });
}

/**
 * Labels only grow. What reaches an ambient task after its end reaches the agent all the same, and so raises the
 * ambient task that agent and principal share now.
 */
export function raiseTask(state: State, id: TaskId, sources: readonly LabelSource[]): void {
  const record = state.tasks.get(id);
  if (record === undefined) return;
  const fresh = sources.filter(
    ({ label }, index) =>
      !record.task.labels.has(label) && sources.findIndex(source => source.label === label) === index,
  );
  if (fresh.length > 0) {
    const labels = new Set([...record.task.labels, ...fresh.map(source => source.label)]);
    change(state, record, { task: { ...record.task, labels, sources: [...record.task.sources, ...fresh] } });
  }
  if (record.task.kind !== 'ambient') return;
  const current = state.ambient.get(ambientKey(record.task.agent, record.task.principal));
  if (current !== undefined && current !== id) raiseTask(state, current, sources);
}

export function spendTask(state: State, id: TaskId, use: Use): void {
  const record = state.tasks.get(id);
  if (record === undefined) return;
  change(state, record, { task: { ...record.task, used: plus(record.task.used, use) } });
}

export function touchTask(state: State, id: TaskId, at: Instant): void {
  const record = state.tasks.get(id);
  if (record !== undefined && at > record.touchedAt) change(state, record, { touchedAt: at });
}

/**
 * Drops all but the newest `endedTasksMax` ended tasks, so that memory does not grow with history. An ended ambient
 * task stays while a successor could inherit from it.
 */
export function forgetEnded(state: State, endedTasksMax: number): void {
  const ended = [...state.tasks.values()].filter(
    ({ task }) => task.state.kind === 'ended' && !isNewestAmbient(state, task.id),
  );
  for (const record of ended.slice(0, Math.max(0, ended.length - endedTasksMax))) {
    state.tasks.delete(record.task.id);
    if (record.tokenHash !== undefined) state.tokens.delete(record.tokenHash);
  }
}

function isNewestAmbient(state: State, id: TaskId): boolean {
  const task = state.tasks.get(id)?.task;
  return task?.kind === 'ambient' && state.ambient.get(ambientKey(task.agent, task.principal)) === id;
}

function change(state: State, record: TaskRecord, over: Partial<TaskRecord>): void {
  state.tasks.set(record.task.id, { ...record, ...over });
}
