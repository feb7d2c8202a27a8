import type { Answer } from './decision.ts';
import type { EntryKind } from './entry.ts';

/** Which entries of the record, and how many at most. */
export interface EntriesQuery {
  /** Entries with a greater `seq`, oldest first. Without it: the newest. */
  readonly after: number | undefined;
  readonly limit: number;
  /** Only entries of this instant or later, and only those before that one. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly kinds: readonly EntryKind[] | undefined;
  readonly agent: string | undefined;
  readonly task: string | undefined;
  /** `server/name`, or `server/*`. */
  readonly tool: string | undefined;
  readonly answer: Answer | undefined;
}
