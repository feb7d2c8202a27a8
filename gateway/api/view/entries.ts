import type { Answer } from '@sallyport/core/model/decision.ts';
import type { Entry, EntryKind } from '@sallyport/core/model/entry.ts';

export interface EntriesQuery {
  /** Entries with a greater `seq`, oldest first. Without it: the newest. */
  readonly after: number | undefined;
  readonly limit: number;
  readonly kinds: readonly EntryKind[] | undefined;
  readonly agent: string | undefined;
  readonly task: string | undefined;
  /** `server/name`, or `server/*`. */
  readonly tool: string | undefined;
  readonly answer: Answer | undefined;
}

export interface EntriesPage {
  /** Oldest first. */
  readonly entries: readonly Entry[];
  /** `seq` of the newest entry there is, −1 if none: what `after` has to be to see only what comes next. */
  readonly newest: number;
}
