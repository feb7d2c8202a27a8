import type { AgentId } from '../model/ids.ts';
import type { Task } from '../model/task.ts';

/**
 * The `act` claim of RFC 8693 §4.1: outermost who acts now, inside it who acted before. Only the outermost grants
 * anything; what is inside can only forbid. The chain is never taken from a token: it is what the record says about the task.
 */
export function actorsOf(lineage: readonly Task[]): AgentId[] {
  return lineage.map(({ agent }) => agent);
}
