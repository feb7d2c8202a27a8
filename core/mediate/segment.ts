import type { Action } from '../model/action.ts';
import type { Task } from '../model/task.ts';

/**
 * Where an action acts. What every client does with every server when it connects is no step: a list of resources that
 * the merged door asks of all servers must neither choose a segment nor cross into one. The doors see to it that an agent cannot
 * say anything of its own with one.
 */
export function segmentOf({ method, tool }: Action): string | undefined {
  return method === 'resources/list' || method === 'logging/setLevel' ? undefined : tool.segment;
}

/** A task that has not acted, and whose opener named no segment, crosses into none. */
export function crossesSegment(task: Task, action: Action): boolean {
  const segment = segmentOf(action);
  return segment !== undefined && task.segments !== undefined && !task.segments.includes(segment);
}
