import type { ApprovalId, EntryId, Instant, OutcomeId } from './ids.ts';
import type { ActionClass } from './tool.ts';

/**
 * What a person (or a policy) stands behind for the rest of one task, so that the same question is not asked twice and a
 * source that the principal delegates to costs one question, not ten. Nothing is named by its value: digests are keyed
 * (`Digest`), so that the journal holds no personal data and nobody can find a value by trying.
 */
export type Endorsed =
  /** One value, wherever it stands in a call: the digest of its folded text. */
  | { readonly kind: 'value'; readonly digest: string }
  /** One tool, whatever its arguments. */
  | { readonly kind: 'tool'; readonly server: string; readonly tool: string }
  /** What one reading action returns, however often: `digest` is that action's own. What is grave never rests on it. */
  | { readonly kind: 'source'; readonly server: string; readonly tool: string; readonly digest: string }
  /** What one action returned, but for what it was given. Policies endorse so; what is grave never rests on it. */
  | { readonly kind: 'outcome'; readonly entry: OutcomeId };

/**
 * How grave an action may be and still rest on the endorsement. `changes`: writes that stay inside and can be undone;
 * `outward`: also messages and egress; `grave`: also money, destruction, code and administration.
 */
export type Reach = 'changes' | 'outward' | 'grave';

export const reachesSmallestFirst: readonly Reach[] = ['changes', 'outward', 'grave'];

export interface Endorsement {
  readonly entry: EntryId;
  readonly endorsed: Endorsed;
  readonly reach: Reach;
  /** A person's name as the operator's proof gives it, or `policy:<id>`. */
  readonly by: string;
  readonly why: string;
  readonly at: Instant;
  /** Absent: for as long as the task. */
  readonly until?: Instant;
  /** The question it answered, if it answered one. */
  readonly approval?: ApprovalId;
}

/** The smallest reach that covers an action of these classes. A plain read needs none and has the smallest. */
export function reachOf(classes: readonly ActionClass[]): Reach {
  if (classes.some(name => grave.has(name))) return 'grave';
  return classes.some(name => name === 'message' || name === 'egress') ? 'outward' : 'changes';
}

/**
 * What stands behind a whole source in answer to a question: less than the question where that was grave. Whoever agrees to
 * one payment of a letter agrees neither to the next nor to a message that the letter asks for.
 */
export function sourceReachOf(classes: readonly ActionClass[]): Reach {
  const reach = reachOf(classes);
  return reach === 'grave' ? 'changes' : reach;
}

const grave: ReadonlySet<ActionClass> = new Set(['money', 'destructive', 'code', 'admin']);

export function covers(reach: Reach, needed: Reach): boolean {
  return reachesSmallestFirst.indexOf(reach) >= reachesSmallestFirst.indexOf(needed);
}
