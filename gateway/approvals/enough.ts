import type { ApprovalTerms, Quorum } from '@sallyport/core/model/decision.ts';
import type { AskedQuorum } from '@sallyport/core/model/entry-approval.ts';
import type { Instant } from '@sallyport/core/model/ids.ts';
import { implies, quorumsOf } from '@sallyport/core/policy/terms.ts';
import type { Approval } from '@sallyport/core/task/approval.ts';

/**
 * Whether a yes to this question is one to what the rules ask now. In one world they can ask for other people than they did, since
 * what the task has read is a fact as well: who answered the one has not answered the other, or did so too long ago.
 */
export function isEnough(approval: Approval, terms: ApprovalTerms, now: Instant): boolean {
  const { quorums, state, answer, answered, askedAt } = approval;
  const byClient = answered === undefined ? answer === 'client' : answered.proof === 'client';
  if (byClient && terms.answer !== 'client') return false;
  if (state === 'approved' && answered !== undefined && now >= answered.at + terms.expiresSeconds * 1_000) return false;
  const met = quorums.map(quorum => asRuled(quorum, askedAt));
  return quorumsOf(terms).every(wanted => met.some(one => implies(one, wanted)));
}

/** What a rule said of it: the time of an escalation counts from the question. */
function asRuled({ escalation, ...quorum }: AskedQuorum, askedAt: Instant): Quorum {
  if (escalation === undefined) return quorum;
  const afterSeconds = Math.round((escalation.at - askedAt) / 1_000);
  return { ...quorum, escalation: { afterSeconds, approvers: escalation.approvers } };
}
