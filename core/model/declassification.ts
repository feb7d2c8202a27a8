import type { EntryId, Instant } from './ids.ts';
import type { Label } from './label.ts';
import { type Sensitivity, sensitivityRank } from './sensitivity.ts';

/**
 * What a person lowers for the rest of one task: all that it has read so far, what one outcome brought, or one value by the
 * keyed digest of its letters and digits.
 */
export type Declassified =
  | { readonly kind: 'task' }
  | { readonly kind: 'entry'; readonly entry: EntryId }
  | { readonly kind: 'value'; readonly digest: string };

/**
 * Recorded beside the labels, which stay: what the task writes somewhere, hands on or leaves to a successor is marked as before,
 * and with the task's end it is undone.
 */
export interface Declassification {
  readonly entry: EntryId;
  readonly what: Declassified;
  /** How sensitive it counts as from now on. */
  readonly to: Sensitivity;
  /** Of `task`: the labels that do not count. One that comes again, with whatever is read later, counts again. */
  readonly lowers: readonly Label[];
  readonly by: string;
  readonly why: string;
  readonly at: Instant;
}

/** What a task has read, as decisions see it. */
export function countingLabels(
  labels: ReadonlySet<Label>,
  declassified: readonly Declassification[] = [],
): ReadonlySet<Label> {
  const lowered = declassified.filter(({ lowers }) => lowers.some(label => labels.has(label)));
  if (lowered.length === 0) return labels;
  const gone = new Set(lowered.flatMap(({ lowers }) => lowers));
  return new Set<Label>([...[...labels].filter(label => !gone.has(label)), ...lowered.map(({ to }) => to)]);
}

/** What a declassification of all that is lowered to `to`: more sensitive, of unknown sensitivity, or for some readers alone. */
export function loweredBy(labels: Iterable<Label>, to: Sensitivity): Label[] {
  return [...labels].filter(label => {
    if (label === 'unlabelled' || label.startsWith('readers:')) return true;
    return isSensitivity(label) && sensitivityRank(label) > sensitivityRank(to);
  });
}

function isSensitivity(label: Label): label is Sensitivity {
  return sensitivityRank(label as Sensitivity) >= 0;
}

/** More was read with these labels: nobody has said of it that it may be lowered. */
export function raisedAgain(
  declassified: readonly Declassification[],
  labels: readonly Label[],
): readonly Declassification[] {
  if (!declassified.some(({ lowers }) => lowers.some(label => labels.includes(label)))) return declassified;
  return declassified.map(one => ({ ...one, lowers: one.lowers.filter(label => !labels.includes(label)) }));
}
