import { cardReading, type Operation, operations } from '@sallyport/core/model/a2a-operations.ts';

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
