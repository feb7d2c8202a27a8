import type { Checked } from '@sallyport/core/model/refusal.ts';

/** From one failure to the next attempt: doubled each time, up to five minutes. */
const pauseMillisMin = 250;
const pauseMillisMax = 5 * 60_000;

interface Failed {
  readonly credential: string;
  readonly answer: Checked<never>;
  readonly failures: number;
  /** By `millis`. */
  readonly notBefore: number;
}

/**
 * What could not be had is asked for again after growing pauses, and answered as before until then: the gateway looks at a server that
 * it cannot reach each minute, and each attempt at its credential stands in the record twice.
 */
export interface Pauses {
  /** What came of the last attempt, as long as none is due. */
  readonly answer: (key: string) => Checked<never> | undefined;
  readonly failed: (key: string, credential: string, answer: Checked<never>) => void;
  /** It was had, or somebody has done something about it. */
  readonly end: (credential: string) => void;
}

/** `millis` is a clock that never jumps. */
export function createPauses(millis: () => number = () => performance.now()): Pauses {
  const all = new Map<string, Failed>();
  return {
    answer: key => {
      const failed = all.get(key);
      return failed !== undefined && millis() < failed.notBefore ? failed.answer : undefined;
    },
    failed: (key, credential, answer) => {
      const failures = (all.get(key)?.failures ?? 0) + 1;
      const pause = Math.min(pauseMillisMax, pauseMillisMin * 2 ** Math.min(30, failures - 1));
      all.set(key, { credential, answer, failures, notBefore: millis() + pause });
    },
    end: credential => {
      for (const [key, failed] of all) if (failed.credential === credential) all.delete(key);
    },
  };
}
