import type { Connection } from './connection.ts';
import type { ConnectionKey } from './key.ts';

/** A connection that is open, or about to be. */
export interface Placed {
  readonly key: ConnectionKey;
  readonly connection: Connection | undefined;
}

/** Where a new one goes: to a free place, or to that of an idle one; or why to none. */
export type Place =
  | { readonly kind: 'free' }
  | { readonly kind: 'instead'; readonly of: Connection }
  | { readonly kind: 'none'; readonly why: string };

/**
 * The first connection of an agent to a server takes any free place. Further ones, for other tasks and principals, take one only while
 * the agent has fewer connections than are free: whatever few agents keep busy, there is room for others. Where no place is to be
 * had, the idle connection that was used longest ago gives way, of an agent that has no fewer.
 */
export function placeFor({ agent, server }: ConnectionKey, open: readonly Placed[], placesMax: number): Place {
  const own = countOf(agent, open);
  const free = placesMax - open.length;
  const isFirst = !open.some(({ key }) => key.agent === agent && key.server === server);
  if (free > 0 && (isFirst || own < free)) return { kind: 'free' };
  const [oldest] = open
    .filter(({ key }) => countOf(key.agent, open) >= own)
    .flatMap(({ connection }) => (connection?.idle === true ? [connection] : []))
    .sort((a, b) => a.usedAt - b.usedAt);
  if (oldest !== undefined) return { kind: 'instead', of: oldest };
  const why = free > 0 ? `${own} connections of this agent are in use, and what is free is kept for others` : undefined;
  return { kind: 'none', why: why ?? `${placesMax} connections to servers are in use` };
}

function countOf(agent: string, open: readonly Placed[]): number {
  return open.filter(({ key }) => key.agent === agent).length;
}
