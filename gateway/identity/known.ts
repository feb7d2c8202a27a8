import type { KeySet } from '@sallyport/core/identity/key-set.ts';
import type { Instant } from '@sallyport/core/model/ids.ts';

/** What a token said when it was last verified. That it was revoked, or its agent killed, is asked at every call. */
export interface Known<T> {
  readonly value: T;
  readonly expiresAt: Instant;
  /** The very keys that it was verified with: once the issuer publishes others, it is verified again. */
  readonly keys: KeySet;
}

const knownTokensMax = 10_000;

/** Verified tokens by their exact text, which has one spelling (core/identity/jws.ts). The oldest make room. */
export class KnownTokens<T> {
  readonly #byText = new Map<string, Known<T>>();

  get(text: string): Known<T> | undefined {
    return this.#byText.get(text);
  }

  set(text: string, known: Known<T>): void {
    if (this.#byText.size >= knownTokensMax) {
      const [oldest] = this.#byText.keys();
      if (oldest !== undefined) this.#byText.delete(oldest);
    }
    this.#byText.set(text, known);
  }

  delete(text: string): void {
    this.#byText.delete(text);
  }
}
