import type { A2aOperation } from '@sallyport/core/model/a2a.ts';

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

/** By its name in the JSON-RPC binding. Reading the card is no operation of it. */
export function operationNamed(name: string): Operation | undefined {
  return operations.find(operation => operation.name === name);
}

export interface Routed {
  readonly operation: Operation;
  /** From the path: the tenant and the ids in it. */
  readonly named: ReadonlyMap<string, string>;
}

const patterns = [cardReading, ...operations].map(operation => ({
  operation,
  pattern: new RegExp(
    `^(?:/(?<tenant>[A-Za-z0-9._-]+))?${operation.path.replaceAll('.', '\\.').replace(/\{(\w+)\}/g, '(?<$1>[A-Za-z0-9._-]+)')}$`,
  ),
}));

/**
 * The operation of an HTTP+JSON request. Every path also exists below a tenant (`/{tenant}/…`): both are matched, so that
 * the prefix is no way around. `undefined`: there is no such path; the second: it is not for this method.
 */
export function routeOf(method: string, path: string): Routed | 'method' | undefined {
  const found = patterns.flatMap(({ operation, pattern }) => {
    const match = pattern.exec(path);
    return match === null ? [] : [{ operation, groups: match.groups ?? {} }];
  });
  // A tenant could be called `tasks`: the reading without one is meant.
  const [first] = found.sort((a, b) => Number(a.groups.tenant !== undefined) - Number(b.groups.tenant !== undefined));
  if (first === undefined) return undefined;
  const bare = first.groups.tenant === undefined;
  const fitting = found.find(one => one.operation.method === method && (one.groups.tenant === undefined) === bare);
  if (fitting === undefined) return 'method';
  const named = Object.entries(fitting.groups).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { operation: fitting.operation, named: new Map(named) };
}
