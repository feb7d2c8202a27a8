import type { EntryId } from '../../model/ids.ts';
import type { Label, LabelSource } from '../../model/label.ts';
import type { Way } from '../../model/way.ts';
import type { Sink } from '../call/sinks.ts';
import { isReadable } from './readable.ts';

interface Source {
  readonly entry: EntryId;
  readonly hidden?: readonly LabelSource[] | undefined;
}

const nothing: readonly LabelSource[] = [];

/**
 * The results of one task whose words its agent has not seen. Its labels do not hold what they are marked with, so a call that
 * rests on a number or an id of one of them is decided with those labels: that one call, and not the whole task.
 */
export class Unseen {
  readonly #byEntry = new Map<EntryId, readonly LabelSource[]>();
  /** Of results that are forgotten: what came from them is not found any more, so anything may have. */
  readonly #forgotten = new Map<Label, LabelSource>();

  add({ entry, hidden }: Source): void {
    if (hidden !== undefined && hidden.length > 0) this.#byEntry.set(entry, hidden);
  }

  forget({ entry, hidden }: Source): void {
    if (hidden === undefined) return;
    this.#byEntry.delete(entry);
    for (const source of hidden) this.#forgotten.set(source.label, source);
  }

  inheritFrom(other: Unseen): void {
    for (const [entry, hidden] of other.#byEntry) this.#byEntry.set(entry, hidden);
    for (const [label, source] of other.#forgotten) this.#forgotten.set(label, source);
  }

  /**
   * What a call with these values carries: the labels of the results in which one of them stands that nobody is behind, and
   * of all where one was found nowhere that could have been reckoned from what was readable.
   */
  carriedBy(sinks: readonly Sink[], ways: readonly Way[], all: boolean): readonly LabelSource[] {
    if (this.#byEntry.size === 0 && this.#forgotten.size === 0) return nothing;
    const carried = [...this.#forgotten.values()];
    if (this.#byEntry.size === 0) return carried;
    for (const [index, { role, backing, found }] of ways.entries()) {
      if (role === 'plain' || role === 'content' || backing === 'principal') continue;
      for (const { entry } of found) carried.push(...(this.#byEntry.get(entry) ?? []));
      if (backing === 'nobody' && isReadable(sinks[index]?.folded ?? '')) all = false;
    }
    return all ? carried : [...carried, ...[...this.#byEntry.values()].flat()];
  }
}
