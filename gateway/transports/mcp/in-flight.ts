import { PassingMap } from '@sallyport/core/model/passing-map.ts';
import { invalidRequest, type Malformed } from './malformed.ts';

/**
 * Requests under way on one connection or session, by the JSON text of their id. Two with one id could not be told
 * apart, neither by a cancellation nor by whoever reads the answers (CVE-2026-25536), so the second is refused.
 */
export class InFlight {
  readonly #controllers = new PassingMap<string, AbortController>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#controllers.size;
  }

  begin(id: string): AbortController | 'taken' | 'full' {
    if (this.#controllers.has(id)) return 'taken';
    if (this.#controllers.size >= this.#max) return 'full';
    const controller = new AbortController();
    this.#controllers.set(id, controller);
    return controller;
  }

  end(id: string): void {
    this.#controllers.delete(id);
  }

  /** A request that is not (or no longer) under way is nothing to cancel. */
  cancel(id: string): void {
    this.#controllers.get(id)?.abort();
  }

  abortAll(): void {
    for (const controller of this.#controllers.values()) controller.abort();
  }
}

export const inFlightFault: Malformed = invalidRequest('id', 'belongs to a request that is still under way');
