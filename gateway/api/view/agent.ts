import type { Instant } from '@sallyport/core/model/ids.ts';

export interface AgentView {
  readonly id: string;
  readonly classes: readonly string[];
  readonly team?: string;
  readonly owner?: string;
  readonly principal: string;
  readonly shared: boolean;
  readonly vendor: boolean;
  readonly entries: readonly string[];
  /** Names of its bearer tokens, never the tokens. */
  readonly tokens: readonly { readonly id: string; readonly issuedAt: Instant }[];
  readonly killed: boolean;
}
