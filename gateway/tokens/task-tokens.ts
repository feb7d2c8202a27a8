import type { AgentId, TaskId } from '@sallyport/core/model/ids.ts';

/**
 * How the token endpoint opens tasks (RFC 9396 `authorization_details` of type `agent_task`, RFC 8693). The rules of
 * tasks are not its business: it hands over who asks, what for, and from which task, and gets a task's id.
 */
export interface TaskTokens {
  /** Throws `OAuthFault`, or anything else for a fault. */
  readonly open: (order: {
    readonly agent: AgentId;
    readonly principal: string;
    /** JSON text of the one `agent_task` detail. */
    readonly details: string;
    /** The task of the token that was exchanged: the new one lies within it. */
    readonly parent: TaskId | undefined;
  }) => Promise<{ readonly task: TaskId; readonly secondsMax: number }>;
}
