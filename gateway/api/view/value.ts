import type { Backing, Role } from '@sallyport/core/model/way.ts';

/**
 * One value of a call that decides something, and where it came from. `value` is what an agent sent, and `path` what a server named:
 * nothing of either is ever shown as words of the gateway's.
 */
export interface ValueView {
  /** `recipients[0]`, `body (link)`. */
  readonly argument: string;
  readonly role: Role;
  readonly backing: Backing;
  /** At most `valueCharsMax` of it, with nothing hidden in it; absent where the arguments are gone. */
  readonly value?: string;
  /** How much longer it is. */
  readonly charsLeft?: number;
  /** Where it comes from, as a sentence of ours that follows the value: it names a tool and the principal, and nothing else. */
  readonly text: string;
  /** The outcome that brought it, and where in it; absent where it was found nowhere. */
  readonly entry?: string;
  readonly path?: string;
  /** With this value alone the call would have been stopped as it was; absent where nobody knows any more. */
  readonly decides?: boolean;
}

export const valueCharsMax = 80;
