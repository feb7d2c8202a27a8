import type { AgentId } from './ids.ts';

/** How an agent showed who it is. What the proof says is checked by `authenticate`, never by the door. */
export type Proof =
  | { readonly kind: 'none' }
  /** `Authorization: Bearer …`, issued by `sallyport agents token`. */
  | { readonly kind: 'bearer'; readonly token: string }
  /** The per-entry secret that `sallyport mcp --entry ID` sends over the 0600 socket. */
  | { readonly kind: 'local-entry'; readonly entry: string; readonly secret: string };

export type ProofKind = Exclude<Proof['kind'], 'none'>;

/** An agent that proved itself: a configured workload, never its user's stand-in. */
export interface Agent {
  readonly id: AgentId;
  readonly classes: readonly string[];
  readonly team: string | undefined;
  readonly owner: string | undefined;
  /** Used by many principals at once: its upstream processes are kept per task. */
  readonly shared: boolean;
  /** Run by a vendor: identity and logs are only partly ours. */
  readonly vendor: boolean;
  readonly proof: ProofKind;
  /** 0 nothing, 1 `local-entry`, 2 bearer token, 3 an attested workload. */
  readonly trust: number;
  /** Whom its ambient task runs for: configuration, never a claim of the agent. */
  readonly principal: string;
}
