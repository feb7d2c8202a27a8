import type { EntryId, Instant } from './ids.ts';
import type { Label, LabelSource } from './label.ts';
import { isReadersLabel, nobody } from './readers-label.ts';
import { type Sensitivity, sensitivityRank } from './sensitivity.ts';

/**
 * What a person or a policy lowers for the rest of one task: all that it has read so far, what one outcome brought, or one value by
 * the keyed digest of its letters and digits.
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
  /** Labels of which it lowered the last that brought them. One that comes again, with whatever is read later, counts again. */
  readonly lowers: readonly Label[];
  /** A person's name as their proof gives it, or `policy:<id>`. */
  readonly by: string;
  readonly why: string;
  readonly at: Instant;
}

/** What brought one label to a task and was not lowered since. A label is a join over records: it counts while one of them is left. */
export interface Bringing {
  readonly by: readonly EntryId[];
  /** More than are told apart, or what was read before the task began: it is lowered with all that was read, or not at all. */
  readonly more: boolean;
  /** What all that was lowered of it counts as; absent: nothing was. */
  readonly lowered?: Sensitivity;
}

/** Of each label that can be lowered. */
export type Bringings = ReadonlyMap<Label, Bringing>;

/** Records of one label that are told apart. */
export const bringersMax = 64;

const nothing: Bringings = new Map();

/** Whatever is read counts, however often its like was lowered. `apart`: false where these sources stand for others as well. */
export function broughtMore(all: Bringings = nothing, sources: readonly LabelSource[], apart = true): Bringings {
  let next: Map<Label, Bringing> | undefined;
  for (const { label, entry } of sources)
    for (const name of standsAs(label, next ?? all)) {
      const { by, more, lowered } = (next ?? all).get(name) ?? { by: [], more: false };
      if (more || by.includes(entry)) continue;
      next ??= new Map(all);
      const left = apart && by.length < bringersMax ? { by: [...by, entry], more } : { by: [], more: true };
      next.set(name, lowered === undefined ? left : { ...left, lowered });
    }
  return next ?? all;
}

/** Who may be seen by some comes under nobody's where the task has that label: it stands for all of its kind. */
function standsAs(label: Label, all: Bringings): readonly Label[] {
  if (isReadersLabel(label)) return all.has(nobody) ? [label, nobody] : [label];
  return label === 'unlabelled' || isSensitivity(label) ? [label] : [];
}

/** What is left once this is lowered, and of which labels nothing is. */
export function lessBrought(
  all: Bringings = nothing,
  labels: Iterable<Label>,
  { what, to }: Pick<Declassification, 'what' | 'to'>,
): { readonly left: Bringings; readonly lowers: readonly Label[] } {
  if (what.kind === 'value') return { left: all, lowers: [] };
  const next = new Map(all);
  const lowers: Label[] = [];
  for (const label of labelsAbove(labels, to)) {
    const { by, more, lowered } = all.get(label) ?? { by: [], more: true };
    if (what.kind === 'entry' && !by.includes(what.entry)) continue;
    const left = what.kind === 'entry' ? by.filter(entry => entry !== what.entry) : [];
    const isMore = what.kind === 'entry' && more;
    next.set(label, { by: left, more: isMore, lowered: higher(lowered, to) });
    if (left.length === 0 && !isMore) lowers.push(label);
  }
  return { left: next, lowers };
}

/** What a task has read, as decisions see it. */
export function countingLabels({
  labels,
  brought,
}: {
  readonly labels: ReadonlySet<Label>;
  readonly brought?: Bringings | undefined;
}): ReadonlySet<Label> {
  if (brought === undefined) return labels;
  let gone: Map<Label, Sensitivity> | undefined;
  for (const [label, { by, more, lowered }] of brought)
    if (lowered !== undefined && by.length === 0 && !more && labels.has(label))
      gone = (gone ?? new Map<Label, Sensitivity>()).set(label, lowered);
  if (gone === undefined) return labels;
  return new Set<Label>([...[...labels].filter(label => !gone?.has(label)), ...gone.values()]);
}

/** More sensitive than this, of unknown sensitivity, or for some readers alone. */
export function labelsAbove(labels: Iterable<Label>, to: Sensitivity): Label[] {
  return [...labels].filter(label => {
    if (label === 'unlabelled' || isReadersLabel(label)) return true;
    return isSensitivity(label) && sensitivityRank(label) > sensitivityRank(to);
  });
}

function higher(one: Sensitivity | undefined, other: Sensitivity): Sensitivity {
  return one !== undefined && sensitivityRank(one) > sensitivityRank(other) ? one : other;
}

function isSensitivity(label: Label): label is Sensitivity {
  return sensitivityRank(label as Sensitivity) >= 0;
}
