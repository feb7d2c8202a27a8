import type { Checked } from '@sallyport/core/model/refusal.ts';

/**
 * From one failure to the next attempt: doubled each time up to five minutes, then a part of the time that it has been failing, up to an
 * hour. Whoever mends it soon waits for little, and what nobody mends does not fill the record.
 */
const pauseMillisMin = 250;
const doubledMillisMax = 5 * 60_000;
const failingShare = 12;
const pauseMillisMax = 60 * 60_000;

interface Failed {
  readonly credential: string;
  readonly answer: Checked<never>;
  readonly failures: number;
  /** By `millis`. */
  readonly since: number;
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
      const now = millis();
      const { failures, since } = all.get(key) ?? { failures: 0, since: now };
      const doubled = Math.min(doubledMillisMax, pauseMillisMin * 2 ** Math.min(30, failures));
      const pause = Math.min(pauseMillisMax, Math.max(doubled, (now - since) / failingShare));
      all.set(key, { credential, answer, failures: failures + 1, since, notBefore: now + pause });
    },
    end: credential => {
      for (const [key, failed] of all) if (failed.credential === credential) all.delete(key);
    },
  };
}
