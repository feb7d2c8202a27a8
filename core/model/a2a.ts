/** Operations of A2A 1.0 (specification §3.1), by the names that they have in its JSON-RPC binding; and reading an agent's card. */
export type A2aOperation =
  | 'SendMessage'
  | 'SendStreamingMessage'
  | 'GetTask'
  | 'ListTasks'
  | 'CancelTask'
  | 'SubscribeToTask'
  | 'CreateTaskPushNotificationConfig'
  | 'GetTaskPushNotificationConfig'
  | 'ListTaskPushNotificationConfigs'
  | 'DeleteTaskPushNotificationConfig'
  | 'GetExtendedAgentCard'
  | 'GetAgentCard';

/** How the line knows them, beside the methods of MCP. */
export type A2aMethod = `a2a/${A2aOperation}`;

/** Those that say something to the agent: what whoever sends it has read may be in it. */
export function isMessage(method: string): boolean {
  return method === 'a2a/SendMessage' || method === 'a2a/SendStreamingMessage';
}

export const a2aVersion = '1.0';
