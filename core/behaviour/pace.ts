import type { Instant } from '../model/ids.ts';

/** Calls of the present minute and of the one before: enough to say how many the last sixty seconds had, about. */
export interface Pace {
  readonly minute: number;
  readonly calls: number;
  readonly before: number;
  /** The most calls that sixty seconds had. */
  readonly peak: number;
}

export const restPace: Pace = { minute: 0, calls: 0, before: 0, peak: 0 };

const minuteMillis = 60_000;

/** With one more call at `at`. */
export function paceAt({ minute, calls, before, peak }: Pace, at: Instant): Pace {
  const now = Math.floor(at / minuteMillis);
  const ofNow = now === minute ? calls + 1 : 1;
  const ofBefore = now === minute ? before : now === minute + 1 ? calls : 0;
  return { minute: now, calls: ofNow, before: ofBefore, peak: Math.max(peak, callsBy(at, now, ofNow, ofBefore)) };
}

/** Calls of the sixty seconds before `at`, as if those of the minute before had been evenly spread. */
export function callsAMinute({ minute, calls, before }: Pace, at: Instant): number {
  return callsBy(at, minute, calls, before);
}

function callsBy(at: Instant, minute: number, calls: number, before: number): number {
  const left = Math.min(minuteMillis, Math.max(0, (minute + 1) * minuteMillis - at));
  return calls + Math.floor((before * left) / minuteMillis);
}
