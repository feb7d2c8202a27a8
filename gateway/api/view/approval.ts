import type { Instant } from '@sallyport/core/model/ids.ts';
import type { LabelSource } from '@sallyport/core/model/label.ts';
import type { Risk } from '@sallyport/core/model/risk.ts';
import type { ActionClass } from '@sallyport/core/model/tool.ts';
import type { FactsView, PlacedReason } from './decision.ts';
import type { ValueView } from './value.ts';

export interface ApprovalView {
  readonly id: string;
  readonly state: 'pending' | 'approved' | 'refused' | 'used' | 'expired' | 'void';
  /** Why it is void. */
  readonly why?: string;
  readonly decision: string;
  readonly task: string;
  readonly agent: string;
  readonly principal: string;
  readonly purpose: string;
  readonly tool: string;
  readonly digest: string;
  readonly pin: string;
  readonly world: string;
  /** Absent where the decision is gone. */
  readonly classes?: readonly ActionClass[];
  /** Who opened the task, and so who stated its purpose; `claimed` counts for nothing. */
  readonly opener?: string;
  /** What a yes permits, exactly: the parameters as they would be sent. Absent where the body is gone. */
  readonly arguments?: string;
  /** The facts that were decided on. Absent where the body is gone. */
  readonly facts?: FactsView;
  /** What stands in the way first; `effect` tells it from what would then permit. */
  readonly reasons: readonly PlacedReason[];
  /** The values of which there is doubt, those that stopped it first. */
  readonly values: readonly ValueView[];
  /** What is unusual about it; absent: nothing. */
  readonly risk?: Risk;
  readonly labels: readonly LabelSource[];
  /** Those who may answer now. */
  readonly approvers: readonly string[];
  /** How many different people have to say yes; absent: one, or as `quorums` say. */
  readonly people?: number;
  /** Where several rules want a yes of different people: all of them have to be met. */
  readonly quorums?: readonly QuorumView[];
  /** Who said yes already; absent: one yes is enough. */
  readonly seconds?: readonly { readonly at: Instant; readonly by: string; readonly proof: string }[];
  /** From when on others may answer as well. */
  readonly escalation?: { readonly at: Instant; readonly approvers: readonly string[] };
  readonly askedAt: Instant;
  /** Pending: until when it can be answered. Approved: until when it can be used. */
  readonly expiresAt: Instant;
  readonly answered?: {
    readonly at: Instant;
    readonly by: string;
    readonly proof: string;
    /** What the agent is told beside a no. */
    readonly why?: string | undefined;
  };
}

export interface QuorumView {
  /** Those who may answer now. */
  readonly approvers: readonly string[];
  /** How many different people have to say yes. */
  readonly people: number;
  /** Who did. */
  readonly yes: readonly string[];
}
