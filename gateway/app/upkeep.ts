import { now } from './host/ports.ts';
import type { Kept } from './kept.ts';
import { keepRetention } from './record/retention.ts';
import type { Start } from './start.ts';
import type { Work } from './work.ts';

const policyLookMillis = 1_000;
const endingLookMillis = 1_000;

/** What happens without being asked for: policy files are looked at, bodies go when their time is over, and tasks end. */
export function keepUp(start: Start & Kept & Work, opened: AsyncDisposableStack): void {
  const { config, newId, log, record, policies, taskRoom } = start;
  const looking = setInterval(() => void policies.look().catch(() => undefined), policyLookMillis);
  opened.defer(() => clearInterval(looking));
  const { journal } = record;
  opened.defer(keepRetention({ log: record.log, journal, newId, now, bodyDaysMax: config.bodyDaysMax, warn: log }));
  const ending = setInterval(() => void taskRoom.endOverdue().catch(() => undefined), endingLookMillis);
  opened.defer(() => clearInterval(ending));
}
