import type { AgentId, PrincipalId, TaskId } from '@sallyport/core/model/ids.ts';
import type { Done } from '../api/control.ts';
import { Malformed, parseBody } from '../api/fields.ts';
import { agentTask } from '../api/task-order.ts';
import type { OpenedBy } from './may-open.ts';
import type { Opening } from './open.ts';

export interface AgentTaskOrder {
  /** Who will work on it, proven. */
  readonly agent: AgentId;
  readonly principal: PrincipalId;
  /** JSON text of one authorization detail of type `agent_task` (RFC 9396). */
  readonly details: string;
  /** The task whose token was exchanged (RFC 8693): the new one lies within it. */
  readonly parent: TaskId | undefined;
  /** What it hangs on where the order does not say. */
  readonly runsIn?: string | undefined;
}

/**
 * A task out of `authorization_details`. Below a parent it is what the parent's agent handed on; without one the agent
 * speaks for itself, and what it says is recorded and grants nothing.
 */
export function createAgentTasks(
  opening: Opening,
): (order: AgentTaskOrder) => Promise<Done<{ readonly task: TaskId; readonly secondsMax: number }>> {
  return async ({ agent, principal, details, parent, runsIn }) => {
    try {
      const by: OpenedBy =
        parent === undefined ? { kind: 'workload', agent, principal } : { kind: 'holder', task: parent };
      const order = agentTask(parseBody(new TextEncoder().encode(details)), { agent, principal, parent });
      const endsWith = order.endsWith ?? runsIn;
      const opened = await opening(endsWith === undefined ? order : { ...order, endsWith }, by);
      if (!opened.ok) return opened;
      const { id, limits } = opened.value.task;
      return { ok: true, value: { task: id, secondsMax: limits.secondsMax } };
    } catch (thrown) {
      if (thrown instanceof Malformed) return { ok: false, error: thrown.error };
      throw thrown;
    }
  };
}
