import type { AgentId, TaskId } from '@sallyport/core/model/ids.ts';
import { parseJson, stringMember } from '@sallyport/core/model/json.ts';
import { OAuthFault } from './oauth-fault.ts';

/**
 * How the token endpoint opens tasks (RFC 9396 `authorization_details` of type `agent_task`, RFC 8693). The rules of
 * tasks are not its business: it hands over who asks, what for, and from which task, and gets a task's id.
 */
export interface TaskTokens {
  /** Throws `OAuthFault`, or anything else for a fault. */
  readonly open: (order: TaskOrder) => Promise<OpenedTask>;
}

export interface TaskOrder {
  readonly agent: AgentId;
  readonly principal: string;
  /** JSON text of the one `agent_task` detail. */
  readonly details: string;
  /** The task of the token that was exchanged: the new one lies within it. */
  readonly parent: TaskId | undefined;
  /** Where the agent's own proof says that it runs, as `endsWith` has it. */
  readonly runsIn: string | undefined;
}

export interface OpenedTask {
  readonly task: TaskId;
  readonly secondsMax: number;
}

const detailsLimits = {
  charsMax: 32_768,
  depthMax: 8,
  valuesMax: 2_000,
  numberCharsMax: 32,
  reservedMembers: 'refuse',
} as const;

/** RFC 9396 §2: one detail, of the one type that there is. */
export function taskDetails(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const parsed = parseJson(text, detailsLimits);
  const items = parsed.ok && parsed.node.kind === 'array' ? parsed.node.items : [];
  const [only] = items;
  if (items.length !== 1 || only?.kind !== 'object' || stringMember(only, 'type') !== 'agent_task')
    throw new OAuthFault('invalid_authorization_details', 'it must be one object of type `agent_task` in a list');
  return JSON.stringify(JSON.parse(text)[0]);
}

export function openTask(taskTokens: TaskTokens | undefined, order: TaskOrder): Promise<OpenedTask> {
  if (taskTokens === undefined) throw new OAuthFault('invalid_authorization_details', 'tasks are not opened here');
  return taskTokens.open(order);
}
