import { Cancellation } from '@sallyport/core/model/call-signal.ts';
import { PassingMap } from '@sallyport/core/model/passing-map.ts';
import { invalidRequest, type Malformed } from './wire/malformed.ts';

/**
 * Requests under way on one connection or session, by the JSON text of their id. Two with one id could not be told
 * apart, neither by a cancellation nor by whoever reads the answers (CVE-2026-25536), so the second is refused.
 */
export class InFlight {
  readonly #cancellations = new PassingMap<string, Cancellation>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#cancellations.size;
  }

  begin(id: string): Cancellation | 'taken' | 'full' {
    if (this.#cancellations.has(id)) return 'taken';
    if (this.#cancellations.size >= this.#max) return 'full';
    const cancellation = new Cancellation();
    this.#cancellations.set(id, cancellation);
    return cancellation;
  }

  end(id: string): void {
    this.#cancellations.delete(id);
  }

  /** A request that is not (or no longer) under way is nothing to cancel. */
  cancel(id: string): void {
    this.#cancellations.get(id)?.abort();
  }

  abortAll(): void {
    for (const cancellation of this.#cancellations.values()) cancellation.abort();
  }
}

export const inFlightFault: Malformed = invalidRequest('id', 'belongs to a request that is still under way');
