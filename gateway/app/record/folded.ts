import { type Behaviour, emptyBehaviour } from '@sallyport/core/behaviour/behaviour.ts';
import { applyBehaviour } from '@sallyport/core/behaviour/fold.ts';
import type { Entry } from '@sallyport/core/model/entry.ts';
import type { TaskId } from '@sallyport/core/model/ids.ts';
import { applyEntry } from '@sallyport/core/task/fold.ts';
import { emptyState, type State } from '@sallyport/core/task/state.ts';
import type { OpenJournal } from '../../journal/open-journal.ts';
import type { Fold } from '../../journal/settled-snapshot.ts';
import type { Folded } from '../../journal/snapshot.ts';
import { pack, unpack } from './pack.ts';

/** Everything that is a fold over the journal's entries, as it is after the first `size` of them. */
export interface FoldedEntries {
  readonly size: number;
  readonly state: State;
  readonly behaviour: Behaviour;
  /** The entries that opened the tasks that are open: what their purposes are is sealed with those. */
  readonly openings: Map<TaskId, number>;
}

const foldMillisMax = 8_000;

/** What the journal's snapshot holds; nothing, after no entry, where there is none to go on from. */
export function foldedBefore(found: Folded | undefined): FoldedEntries {
  if (found === undefined) return { size: 0, state: emptyState(), behaviour: emptyBehaviour(), openings: new Map() };
  return { size: found.size, ...(unpack(found.value) as Omit<FoldedEntries, 'size'>) };
}

/** All but `state`, which whoever rebuilds moves. */
export function foldBeside({ behaviour, openings }: FoldedEntries, entry: Entry): void {
  applyBehaviour(behaviour, entry, entry.at);
  if (entry.kind === 'task.opened') openings.set(entry.task, entry.seq);
  if (entry.kind === 'task.ended') openings.delete(entry.task);
}

/**
 * What all entries make, for the journal's next snapshot. It is folded from the entries and not taken from the state in
 * use, which also holds what is no entry's: the words of purposes, which stand in the record sealed. Throws where it would
 * take longer than a stop may.
 */
export async function foldWhole(log: Pick<OpenJournal, 'folded' | 'entryLists'>): Promise<unknown> {
  const before = log.folded();
  const fold = foldFrom(before);
  const until = performance.now() + foldMillisMax;
  for await (const { entries } of log.entryLists(before?.size)) {
    if (performance.now() > until) throw new Error('folding took too long');
    for (const entry of entries) fold.take(entry);
  }
  return fold.made();
}

/** Goes on from what an earlier snapshot holds. */
export function foldFrom(before: Folded | undefined): Fold {
  const folded = foldedBefore(before);
  const { state, behaviour, openings } = folded;
  return {
    take: entry => {
      applyEntry(state, entry);
      foldBeside(folded, entry);
    },
    made: () => {
      // Some end with another's end, and have no entry of it.
      for (const task of openings.keys()) if (isOver(state, task)) openings.delete(task);
      return pack({ state, behaviour, openings });
    },
  };
}

function isOver({ tasks }: State, task: TaskId): boolean {
  return (tasks.get(task)?.task.state.kind ?? 'ended') === 'ended';
}
