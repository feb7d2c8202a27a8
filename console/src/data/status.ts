import { signal } from '@preact/signals';
import type { ApprovalView } from '@sallyport/gateway/api/view/approval.ts';
import type { StatusView } from '@sallyport/gateway/api/view/status.ts';
import { get } from './api.ts';

export const status = signal<StatusView | undefined>(undefined);
export const approvals = signal<readonly ApprovalView[] | undefined>(undefined);
/** The gateway's clock less ours, in milliseconds: countdowns run on the gateway's. */
const clockAhead = signal(0);

let timer = 0;

/** Soon, and once for everything that happened meanwhile. */
export function refreshStatus(): void {
  if (timer !== 0) return;
  timer = setTimeout(() => {
    timer = 0;
    void readStatus().catch(() => undefined);
  }, 60);
}

export async function readStatus(): Promise<void> {
  const answer = await get<{ status: StatusView }>('status');
  clockAhead.value = answer.status.now - Date.now();
  status.value = answer.status;
}

export async function readApprovals(): Promise<void> {
  approvals.value = (await get<{ approvals: ApprovalView[] }>('approvals', { state: 'all' })).approvals;
}

export function gatewayNow(): number {
  return Date.now() + clockAhead.value;
}
