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
  const pace =
    now === minute
      ? { minute, calls: calls + 1, before }
      : { minute: now, calls: 1, before: now === minute + 1 ? calls : 0 };
  return { ...pace, peak: Math.max(peak, callsAMinute(pace, at)) };
}

/** Calls of the sixty seconds before `at`, as if those of the minute before had been evenly spread. */
export function callsAMinute({ minute, calls, before }: Omit<Pace, 'peak'>, at: Instant): number {
  const left = Math.min(minuteMillis, Math.max(0, (minute + 1) * minuteMillis - at));
  return calls + Math.floor((before * left) / minuteMillis);
}
