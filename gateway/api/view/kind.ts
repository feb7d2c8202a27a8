import type { Learned } from '@sallyport/core/task/learned.ts';

/** A kind of task, and where the manifest of the next task of it comes from. */
export interface KindView {
  readonly name: string;
  readonly about: string;
  /** Absent: the kind does not say. */
  readonly tools?: readonly string[];
  /** Whether a task without other tools gets those that were learned. */
  readonly learns: boolean;
  /** What is learned of tasks opened from then on; absent: of all. */
  readonly learnsSince?: number;
  /** What tasks of it did before, by agent. Shown whether it is used or not. */
  readonly learned: readonly Learned[];
}
