import type { Entry } from '@sallyport/core/model/entry.ts';

export interface EntriesPage {
  /** Oldest first. */
  readonly entries: readonly Entry[];
  /** `seq` of the newest entry there is, −1 if none: what `after` has to be to see only what comes next. */
  readonly newest: number;
}
