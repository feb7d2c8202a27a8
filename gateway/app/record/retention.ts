import type { Journal } from '@sallyport/core/mediate/ports.ts';
import type { Instant, NewId } from '@sallyport/core/model/ids.ts';
import type { OpenJournal } from '../../journal/open-journal.ts';
import type { Log } from '../host/log.ts';

export interface RetentionPorts {
  readonly log: Pick<OpenJournal, 'prune'>;
  readonly journal: Pick<Journal, 'append'>;
  readonly newId: NewId;
  readonly now: () => Instant;
  readonly bodyDaysMax: number | undefined;
  readonly warn: Log;
}

const dayMillis = 24 * 3_600_000;
const sweepMillis = 3_600_000;

/** Removes what is kept longer than it may be, now and every hour. Returns how to stop it. */
export function keepRetention(ports: RetentionPorts): () => void {
  const { bodyDaysMax } = ports;
  if (bodyDaysMax === undefined) return () => {};
  const look = (): void =>
    void sweep(ports, bodyDaysMax).catch((thrown: unknown) => {
      ports.warn('warn', 'old bodies could not be removed; it is tried again in an hour', { why: String(thrown) });
    });
  look();
  const timer = setInterval(look, sweepMillis);
  timer.unref();
  return () => clearInterval(timer);
}

async function sweep({ log, journal, newId, now }: RetentionPorts, days: number): Promise<void> {
  const before = now() - days * dayMillis;
  const removed = await log.prune(before);
  if (removed === 0) return;
  const why = `bodies are kept for ${days} days`;
  journal.append({ kind: 'erased', id: newId('e'), before, by: 'gateway', why });
}
