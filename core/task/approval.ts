import type { AskedAction } from '../model/entry-approval.ts';
import type { ApprovalId, Instant } from '../model/ids.ts';

/** A question to a person about one exact action of one task, and what became of it. */
export interface Approval extends AskedAction {
  readonly id: ApprovalId;
  /** How many different people have to say yes. */
  readonly people: number;
  readonly escalation: { readonly at: Instant; readonly approvers: readonly string[] } | undefined;
  /** The agent's own client may answer it. */
  readonly answer?: 'client';
  readonly coined?: readonly string[];
  /** What waits for the same answer because it builds on this; absent: nothing. */
  readonly dependents?: Dependents;
  /** Who said yes already, where that is not enough. */
  readonly seconds: readonly { readonly at: Instant; readonly by: string; readonly proof: string }[];
  readonly askedAt: Instant;
  /** Pending: until when it can be answered. Approved: until when it can be used. Refused: until when the no stands. */
  readonly expiresAt: Instant;
  readonly state: 'pending' | 'approved' | 'refused' | 'used' | 'void';
  readonly answered:
    | { readonly at: Instant; readonly by: string; readonly proof: string; readonly why: string | undefined }
    | undefined;
}

export interface Dependents {
  /** Digests of actions. */
  readonly actions: ReadonlySet<string>;
  /** What they would bring about themselves: what names it builds on the question as well. */
  readonly coined: ReadonlySet<string>;
}

/** Names that one action brings up first, kept with the question about it, or with what it waits for. */
export const coinedMax = 64;

/** What a yes is bound to. Equal in every part, or it is another action. */
export type ApprovalBond = Pick<AskedAction, 'task' | 'agent' | 'digest' | 'pin' | 'world'>;

export function isBoundTo(approval: Approval, bond: ApprovalBond): boolean {
  return (
    approval.task === bond.task &&
    approval.agent === bond.agent &&
    approval.digest === bond.digest &&
    approval.pin === bond.pin &&
    approval.world === bond.world
  );
}

export function isLive(approval: Approval, now: Instant): boolean {
  return approval.state !== 'used' && approval.state !== 'void' && now < approval.expiresAt;
}
