import type { Instant } from '../model/ids.ts';
import type { EnvironmentFacts } from './engine.ts';

/** What a clock on the wall of the house shows at this instant, as the instant at which a clock of UTC shows the same. */
export type WallClock = (at: Instant) => Instant;

/** The facts of this moment. `local`: what the clock on the wall shows; left out, that of UTC. */
export function environmentAt(now: Instant, local: Instant = now): EnvironmentFacts {
  return { now, local, weekday: weekdayOf(local) };
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** The first of January 1970 was a Thursday. */
function weekdayOf(local: Instant): string {
  const days = Math.floor(local / 86_400_000);
  return weekdays[(((days + 4) % 7) + 7) % 7] ?? '';
}
