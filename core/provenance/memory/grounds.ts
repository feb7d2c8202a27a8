import type { Endorsement, Reach } from '../../model/endorsement.ts';
import type { Instant } from '../../model/ids.ts';
import type { Tool } from '../../model/tool.ts';
import type { Purpose } from '../../purpose/read-purpose.ts';
import type { TaskMemory } from './memory.ts';

/** How much may still be looked through for one call, in all of its values together. */
export interface Search {
  /** Characters in which lines of copies are looked for, counted anew for each line. Where they are not enough, one may be missing. */
  charsLeft: number;
}

export function newSearch(): Search {
  return { charsLeft: 64_000_000 };
}

/** What a value may rest on besides the task's memory. */
export interface Grounds {
  readonly memory: TaskMemory;
  readonly search: Search;
  readonly tool: Tool;
  readonly endorsements: readonly Endorsement[];
  /** How grave the action is that the value is for. */
  readonly reach: Reach;
  /** It does more than read. */
  readonly changes: boolean;
  /** When the task was opened: a date without a year is one near it. */
  readonly openedAt: Instant;
  readonly digest: (text: string) => string;
  /** What the principal asks for, and whether they hand over to a source. */
  readonly purpose: Purpose;
  /** Digests of names that the agent used while nothing of others was read. */
  readonly own?: ReadonlySet<string>;
  /** Digests of values that stood in a text alone when the agent would have written them somewhere. */
  readonly kept?: Pick<ReadonlySet<string>, 'has'>;
}
