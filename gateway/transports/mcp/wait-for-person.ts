import type { Reply } from '@sallyport/core/mediate/reply.ts';
import type { ApprovalId } from '@sallyport/core/model/ids.ts';
import type { JsonObject } from '@sallyport/core/model/json.ts';
import type { Incoming } from './incoming.ts';
import { noticeText } from './notices.ts';

/** How long a call that a person is asked about is held, and how one hears that it was answered. */
export interface PersonWait {
  readonly secondsMax: number;
  /** Resolves once the question is answered or over, or `signal` is aborted. */
  readonly settled: (approval: ApprovalId, signal: AbortSignal) => Promise<void>;
}

export const progressMillis = 5_000;

/**
 * Holds a call for a while when a person is asked about it, and then sends it down the line again, where it is decided anew in
 * full. The agent's client hears of it as progress. Whoever is not answered in time gets the refusal that names the question, so
 * that the same call later picks it up.
 */
export async function waitedFor(
  reply: Reply,
  { request, caller, outlet }: Incoming,
  wait: PersonWait | undefined,
  again: () => Promise<Reply>,
): Promise<Reply> {
  if (wait === undefined || reply.kind !== 'refusal' || reply.approval === undefined) return reply;
  const over = AbortSignal.any([outlet.signal, AbortSignal.timeout(wait.secondsMax * 1_000)]);
  let told = 0;
  const tell = (): void => {
    told += 1;
    const notice = { method: 'notifications/progress', params: progressOf(told) } as const;
    const text = noticeText(notice, request, caller.era);
    if (text !== undefined) outlet.notify(text);
  };
  tell();
  const telling = setInterval(tell, progressMillis);
  try {
    await wait.settled(reply.approval, over);
  } finally {
    clearInterval(telling);
  }
  return over.aborted ? reply : await again();
}

/** Progress has to grow with each notification (2025-11-25, "Progress"); how much is left nobody knows. */
function progressOf(count: number): JsonObject {
  return {
    kind: 'object',
    members: new Map([
      ['progress', { kind: 'number', value: count, text: String(count) }],
      ['message', { kind: 'string', value: 'waiting for a person to approve this' }],
    ]),
  };
}
