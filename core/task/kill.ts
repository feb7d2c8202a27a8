import type { Killed, KillScope } from '../model/entry.ts';
import { type AgentId, agentIdPattern, type Instant, idPattern, type TaskId } from '../model/ids.ts';
import type { Kill, State } from './state.ts';

/** `all`, `agent:ID`, `task:ID`: how a scope is written, and its key. */
export function scopeText(scope: KillScope): string {
  switch (scope.kind) {
    case 'all':
      return 'all';
    case 'agent':
      return `agent:${scope.agent}`;
    case 'task':
      return `task:${scope.task}`;
  }
}

export function parseScope(text: string): KillScope | undefined {
  if (text === 'all') return { kind: 'all' };
  const [kind, id = ''] = text.split(':', 2);
  if (kind === 'agent' && agentIdPattern.test(id)) return { kind, agent: id };
  if (kind === 'task' && idPattern.test(id) && id.startsWith('t_')) return { kind, task: id as TaskId };
  return undefined;
}

/** Each scope is stopped and released by itself: releasing one agent never releases a stop of all. */
export function applyKill(state: State, { scope, stop, by, why }: Killed, at: Instant): void {
  if (stop) state.kills.set(scopeText(scope), { scope, at, by, why });
  else state.kills.delete(scopeText(scope));
}

/** The widest kill that stops this agent and task now. */
export function killOf(state: State, agent: AgentId, task: TaskId | undefined): Kill | undefined {
  if (state.kills.size === 0) return undefined;
  return (
    state.kills.get('all') ??
    state.kills.get(`agent:${agent}`) ??
    (task === undefined ? undefined : state.kills.get(`task:${task}`))
  );
}
