import type { ApprovalId } from './ids.ts';

/** Policy's answer, and what is done about it. */

export type Mode = 'observe' | 'shadow' | 'enforce';

export const modesLoosestFirst: readonly Mode[] = ['observe', 'shadow', 'enforce'];

export type Decision =
  | { readonly answer: 'permit'; readonly reasons: readonly Reason[]; readonly obligations: readonly Obligation[] }
  | {
      readonly answer: 'deny';
      readonly reasons: readonly Reason[];
      readonly fault: boolean;
      /** The policy that wants the task to be suspended as well. */
      readonly suspendedBy?: string;
    }
  | { readonly answer: 'ask'; readonly reasons: readonly Reason[]; readonly approval: ApprovalTerms };

export type Answer = Decision['answer'];

/** One policy, or one rule of the gateway's own, that made the difference. */
export interface Reason {
  /** Policy id (`no-detour-after-untrusted`), or `default-deny`, `quarantined`, `policy-error`. */
  readonly rule: string;
  /** One sentence of facts, from `@reason`; safe to show to the agent. */
  readonly text: string;
  /** What the agent or its principal could do instead, from `@fix`. */
  readonly fix: string | undefined;
}

/** Of whom a rule wants a yes. */
export interface Quorum {
  readonly approvers: readonly string[];
  /** How many different people have to say yes; absent: one. */
  readonly people?: number;
  /** Whom to ask as well when nobody has answered for so long. */
  readonly escalation?: { readonly afterSeconds: number; readonly approvers: readonly string[] };
}

/** Whom to ask, and how long a yes lasts. */
export interface ApprovalTerms extends Quorum {
  /** What else has to be met before it is a yes; absent: nothing. Whoever is in several counts for each. */
  readonly and?: readonly Quorum[];
  readonly expiresSeconds: number;
  /** Whoever sits at the agent's own client may answer too: every rule that asks says `@answer("client")`. */
  readonly answer?: 'client';
}

/** Something the enforcer must do to permit. A name that it does not know means deny. */
export interface Obligation {
  readonly name: string;
  readonly value: string;
  /** Of one that loosens: whose act it is. */
  readonly act?: PolicyAct;
}

/** Something that a policy vouches for, as it will stand in the record. */
export interface PolicyAct {
  readonly policy: string;
  /** From its `@reason`. */
  readonly why: string;
}

/** What is done: the decision once the mode is applied. */
export type Verdict =
  | { readonly kind: 'pass'; readonly obligations: readonly Obligation[] }
  | { readonly kind: 'refuse'; readonly code: 'denied' | 'quarantined' | 'policy-error' | 'obligation-unknown' }
  | { readonly kind: 'defer'; readonly approval: ApprovalTerms }
  /** Permitted, but it builds on an action that a person is still asked about. */
  | { readonly kind: 'defer'; readonly awaits: ApprovalId; readonly what: string };

/** What has to be done to what passes: nothing where it does not. */
export function demandedBy(verdict: Verdict): readonly Obligation[] {
  return verdict.kind === 'pass' ? verdict.obligations : [];
}
