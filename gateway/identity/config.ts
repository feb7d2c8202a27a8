import type { AgentId, PrincipalId } from '@sallyport/core/model/ids.ts';
import type { ProofConfig } from './trust-config.ts';

/** An agent as the configuration file describes it. Nothing here is ever taken from the agent itself. */
export interface AgentConfig {
  readonly id: AgentId;
  readonly classes: readonly string[];
  readonly team?: string;
  readonly owner?: string;
  /** Whom its ambient task runs for. */
  readonly principal: PrincipalId;
  /** Used by many principals at once. */
  readonly shared?: boolean;
  /** Run by a vendor: identity and logs are only partly ours. */
  readonly vendor?: boolean;
  /** Ids of the local client entries (`sallyport mcp --entry ID`) that are this agent. */
  readonly entries?: readonly string[];
  /** What proves it besides tokens that an operator issued. */
  readonly proofs?: readonly ProofConfig[];
}

/** A coding client whose own tools are asked about through its hooks. */
export interface HookConfig {
  /** `claude-code`; the path is `/hooks/<client>`. */
  readonly client: string;
  readonly agent: AgentId;
  /** Its own agents, all of them; undefined: what they do is refused. */
  readonly subagents: AgentId | undefined;
  /** MCP entries of the client that lead to this gateway, by name, with the server behind each: their calls are decided there. */
  readonly servers: Readonly<Record<string, string>>;
  /** Who asks where policy asks: `client`, its user in its own window, or `gateway`, whoever may answer there. */
  readonly questions: 'client' | 'gateway';
}
