/**
 * What an issuer did not end is asked of it again, and what it says then is the last word once it is anything but no
 * answer. Kept in memory alone: what is still waiting when the gateway stops is found by the list of leases.
 */
export interface SecondTries {
  /** `attempt` answers whether the matter is settled. It does not throw. */
  readonly later: (attempt: () => Promise<boolean>) => void;
  /** Nothing begins any more. */
  readonly close: () => void;
}

/** After how long, each from the one before: the last is a quarter of an hour after the first. */
const pausesMillis: readonly number[] = [1_000, 5_000, 30_000, 120_000, 750_000];
/** An issuer that is down while many tasks end is not asked about more than these. */
const waitingMax = 1_000;

export function createSecondTries(): SecondTries {
  const timers = new Set<NodeJS.Timeout>();
  let closed = false;

  function wait(attempt: () => Promise<boolean>, tries: number): void {
    const pause = pausesMillis[tries];
    if (closed || pause === undefined || timers.size >= waitingMax) return;
    const timer = setTimeout(async () => {
      timers.delete(timer);
      if (!(await attempt())) wait(attempt, tries + 1);
    }, pause);
    timers.add(timer.unref());
  }

  return {
    later: attempt => wait(attempt, 0),
    close: () => {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
