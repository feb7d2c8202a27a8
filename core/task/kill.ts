import type { Killed, KillScope } from '../model/entry.ts';
import { type AgentId, agentIdPattern, type Instant, idPattern, serverIdPattern, type TaskId } from '../model/ids.ts';
import { voidApproval } from './approve.ts';
import { descent, lineage } from './lineage.ts';
import type { Kill, State } from './state.ts';

/** `all`, `agent:ID`, `task:ID`, `server:ID`: how a scope is written, and its key. */
export function scopeText(scope: KillScope): string {
  switch (scope.kind) {
    case 'all':
      return 'all';
    case 'agent':
      return `agent:${scope.agent}`;
    case 'task':
      return `task:${scope.task}`;
    case 'server':
      return `server:${scope.server}`;
  }
}

export function parseScope(text: string): KillScope | undefined {
  if (text === 'all') return { kind: 'all' };
  const [kind, id = ''] = text.split(':', 2);
  if (kind === 'agent' && agentIdPattern.test(id)) return { kind, agent: id };
  if (kind === 'server' && serverIdPattern.test(id)) return { kind, server: id };
  if (kind === 'task' && idPattern.test(id) && id.startsWith('t_')) return { kind, task: id as TaskId };
  return undefined;
}

/**
 * Each scope is stopped and released by itself: releasing one agent never releases a stop of all. What a stopped task
 * held does not come back with the release: its approvals are void, and its token counts no more.
 */
export function applyKill(state: State, { scope, stop, by, why }: Killed, at: Instant): void {
  if (!stop) {
    state.kills.delete(scopeText(scope));
    return;
  }
  state.kills.set(scopeText(scope), { scope, at, by, why });
  for (const approval of state.approvals.values())
    if (approval.state !== 'refused' && isStopped(state, approval.agent, approval.task, approval.server, scope))
      voidApproval(state, approval);
  const reached = scope.kind === 'task' ? descent(state, scope.task) : state.tasks.keys();
  for (const id of reached) {
    const record = state.tasks.get(id);
    if (record?.tokenHash === undefined || record.task.state.kind === 'ended') continue;
    if (isStopped(state, record.task.agent, id, undefined, scope))
      state.tasks.set(id, { ...record, tokenRevoked: true });
  }
}

/** Whether a stop of `scope` stops this: its agent, its task, its server, or one from which its authority came. */
export function isStopped(
  state: State,
  agent: AgentId,
  task: TaskId,
  server: string | undefined,
  scope: KillScope,
): boolean {
  switch (scope.kind) {
    case 'all':
      return true;
    case 'server':
      return server === scope.server;
    case 'agent':
      return agent === scope.agent || lineage(state, task).some(each => each.agent === scope.agent);
    case 'task':
      return lineage(state, task).some(each => each.id === scope.task);
  }
}

/** The widest kill that stops this agent and task now; a task is stopped with every task above it. */
export function killOf(state: State, agent: AgentId, task: TaskId | undefined): Kill | undefined {
  const { kills } = state;
  if (kills.size === 0) return undefined;
  const above = task === undefined ? [] : lineage(state, task);
  const keys = [`agent:${agent}`, ...above.map(each => `agent:${each.agent}`), ...above.map(each => `task:${each.id}`)];
  return kills.get('all') ?? keys.map(key => kills.get(key)).find(kill => kill !== undefined);
}

export function killOfServer(state: State, server: string): Kill | undefined {
  return state.kills.size === 0 ? undefined : state.kills.get(`server:${server}`);
}
