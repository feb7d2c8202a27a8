import { broughtMore } from '../model/declassification.ts';
import type { TaskEnded, TaskOpened } from '../model/entry.ts';
import type { AgentId, Instant, PrincipalId, TaskId } from '../model/ids.ts';
import { joinedSources, type LabelSource } from '../model/label.ts';
import { noManifest, type Task, type TaskLimits, type Use } from '../model/task.ts';
import { voidApproval } from './approve.ts';
import { minus, noUse, plus } from './limits.ts';
import { raiseOne, reachTask } from './raise.ts';
import type { AtWork } from './standing.ts';
import { pairKey, pairsOf, type State, type TaskRecord } from './state.ts';

/** The moves of one task. Each is made by the fold and by the running gateway alike. */

/**
 * A second opening of the same id changes nothing: manifest and limits never widen. An ambient task that nobody but
 * the gateway began has all labels of the one before it, also those that came while its opening was written down; the
 * very first has those of the tasks that this agent was given for its principal. What a task is delegated with reaches its
 * agent, as what it reads there does.
 */
export function openTask(state: State, entry: TaskOpened, at: Instant, purpose: string): void {
  if (state.tasks.has(entry.task)) return;
  const { agent, principal, opener } = entry;
  const key = pairKey(agent, principal);
  const before = entry.taskKind === 'ambient' ? state.ambient.get(key) : undefined;
  state.tasks.set(entry.task, {
    task: {
      id: entry.task,
      agent,
      principal,
      ...(entry.ownPrincipal === undefined ? {} : { ownPrincipal: entry.ownPrincipal }),
      kind: entry.taskKind,
      opener,
      purpose,
      manifest: { ...noManifest, ...entry.manifest },
      ceiling: entry.ceiling ?? 'secret',
      segments: entry.segments,
      limits: { ...unrecorded, ...entry.limits },
      audience: entry.audience,
      parent: entry.parent,
      ...(entry.asked === true ? { asked: true } : {}),
      depth: entry.depth ?? 0,
      openedAt: at,
      ...(entry.endsWith === undefined ? {} : { endsWith: entry.endsWith }),
      state: { kind: 'open' },
      suspended: undefined,
      labels: new Set(entry.labels.map(source => source.label)),
      sources: entry.labels,
      // Of what another task has read the first source of each label is known, and not what else brought it.
      brought: broughtMore(undefined, entry.labels, false),
      endorsements: [],
      used: noUse,
      lent: noUse,
    },
    tokenHash: entry.tokenHash,
    tokenRevoked: false,
    children: [],
    touchedAt: at,
  });
  if (entry.parent !== undefined) lend(state, entry.parent, entry.task);
  if (entry.tokenHash !== undefined) state.tokens.set(entry.tokenHash, entry.task);
  if (entry.taskKind === 'ambient') state.ambient.set(key, entry.task);
  else for (const pair of pairsOf(entry)) state.given.set(pair, (state.given.get(pair) ?? new Set()).add(entry.task));
  if (entry.parent !== undefined) reachTask(state, entry.task, entry.parent, entry.labels);
  if (entry.taskKind !== 'ambient' || opener !== 'gateway') return;
  const earlier =
    before === undefined ? readFor(state, agent, principal) : [state.tasks.get(before)?.task.sources ?? []];
  for (const sources of earlier) raiseOne(state, entry.task, sources, false);
}

/** Of entries that were written before these limits were: nothing was spent, and nothing delegated. */
const unrecorded: Pick<TaskLimits, 'spendCentsMax' | 'depthMax'> = {
  spendCentsMax: Number.MAX_SAFE_INTEGER,
  depthMax: 0,
};

/** What a child may use is set aside from what its parent may. */
function lend(state: State, parent: TaskId, child: TaskId): void {
  const above = state.tasks.get(parent);
  const given = state.tasks.get(child)?.task.limits;
  if (above === undefined || given === undefined) return;
  const lent = plus(above.task.lent, share(given));
  change(state, above, { task: { ...above.task, lent }, children: [...above.children, child] });
}

/** The child has ended: its parent gets back what was set aside, less what was used, and its rest begins. */
function settleUp(state: State, { task: child }: TaskRecord, at: Instant): void {
  const above = child.parent === undefined ? undefined : state.tasks.get(child.parent);
  if (above === undefined) return;
  const { used, lent } = above.task;
  const back = minus(lent, share(child.limits));
  const touchedAt = Math.max(above.touchedAt, at);
  const children = above.children.filter(id => id !== child.id);
  change(state, above, { task: { ...above.task, used: plus(used, child.used), lent: back }, touchedAt, children });
}

export function share({ callsMax, bytesMax, spendCentsMax }: TaskLimits): Use {
  return { calls: callsMax, bytes: bytesMax, spendCents: spendCentsMax };
}

/**
 * Authority ends with the task: its approvals are void, a kill of it has nothing left to stop, and the tasks that it
 * delegated to end before it does.
 */
export function endTask(state: State, entry: TaskEnded, at: Instant): void {
  const record = state.tasks.get(entry.task);
  if (record === undefined) return;
  const { by, why } = entry;
  for (const child of record.children) endTask(state, { ...entry, task: child, why: endedAbove }, at);
  if (record.task.state.kind === 'open') endOne(state, entry.task, { at, by, why });
}

/** Why a task ended that did not end by itself. */
export const endedAbove = 'the task that delegated to it ended';

function endOne(state: State, id: TaskId, { at, by, why }: { at: Instant; by: string; why: string }): void {
  const record = state.tasks.get(id);
  if (record === undefined) return;
  const { brought: _, ...task } = record.task;
  change(state, record, { task: { ...task, state: { kind: 'ended', at, by, why } } });
  state.kills.delete(`task:${id}`);
  takeBack(state, record.task);
  settleUp(state, record, at);
  for (const approval of state.approvals.values()) if (approval.task === id) voidApproval(state, approval);
}

/** Authority has ended: what is read from now on does not reach it. */
function takeBack(state: State, task: Task): void {
  for (const pair of pairsOf(task)) {
    const given = state.given.get(pair);
    if (given?.delete(task.id) === true && given.size === 0) state.given.delete(pair);
  }
}

/** What was read in each task that somebody opened for this agent and principal, or that it leaves for them without its token. */
function readFor(state: State, agent: AgentId, principal: PrincipalId): (readonly LabelSource[])[] {
  const pair = pairKey(agent, principal);
  const given = [...state.tasks.values()].flatMap(({ task }) =>
    task.kind !== 'ambient' && task.agent === agent && pairsOf(task).includes(pair) ? [task.sources] : [],
  );
  return [state.forgotten.get(pair) ?? [], ...given];
}

/** What an agent has read for its principal in the tasks that it had, the first source of each label. */
export function sourcesKnown(state: State, agent: AgentId, principal: PrincipalId): LabelSource[] {
  const ambient = state.tasks.get(state.ambient.get(pairKey(agent, principal)) ?? ('' as TaskId))?.task;
  const all = [ambient?.sources ?? [], ...readFor(state, agent, principal)];
  return [...all.reduce(joinedSources, [])];
}

export function spendTask(state: State, id: TaskId, use: Use): void {
  const record = state.tasks.get(id);
  if (record === undefined) return;
  const { task } = record;
  change(state, record, { task: { ...task, used: plus(task.used, use) } });
  // It was settled up when it ended, and this call was still under way then.
  if (task.state.kind === 'ended' && task.parent !== undefined) spendTask(state, task.parent, use);
}

/** A task whose opener named no segment works in the one that it first acts in. */
export function enterSegment(state: State, id: TaskId, segment: string): boolean {
  const record = state.tasks.get(id);
  if (record === undefined) return false;
  const { segments } = record.task;
  if (segments !== undefined) return segments.includes(segment);
  change(state, record, { task: { ...record.task, segments: [segment] } });
  return true;
}

export function touchTask(state: State, id: TaskId, at: Instant): void {
  const record = state.tasks.get(id);
  if (record !== undefined && at > record.touchedAt) change(state, record, { touchedAt: at });
}

/** Ended tasks that are kept at least. */
export const endedTasksMax = 1_000;

/**
 * Drops the oldest ended tasks where there are many, so that memory does not grow with history. An ended ambient
 * task stays while a successor could inherit from it, one with an action under way while what that reads could raise others.
 */
export function forgetEnded(state: State, atWork: AtWork = () => false): void {
  if (state.tasks.size <= 2 * endedTasksMax) return;
  const pending = new Set([...state.pending.values()].map(({ task }) => task));
  const ended = [...state.tasks.values()].filter(
    ({ task: { id, state: now } }) =>
      now.kind === 'ended' && !isNewestAmbient(state, id) && !pending.has(id) && !atWork(id),
  );
  for (const { task, tokenHash } of ended.slice(0, Math.max(0, ended.length - endedTasksMax))) {
    state.tasks.delete(task.id);
    if (tokenHash !== undefined) state.tokens.delete(tokenHash);
    if (task.kind === 'ambient' || task.sources.length === 0) continue;
    for (const pair of pairsOf(task))
      state.forgotten.set(pair, joinedSources(state.forgotten.get(pair) ?? [], task.sources));
  }
}

function isNewestAmbient(state: State, id: TaskId): boolean {
  const task = state.tasks.get(id)?.task;
  return task?.kind === 'ambient' && state.ambient.get(pairKey(task.agent, task.principal)) === id;
}

function change(state: State, record: TaskRecord, over: Partial<TaskRecord>): void {
  state.tasks.set(record.task.id, { ...record, ...over });
}
