import type { A2aOperation } from './a2a.ts';

/** One of the eleven operations of A2A 1.0, as both bindings need to know it (§5.3, `specification/a2a.proto`). */
export interface Operation {
  readonly name: A2aOperation;
  /** `id` of its parameters names a task. */
  readonly byTask: boolean;
  /** What it answers with is a task. */
  readonly givesTask: boolean;
  readonly streams: boolean;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path of the HTTP+JSON binding, below the agent's own and a tenant; `{…}` are parameters. */
  readonly path: string;
}

const plain = { byTask: false, givesTask: false, streams: false };
const configs = '/tasks/{taskId}/pushNotificationConfigs';

export const operations: readonly Operation[] = [
  { ...plain, name: 'SendMessage', method: 'POST', path: '/message:send' },
  { ...plain, name: 'SendStreamingMessage', method: 'POST', path: '/message:stream', streams: true },
  { ...plain, name: 'GetTask', method: 'GET', path: '/tasks/{id}', byTask: true, givesTask: true },
  { ...plain, name: 'ListTasks', method: 'GET', path: '/tasks' },
  { ...plain, name: 'CancelTask', method: 'POST', path: '/tasks/{id}:cancel', byTask: true, givesTask: true },
  { ...plain, name: 'SubscribeToTask', method: 'POST', path: '/tasks/{id}:subscribe', byTask: true, streams: true },
  { ...plain, name: 'SubscribeToTask', method: 'GET', path: '/tasks/{id}:subscribe', byTask: true, streams: true },
  { ...plain, name: 'CreateTaskPushNotificationConfig', method: 'POST', path: configs },
  { ...plain, name: 'GetTaskPushNotificationConfig', method: 'GET', path: `${configs}/{id}` },
  { ...plain, name: 'ListTaskPushNotificationConfigs', method: 'GET', path: configs },
  { ...plain, name: 'DeleteTaskPushNotificationConfig', method: 'DELETE', path: `${configs}/{id}` },
  { ...plain, name: 'GetExtendedAgentCard', method: 'GET', path: '/extendedAgentCard' },
];

export const cardReading: Operation = {
  ...plain,
  name: 'GetAgentCard',
  method: 'GET',
  path: '/.well-known/agent-card.json',
};
