import type { ApprovalView } from '@sallyport/gateway/api/view/approval.ts';
import { approvals, gatewayNow } from '../data/status.ts';

export function isPending({ state, expiresAt }: ApprovalView): boolean {
  return state === 'pending' && expiresAt > gatewayNow();
}

export function stateWord({ state, answered }: ApprovalView): string {
  return {
    pending: 'nobody answered in time',
    approved: 'approved, not used yet',
    used: 'approved and used',
    refused: 'refused',
    expired: answered === undefined ? 'nobody answered in time' : 'approved, not used in time',
    void: 'void',
  }[state];
}

/** What became of the question that a decision led to; of one that nobody knows any more, that it was asked. */
export function askedWord(decision: string): string {
  const view = approvals.value?.find(each => each.decision === decision);
  if (view === undefined) return 'asked a person';
  return isPending(view) ? 'waiting for a person' : stateWord(view);
}

/** When the next question or yes runs out, by the gateway's clock; undefined: none does. */
export function nextRunOut(): number | undefined {
  const ends = (approvals.value ?? []).flatMap(({ state, expiresAt }) =>
    state === 'pending' || state === 'approved' ? [expiresAt] : [],
  );
  return ends.length === 0 ? undefined : Math.min(...ends);
}
