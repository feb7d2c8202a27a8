import type { Instant } from '@sallyport/core/model/ids.ts';
import type { Signal } from '@sallyport/core/model/risk.ts';

/** What was noticed about one task, beside what its agent usually does in such tasks. */
export interface FindingView {
  readonly task: string;
  readonly agent: string;
  readonly kind: string;
  /** 0 to 100: of the action that scored highest, and `decision` is the one about it. */
  readonly score: number;
  readonly decision: string;
  readonly firstAt: Instant;
  readonly at: Instant;
  /** How many actions something was noticed about. */
  readonly actions: number;
  /** Each signal once, as it was last given. */
  readonly signals: readonly Signal[];
}
