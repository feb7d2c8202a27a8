import type { ApprovalId, Instant } from '@sallyport/core/model/ids.ts';
import { isLive } from '@sallyport/core/task/approval.ts';
import type { State } from '@sallyport/core/task/state.ts';

const voidLookMillis = 200;

export interface Waiting {
  /** Resolves once the question is answered, or can be no longer, or `signal` is aborted. */
  readonly settled: (id: ApprovalId, signal: AbortSignal) => Promise<void>;
  /** It was answered. */
  readonly wake: (id: ApprovalId) => void;
}

/** Who waits for the answer to a question. `world`: digest of the one in force. */
export function createWaiting(state: State, now: () => Instant, world: () => string): Waiting {
  const waiting = new Map<ApprovalId, Set<() => void>>();

  function settled(id: ApprovalId, signal: AbortSignal): Promise<void> {
    const approval = state.approvals.get(id);
    if (approval?.state !== 'pending' || signal.aborted) return Promise.resolve();
    return new Promise(resolve => {
      const all = waiting.get(id) ?? new Set();
      waiting.set(id, all);
      const end = (): void => {
        clearInterval(timer);
        signal.removeEventListener('abort', end);
        all.delete(end);
        if (all.size === 0) waiting.delete(id);
        resolve();
      };
      // A stop, the end of its task or other policies void a question without anybody answering it.
      const timer = setInterval(() => {
        const known = state.approvals.get(id);
        if (known?.state !== 'pending' || !isLive(known, now()) || known.world !== world()) end();
      }, voidLookMillis).unref();
      all.add(end);
      signal.addEventListener('abort', end, { once: true });
    });
  }

  return {
    settled,
    wake: id => {
      for (const end of waiting.get(id) ?? []) end();
    },
  };
}
