import type { ApprovalView } from '@sallyport/gateway/api/view/approval.ts';
import { gatewayNow } from '../data/status.ts';

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
