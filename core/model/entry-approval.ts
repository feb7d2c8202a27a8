import type { Acted, PersonProof } from './acted.ts';
import type { AgentId, ApprovalId, DecisionId, EventId, Instant, TaskId } from './ids.ts';

/** One exact action that a person is asked about: all that a yes is bound to. */
export interface AskedAction {
  readonly decision: DecisionId;
  readonly task: TaskId;
  readonly agent: AgentId;
  readonly method: string;
  readonly server: string;
  readonly tool: string;
  /** Over domain, method, server, tool and the exact parameters. */
  readonly digest: string;
  readonly pin: string;
  readonly world: string;
}

/** Of whom a yes is wanted. */
export interface AskedQuorum {
  readonly approvers: readonly string[];
  /** How many different people have to say yes; absent: one. */
  readonly people?: number;
  /** From when on others may answer as well. */
  readonly escalation?: { readonly at: Instant; readonly approvers: readonly string[] };
}

/** A question to a person, as the journal holds it. */
export interface Asked extends AskedAction, AskedQuorum {
  readonly kind: 'asked';
  readonly id: ApprovalId;
  /** What else has to be met; absent: nothing. */
  readonly and?: readonly AskedQuorum[];
  /** Whoever sits at the agent's own client may answer as well: policy marked it as low in risk. */
  readonly answer?: 'client';
  /** Keyed digests of the names that only this action can bring about: what names them later waits for the answer. */
  readonly coined?: readonly string[];
  /** Until when it can be answered. */
  readonly expiresAt: Instant;
}

/** One person's yes to a question that needs more than one. The last one is `answered`. */
export interface Seconded extends Acted {
  readonly kind: 'seconded';
  readonly id: EventId;
  readonly approval: ApprovalId;
  readonly task: TaskId;
  readonly proof: PersonProof;
  /** Of several quorums those that it counts for, by their place; absent: the only one. */
  readonly quorums?: readonly number[];
}

export interface Answered extends Acted {
  readonly kind: 'answered';
  readonly id: EventId;
  readonly approval: ApprovalId;
  readonly task: TaskId;
  readonly answer: 'approved' | 'refused';
  /** Until when a yes can be used, and a no stands. */
  readonly expiresAt: Instant;
  readonly proof: PersonProof;
  /** As those of `Seconded`. */
  readonly quorums?: readonly number[];
  /** What the agent is told beside a no. */
  readonly why?: string;
}
