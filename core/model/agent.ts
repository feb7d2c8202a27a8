import type { AgentId, TaskId } from './ids.ts';

/** How an agent showed who it is. What the proof says is checked by `authenticate`, never by the door. */
export type Proof =
  | { readonly kind: 'none' }
  /**
   * `Authorization: Bearer …`: issued by `sallyport agents token`, by our authorization server, or by a trusted issuer. `hash`
   * is the token's, once `authenticate` has made it: a call is asked for its proof three times.
   */
  | { readonly kind: 'bearer'; readonly token: string; readonly at?: Presented; hash?: string | undefined }
  /** `Authorization: DPoP …` with the proof of possession beside it (RFC 9449 §7). */
  | { readonly kind: 'dpop'; readonly token: string; readonly proof: string; readonly at: Presented }
  /** The client certificate of a TLS connection and what it sent to show where it comes from: base64 of DER, leaf first. */
  | { readonly kind: 'certificate'; readonly chain: readonly string[] }
  /** The per-entry secret that `sallyport mcp --entry ID` sends over the 0600 socket. */
  | { readonly kind: 'local-entry'; readonly entry: string; readonly secret: string }
  /** The secret of a client's tool hooks; `subagent`: the client says that one of its own agents acts. */
  | { readonly kind: 'hook'; readonly client: string; readonly secret: string; readonly subagent: boolean };

/** Where a token was presented: a token for one resource proves nothing at another. */
export interface Presented {
  readonly method: string;
  /** `Host` of the request, lower case; the listener answers to no foreign one. */
  readonly host: string;
  /** `/mcp/github` */
  readonly path: string;
}

/** Whoever could read a file of the same user is trusted less than whoever was handed a token. */
export const trustOf = {
  bearer: 2,
  'local-entry': 1,
  'spiffe-jwt': 3,
  'spiffe-x509': 3,
  kubernetes: 3,
  'github-actions': 3,
  oidc: 3,
  'private-key': 2,
  vendor: 1,
} as const;

/** What proved the agent, whatever stood in between: policy sees it as `principal.proof`. */
export type ProofKind = keyof typeof trustOf;

export const proofKinds = Object.keys(trustOf) as readonly ProofKind[];

/** One step from what an issuer said to the token that came with the call. No link holds a secret. */
export interface IdentityLink {
  readonly kind: ProofKind | 'access-token';
  /** Name of the configured trust; for access tokens, `sallyport`. */
  readonly trust: string;
  readonly issuer: string;
  readonly subject: string;
  /** Name of that very token, where it has one. */
  readonly id?: string;
  readonly expiresAt?: number;
  /** The token counts only together with a key of this thumbprint. */
  readonly boundTo?: string;
}

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
  /** 0 nothing, 1 `local-entry` or a vendor's word, 2 a secret or a key, 3 an attested workload. */
  readonly trust: number;
  /** Whom its ambient task runs for: configuration, never a claim of the agent. */
  readonly principal: string;
  /** The task its token was issued for, where it was. */
  readonly task?: TaskId;
  /** What its token lets it ask for; undefined: everything that policy permits. */
  readonly scopes?: readonly string[];
  /** How the proof came about, first what an issuer outside said. */
  readonly chain?: readonly IdentityLink[];
  /** What cannot be known about it, because somebody else runs it. */
  readonly unknown?: readonly string[];
}

/** An agent whose authority another one's rests on. */
export interface Actor extends Agent {
  /**
   * It did not hand on a part of its task, as whoever gave the task lets it: it asked another agent by a message, of its own
   * accord. What it may not do itself is not done for it either.
   */
  readonly asks?: true;
}
