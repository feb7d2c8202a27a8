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
