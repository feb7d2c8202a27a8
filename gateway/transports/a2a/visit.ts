import type { Agent } from '@sallyport/core/model/agent.ts';
import type { Exchange } from '../http/router.ts';
import type { McpCore } from '../mcp/core.ts';
import type { PeerIds } from './ids.ts';
import type { OwnTasks } from './own-tasks.ts';

/** What the door of A2A shares with those of MCP, and what it has of its own. */
export interface A2aCore {
  readonly mcp: McpCore;
  readonly ids: PeerIds;
  readonly own: OwnTasks;
  /** Addresses to which this agent may be told to report begin like these; undefined: there is no such agent. */
  readonly pushOf: (peer: string) => readonly string[] | undefined;
  /** The address that clients know us by, without a slash at its end. */
  readonly base: () => string;
}

/** One request to another agent, whose sender proved who it is. */
export interface Visit {
  readonly exchange: Exchange;
  readonly core: A2aCore;
  readonly agent: Agent;
  readonly peer: string;
  /** Below the agent's own path; empty for the JSON-RPC binding. */
  readonly path: string;
}
