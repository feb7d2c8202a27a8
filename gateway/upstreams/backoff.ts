import type { UpstreamLimits } from './limits.ts';

/** How often a connection has failed in a row, and when it may be tried again. Milliseconds of a clock that never jumps. */
export interface Backoff {
  readonly failures: number;
  readonly notBefore: number;
}

export const noBackoff: Backoff = { failures: 0, notBefore: 0 };

/** The first failure costs nothing: a server that fell over once is picked up at once. Then the wait doubles. */
export function failedOnce(before: Backoff, now: number, limits: UpstreamLimits): Backoff {
  const failures = before.failures + 1;
  const wait =
    failures === 1 ? 0 : Math.min(limits.backoffMillisMax, limits.backoffMillisMin * 2 ** Math.min(30, failures - 2));
  return { failures, notBefore: now + wait };
}
