import type { AgentId } from '../model/ids.ts';
import { type JsonNode, member } from '../model/json.ts';
import type { Task } from '../model/task.ts';
import { lineageMax } from './lineage.ts';

/**
 * The `act` claim of RFC 8693 §4.1: outermost who acts now, inside it who acted before. Only the outermost grants
 * anything; what is inside can only forbid. The chain is never taken from a token: it is what the record says about the
 * task, and a token whose claim says something else is no token of this task.
 */
export function actorsOf(lineage: readonly Task[]): AgentId[] {
  return lineage.map(({ agent }) => agent);
}

/** The actors that a claim names, outermost first; undefined if it is not such a claim, or has more to it. */
export function actorsIn(claim: JsonNode | undefined): string[] | undefined {
  const actors: string[] = [];
  for (let next = claim; next !== undefined; next = member(next, 'act')) {
    if (next.kind !== 'object' || actors.length > lineageMax) return undefined;
    const sub = member(next, 'sub');
    const names = [...next.members.keys()];
    if (sub?.kind !== 'string' || names.some(name => name !== 'sub' && name !== 'act')) return undefined;
    actors.push(sub.value);
  }
  return actors.length === 0 ? undefined : actors;
}

/** Whether a claim is exactly the chain of this task: no link more, fewer, other, or in another place. */
export function isChainOf(claim: JsonNode | undefined, lineage: readonly Task[]): boolean {
  const actors = actorsIn(claim);
  const chain = actorsOf(lineage);
  return (
    actors !== undefined && actors.length === chain.length && actors.every((actor, index) => actor === chain[index])
  );
}
