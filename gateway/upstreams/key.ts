import { createHash } from 'node:crypto';
import type { Agent } from '@sallyport/core/model/agent.ts';
import type { ServerId, TaskId } from '@sallyport/core/model/ids.ts';
import type { Task } from '@sallyport/core/model/task.ts';

/** Who shares a connection: one agent working for one principal; of a shared agent, or with a credential made for a task, one task. */
export interface ConnectionKey {
  readonly server: ServerId;
  readonly agent: string;
  readonly principal: string;
  readonly task: TaskId | undefined;
}

/** `perTask`: what it will hold was made for this task alone. */
export function keyFor(server: ServerId, agent: Agent, task: Task, perTask: boolean): ConnectionKey {
  return { server, agent: agent.id, principal: task.principal, task: agent.shared || perTask ? task.id : undefined };
}

/** Neither a server's id, an agent's nor a task's holds a line feed: what is between them is the principal, whatever it is. */
export function keyText({ server, agent, principal, task }: ConnectionKey): string {
  return `${server}\n${agent}\n${principal}\n${task ?? ''}`;
}

export function isSameKey(a: ConnectionKey, b: ConnectionKey): boolean {
  return a.agent === b.agent && a.principal === b.principal && a.task === b.task && a.server === b.server;
}

/** A folder name that says nothing about people. */
export function keyFolder({ agent, principal, task }: ConnectionKey): string {
  const text = JSON.stringify([agent, principal, task ?? null]);
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}
