import type { Declassification } from '@sallyport/core/model/declassification.ts';
import type { Endorsement } from '@sallyport/core/model/endorsement.ts';
import type { Instant } from '@sallyport/core/model/ids.ts';
import type { LabelSource } from '@sallyport/core/model/label.ts';
import type { Sensitivity } from '@sallyport/core/model/sensitivity.ts';
import type { TaskLimits, Use } from '@sallyport/core/model/task.ts';

export interface TaskView {
  readonly id: string;
  /** `ambient`, `opened`, or the name of a kind that stands beside the policies. */
  readonly kind: string;
  readonly agent: string;
  readonly principal: string;
  readonly opener: string;
  readonly purpose: string;
  /** `killed` and `expired` tasks are still open: they may be unkilled, or ended. */
  readonly state: 'open' | 'killed' | 'suspended' | 'expired' | 'ended';
  readonly suspended?: { readonly at: Instant; readonly by: string; readonly why: string };
  readonly openedAt: Instant;
  readonly endsAt: Instant;
  readonly ended?: { readonly at: Instant; readonly by: string; readonly why: string };
  /** Absent: not stated. Empty: none. */
  readonly tools?: readonly string[];
  readonly resources?: readonly string[];
  readonly destinations?: readonly string[];
  readonly ceiling: Sensitivity;
  /** Absent: it has not acted, and whoever opened it named none. */
  readonly segments?: readonly string[];
  /** Absent: every server. */
  readonly audience?: readonly string[];
  /** The task that delegated to it, and how many there are above it. */
  readonly parent?: string;
  readonly depth: number;
  /** What it hangs on outside: `connection`, `job:NAMESPACE/NAME`, … */
  readonly endsWith?: string;
  readonly limits: TaskLimits;
  readonly used: Use;
  /** Set aside for calls in flight. */
  readonly reserved: Use;
  /** The first source of each label. */
  readonly labels: readonly LabelSource[];
  /** What of them does not count for its decisions; absent: all of them do. */
  readonly declassified?: readonly Declassification[];
  /** What a person or a policy stands behind in it; absent: nothing. */
  readonly endorsed?: readonly Endorsement[];
}
