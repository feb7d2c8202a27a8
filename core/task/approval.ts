import type { AskedAction, AskedQuorum } from '../model/entry-approval.ts';
import type { ApprovalId, DecisionId, Instant } from '../model/ids.ts';

/** A question to a person about one exact action of one task, and what became of it. */
export interface Approval extends AskedAction {
  readonly id: ApprovalId;
  /** Of whom a yes is wanted: all of them have to be met. */
  readonly quorums: readonly AskedQuorum[];
  /** The agent's own client may answer it. */
  readonly answer?: 'client';
  readonly coined?: readonly string[];
  /** What waits for the same answer because it builds on this; absent: nothing. */
  readonly dependents?: Dependents;
  /** Who said yes already, where that is not enough. */
  readonly seconds: readonly Yes[];
  readonly askedAt: Instant;
  /** Pending: until when it can be answered. Approved: until when it can be used. Refused: until when the no stands. */
  readonly expiresAt: Instant;
  readonly state: 'pending' | 'approved' | 'refused' | 'used' | 'void';
  /** Of one that is used: the decision that gives it back if nothing comes of it; absent: none does. */
  readonly usedBy?: DecisionId | undefined;
  readonly answered: (Yes & { readonly why: string | undefined }) | undefined;
}

/** Somebody's yes, or the no that ended it, which counts for none. */
export interface Yes {
  readonly at: Instant;
  readonly by: string;
  readonly proof: string;
  /** The quorums that it counts for, by their place. */
  readonly quorums: readonly number[];
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

/** Whether quorum `at` has its people; `and`: with one more yes, which counts for these. */
export function isMet({ quorums, seconds }: Approval, at: number, and: readonly number[] = []): boolean {
  const said = seconds.filter(yes => yes.quorums.includes(at)).length + (and.includes(at) ? 1 : 0);
  return said >= (quorums[at]?.people ?? 1);
}

/** One yes is not enough, whoever gives it. */
export function needsSeveral({ quorums }: Pick<Approval, 'quorums'>): boolean {
  return quorums.length > 1 || quorums.some(({ people = 1 }) => people > 1);
}

export function isLive(approval: Approval, now: Instant): boolean {
  return approval.state !== 'used' && approval.state !== 'void' && now < approval.expiresAt;
}
